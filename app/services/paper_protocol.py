"""Use case: the paper's protocol is made for an encoder that lies among the operator's."""

from dataclasses import replace
from pathlib import Path

from app.dna.paper import text_dna_concat_v1, usual_reduction
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, Settings
from app.services.encoders import encoder_digest, find_encoder


def paper_protocol(
    encoder_at: tuple[Path, str],
    probe_set: ProbeSet,
    generation: Settings,
    *,
    reduction: str | None = None,
    normalise_rows: bool = False,
    name: str | None = None,
) -> Protocol:
    """Make `text-dna-concat-v1` for an encoder, (folder of encoders, name), as its files are now.

    Without a `reduction` the paper's own choice for the encoder is taken. Reads all files of the
    encoder. Raises NotFoundError `no_such_encoder`, SetupError `unsupported_encoder`, InputError
    `bad_reduction`.
    """
    encoders_dir, encoder = encoder_at
    protocol = text_dna_concat_v1(
        probe_set,
        encoder,
        encoder_digest(find_encoder(encoders_dir, encoder)),
        reduction=reduction or usual_reduction(encoder),
        normalise_rows=normalise_rows,
        generation=generation,
    )
    return replace(protocol, name=name) if name else protocol
