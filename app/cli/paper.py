"""`genebank protocol paper`: the LLM DNA paper's protocol, for an encoder that lies here."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.console import emit, say, visible

Reduction = Literal["prefix", "projection", "none"]


def paper(
    encoder: Annotated[
        str, typer.Argument(metavar="ENCODER", help="A sub-folder of GENEBANK_ENCODERS_DIR.")
    ],
    probes: Annotated[
        Path | None,
        typer.Option("--probes", metavar="FILE", help="Prompts, .json; default: core-v1."),
    ] = None,
    reduction: Annotated[
        Reduction | None,
        typer.Option("--reduction", help="Default: as the paper does for this encoder."),
    ] = None,
    normalise_rows: Annotated[
        bool, typer.Option("--normalise-rows", help="Scale the row of each answer to length 1.")
    ] = False,
    max_new_tokens: Annotated[
        int, typer.Option("--max-new-tokens", min=1, max=4096, help="Longest answer.")
    ] = 128,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name the protocol so.", show_default=False),
    ] = None,
) -> None:
    """Make the protocol of the LLM DNA paper, text-dna-concat-v1; works on the registry here.

    Example:
      genebank protocol paper all-MiniLM-L6-v2 --name minilm
    """
    from app.cli.configured import load_settings, open_database
    from app.dna.probes import builtin
    from app.dna.protocol import greedy
    from app.services.paper_protocol import paper_protocol
    from app.services.probe_files import read_probe_set
    from app.store import protocols, schema

    settings = load_settings()
    protocol = paper_protocol(
        (settings.resolved_encoders_dir, encoder),
        builtin("core-v1") if probes is None else read_probe_set(probes),
        greedy(max_new_tokens),
        reduction=reduction,
        normalise_rows=normalise_rows,
        name=name,
    )
    with open_database(settings) as database:
        if database.is_sqlite:
            schema.upgrade(database)
        made = database.transact(partial(protocols.ensure, protocol=protocol))
    emit(f"{visible(made.name)} {made.digest}")
    say("Next: genebank fingerprint MODEL --protocol NAME")
