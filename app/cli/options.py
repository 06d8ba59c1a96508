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

# Of verbs that ask for a tree.
Named = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="The tree of these models only.", show_default=False),
]
Around = Annotated[
    str | None,
    typer.Option(
        "--around", metavar="NAME", help="This model and its nearest.", show_default=False
    ),
]
Nearest = Annotated[int, typer.Option("-k", min=1, max=200, help="So many of the nearest.")]
Rooting = Annotated[
    str,
    typer.Option(
        "--rooting",
        metavar="HOW",
        help="Where the root is put: midpoint, minimum_variance, outgroup or date.",
    ),
]
Outgroup = Annotated[
    list[str] | None,
    typer.Option(
        "--outgroup", metavar="NAME", help="A model beside all others.", show_default=False
    ),
]


def refuse_server(server: str | None, what: str) -> None:
    """InputError `bad_usage` when somebody wants another machine to do `what`."""
    if server:
        raise InputError(
            "bad_usage",
            f"{what} runs beside the database: leave --server and GENEBANK_SERVER out, and set "
            "GENEBANK_DATA_DIR or GENEBANK_DATABASE_URL.",
        )
