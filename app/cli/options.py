"""A leaf: the options and arguments that several verbs share."""

from typing import Annotated

import typer

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="GENEBANK_SERVER",
        metavar="URL",
        help="Ask this running service, not the registry in GENEBANK_DATA_DIR.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer of the API as JSON.")]
ProtocolName = Annotated[
    str | None,
    typer.Option("--protocol", metavar="NAME", help="Use this protocol.", show_default=False),
]
ModelName = Annotated[
    str, typer.Argument(metavar="NAME", help="Any unambiguous name, ref or id of a model.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]
