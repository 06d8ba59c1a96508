"""`genebank tree`: the tree of some models or of all, drawn as text or written as Newick."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from app.cli.console import emit, emit_json, out, say, visible
from app.cli.figures import reference
from app.cli.options import AsJson, ProtocolName, Server
from app.errors import InputError

# Branches need not be wider than this to be read, nor can they be much narrower.
WIDEST, NARROWEST = 72, 16


def tree(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="These models only.", show_default=False),
    ] = None,
    protocol: ProtocolName = None,
    newick: Annotated[bool, typer.Option("--newick", help="Print Newick.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write Newick to a file."),
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Draw the tree of all models of one protocol, or of the models that are named.

    Examples:
      genebank tree
      genebank tree zephyr-7b-beta mistral-7b-instruct llama-2-7b-chat
      genebank tree --output models.nwk
    """
    from app.cli.client import connect

    if newick and as_json:
        raise InputError("bad_usage", "Say --newick or --json, not both.")
    if names is not None and len(names) == 1:
        raise InputError("bad_usage", "A tree needs two models: name another, or none for all.")
    with connect(server) as client:
        answer = client.get("/v1/tree", protocol=protocol, model=names)
    if output is not None:
        _write(output, answer.data["newick"])
    if as_json:
        emit_json(answer.text)
    elif newick:
        emit(visible(answer.data["newick"].strip()))
    elif output is None:
        _draw(answer.data)


def _write(path: Path, newick: str) -> None:
    try:
        path.write_text(newick.strip() + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            "unwritable_file", f"{path} cannot be written: {error.strerror}."
        ) from error
    say(f"The tree is in {path}.")


def _draw(data: dict[str, Any]) -> None:
    from app.phylo.drawing import draw_text
    from app.phylo.formats.newick import read

    drawn = read(data["newick"])
    notes = _notes(data["tips"])
    room = max(cell_len(name) + cell_len(notes.get(name, "")) for name in drawn.labels) + 4
    width = min(WIDEST, max(NARROWEST, out().width - room))
    say(
        f"{data['n_tips']} models under {data['protocol']['name']}, {reference(data)}; "
        f"{data['method']}, {data['rooting']} rooting"
    )
    emit(draw_text(drawn, lambda name: notes.get(name, ""), width))


def _notes(tips: list[dict[str, Any]]) -> dict[str, str]:
    """What to say beside a name; nothing where a name means two tips."""
    seen = Counter(tip["model"]["name"] for tip in tips)
    return {
        name: "= " + ", ".join(copy["name"] for copy in tip["copies"])
        for tip in tips
        if tip["copies"] and seen[name := tip["model"]["name"]] == 1
    }
