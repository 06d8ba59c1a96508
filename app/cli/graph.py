"""`genebank graph`: who was derived from whom among models, drawn as text or for other programs."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.console import emit, emit_json, out, say, shown, table, visible
from app.cli.figures import reference
from app.cli.graph_drawing import alone, draw_families
from app.cli.options import Around, AsJson, Named, Nearest, ProtocolName, Server
from app.errors import InputError

Form = Literal["json", "dot", "mermaid"]
# By the end of a file's name.
ENDINGS: dict[str, Form] = {
    ".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid",
}  # fmt: skip
# Names of models without relatives are listed up to so many.
MOST_ALONE = 20


def graph(  # noqa: PLR0913  one parameter an option
    names: Named = None,
    around: Around = None,
    k: Nearest = 50,
    protocol: ProtocolName = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Print for other programs.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to a .dot, .mmd or .json file."),
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show who was derived from whom: among all models, those that are named, or one's family.

    Declared bases are drawn as they are declared, with what behaviour says of them; other parents
    are inferred from behaviour, dates and merges.

    Examples:
      genebank graph
      genebank graph --around zephyr-7b-beta
      genebank graph --format dot | dot -Tsvg > graph.svg
      genebank graph --output graph.mmd
    """
    from app.cli.client import connect

    wanted = _form(form, output, as_json=as_json)
    if names and around:
        raise InputError("bad_usage", "Name models or say --around, not both.")
    query = {"model": names or None, "around": around, "k": k if around else None}
    with connect(server) as client:
        answer = client.get("/v1/graph", protocol=protocol, format=wanted, **query)
    if output is not None:
        _write(output, answer.text)
    elif wanted == "json":
        emit_json(answer.text)
    elif wanted is not None:
        emit("\n".join(map(visible, answer.text.splitlines())))
    else:
        _show(answer.data)


def _form(form: Form | None, output: Path | None, *, as_json: bool) -> Form | None:
    if as_json and form not in (None, "json"):
        raise InputError("bad_usage", f"Say --format {form} or --json, not both.")
    if as_json or form is not None or output is None:
        return "json" if as_json else form
    if output.suffix.lower() not in ENDINGS:
        some = ", ".join(ENDINGS)
        raise InputError("bad_usage", f"Say --format, or end the file's name in one of {some}.")
    return ENDINGS[output.suffix.lower()]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            "unwritable_file", f"{path} cannot be written: {error.strerror}."
        ) from error
    say(f"The graph is in {path}.")


def _show(data: dict[str, Any]) -> None:
    say(f"{data['n_models']} models under {data['protocol']['name']}, {reference(data)}")
    for tree in draw_families(data):
        out().print(tree)
        out().print()
    _show_alone(data)
    _show_doubts(data)


def _show_alone(data: dict[str, Any]) -> None:
    others = alone(data)
    for standing, told in (
        ("founder", "No model here is a relative of"),
        ("unplaced", "Nobody knows where these belong:"),
    ):
        found = [one["model"]["name"] for one in others if one["standing"] == standing]
        if found:
            more = f" and {len(found) - MOST_ALONE} more" if len(found) > MOST_ALONE else ""
            out().print(shown(f"{told} {', '.join(found[:MOST_ALONE])}{more}"), soft_wrap=True)


def _show_doubts(data: dict[str, Any]) -> None:
    """What speaks against edges, or is not known of them, an edge a line."""
    doubtful = [edge for edge in data["edges"] if edge["doubt"]]
    if not doubtful:
        return
    shows = table(["model", "and", "", "confidence"])
    for edge in doubtful:
        shows.add_row(
            shown(edge["child"]["name"], "bold"),
            shown(edge["parent"]["name"]),
            shown(edge["doubt"]),
            edge["confidence"],
        )
    out().print()
    out().print(shows)
