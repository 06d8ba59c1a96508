"""The work of an encoding process: check the encoder, embed the texts, send the rows."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import SetupError
from app.services.encoders import encoder_digest, encoder_files
from workers import frames
from workers.confinement import confine
from workers.encoders.assignment import Encoding

if TYPE_CHECKING:
    from workers.encoders.sentence import SentenceEncoder

# At 65,536 float32 numbers a row, twelve megabytes as base64.
ROWS_PER_FRAME = 32


def encode(encoding: Encoding, send: Callable[[frames.Frame], None]) -> None:
    """See one assignment through.

    Raises SetupError `encoder_changed`, `unsupported_encoder`, `encoder_unreadable`,
    `extract_missing` or `cannot_confine`.
    """
    began = time.monotonic()
    confinement = confine(required=encoding.confinement_required)
    private = Path(encoding.private)
    _lay_out(Path(encoding.directory), private)
    if encoder_digest(private) != encoding.digest:
        raise SetupError(
            "encoder_changed",
            f"The files of the encoder {Path(encoding.directory).name!r} are not those of the "
            "protocol: restore them, or make a protocol for the new ones under another name.",
        )
    encoder = _load(private)
    rows = encoder.embed(list(encoding.texts))
    for start in range(0, len(rows), ROWS_PER_FRAME):
        some = rows[start : start + ROWS_PER_FRAME].astype("<f4")
        send(frames.Embeddings(start=start, width=rows.shape[1], rows=some.tobytes()))
    send(
        frames.Done(
            environment={**encoder.describe(), "confinement": confinement},
            seconds={"embed": time.monotonic() - began},
        )
    )


def _lay_out(directory: Path, private: Path) -> None:
    """Link the files that count into a folder of their own, so that no other is ever read."""
    for name in encoder_files(directory):
        (private / name).parent.mkdir(parents=True, exist_ok=True)
        (private / name).symlink_to((directory / name).resolve())


def _load(directory: Path) -> "SentenceEncoder":
    try:
        from workers.encoders.sentence import SentenceEncoder
    except ModuleNotFoundError as error:
        raise SetupError(
            "extract_missing",
            f"Sentence encoders need {error.name}: pip install 'genebank[extract]'.",
        ) from error

    return SentenceEncoder(directory)
