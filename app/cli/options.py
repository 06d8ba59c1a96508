"""A leaf: the options and arguments that several verbs share."""

from typing import Annotated

import typer

from app.errors import InputError

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


def refuse_server(server: str | None, what: str) -> None:
    """InputError `bad_usage` when somebody wants another machine to do `what`."""
    if server:
        raise InputError(
            "bad_usage",
            f"{what} runs beside the database: leave --server and GENEBANK_SERVER out, and set "
            "GENEBANK_DATA_DIR or GENEBANK_DATABASE_URL.",
        )
