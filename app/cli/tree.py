"""`genebank tree`: the tree of some models or of all, drawn as text or written to a file."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from app.cli.console import emit, emit_json, out, say
from app.cli.figures import reference
from app.cli.options import (
    Around,
    AsJson,
    Named,
    Nearest,
    Outgroup,
    ProtocolName,
    Rooting,
    Server,
)
from app.cli.tree_files import form_of, write
from app.errors import InputError

# Branches need not be wider than this to be read, nor can they be much narrower.
WIDEST, NARROWEST = 72, 16


def tree(  # noqa: PLR0913  one parameter an option
    names: Named = None,
    around: Around = None,
    k: Nearest = 50,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="BASE", help="All that descend from it, as they say."),
    ] = None,
    protocol: ProtocolName = None,
    rooting: Rooting = "midpoint",
    outgroup: Outgroup = None,
    method: Annotated[
        str, typer.Option("--method", metavar="HOW", help="neighbour_joining or balanced.")
    ] = "neighbour_joining",
    distance: Annotated[
        str | None,
        typer.Option(
            "--distance",
            metavar="KIND",
            help="angular, or log_rank (of answers).",
            show_default="what fits the protocol best",
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            min=0,
            max=1000,
            help="For support; 0 leaves it out.",
            show_default="100, or 25 around a model",
        ),
    ] = None,
    collapse: Annotated[
        float, typer.Option("--collapse", min=0, max=1, help="Collapse branches of less support.")
    ] = 0.0,
    dated: Annotated[
        bool, typer.Option("--dated", help="Date all nodes by the release dates of models.")
    ] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORM",
            help="newick, nexus, phyloxml, nexml, auspice, splits, json, svg or png.",
            show_default="the file's ending",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option("--layout", metavar="HOW", help="rectangular or radial.")
    ] = None,
    theme: Annotated[
        str | None, typer.Option("--theme", metavar="HOW", help="light, dark, or auto (SVG).")
    ] = None,
    width: Annotated[
        int | None, typer.Option("--width", min=400, max=6000, help="Of a picture, in pixels.")
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Draw the tree of all models of one protocol, of those named, of a family, or around one.

    Numbers on branches are their support in percent: docs/trees.md says what it means.

    Examples:
      genebank tree
      genebank tree zephyr-7b-beta mistral-7b-instruct llama-2-7b-chat
      genebank tree --around zephyr-7b-beta -k 20 --output near.svg --layout radial
      genebank tree --rooting date --dated --output models.nex
    """
    from app.cli.client import connect

    if names is not None and len(names) == 1:
        raise InputError(
            "bad_usage", f"One model is no tree: name others, or say --around {names[0]}."
        )
    if as_json and (form or output):
        raise InputError("bad_usage", "Say --json, or --format and --output, not both.")
    wanted = form_of(form, output)
    with connect(server) as client:
        answer = client.get(
            "/v1/tree",
            protocol=protocol,
            model=names,
            around=around,
            k=k if around else None,
            family=family,
            rooting="outgroup" if outgroup else rooting,
            outgroup=outgroup,
            method=method,
            distance=distance,
            replicates=replicates,
            collapse=collapse or None,
            dated=dated or None,
            format=wanted,
            layout=layout,
            theme=theme,
            width=width,
        )
    if output is not None:
        write(output, answer.content)
    elif as_json:
        emit_json(answer.text)
    elif form:
        emit(answer.text)
    else:
        _draw(answer.data)


def _draw(data: dict[str, Any]) -> None:
    from app.phylo.drawing import draw_text
    from app.phylo.formats.newick import read

    drawn = read(data["newick"])
    notes = _notes(data["tips"])
    room = max(cell_len(name) + cell_len(notes.get(name, "")) for name in drawn.labels) + 4
    width = min(WIDEST, max(NARROWEST, out().width - room))
    say(_how(data))
    emit(draw_text(drawn, lambda name: notes.get(name, ""), width))


def _how(data: dict[str, Any]) -> str:
    """How the tree was made, in a line, and a second where dates were asked for."""
    rooting, support, standing = data["rooting"], data["support"], data["standing"]
    parts = [
        f"{data['n_tips']:,} models under {data['protocol']['name']}, {reference(data)}",
        f"{data['method'].replace('_', ' ')}, {rooting['method'].replace('_', ' ')} root",
        f"support in %, {support['replicates']} replicates"
        if support["replicates"]
        else "no support",
    ]
    if standing:
        grown = f"grown {standing['grown_at'][:10]}, {standing['n_placed']:,} placed since"
        stale = ", stale" if standing["stale"] else ""
        parts.append(f"standing tree {standing['version']}{stale}, {grown}")
    dating = data["dating"]
    return "; ".join(parts) + (f"\n{dating['verdict']}: {dating['detail']}" if dating else "")


def _notes(tips: list[dict[str, Any]]) -> dict[str, str]:
    """What to say beside a name; nothing where a name means two tips."""
    seen = Counter(tip["model"]["name"] for tip in tips)
    return {
        tip["model"]["name"]: note
        for tip in tips
        if seen[tip["model"]["name"]] == 1 and (note := _note(tip))
    }


def _note(tip: dict[str, Any]) -> str:
    copies = [f"= {', '.join(copy['name'] for copy in tip['copies'])}"] if tip["copies"] else []
    return " ".join([*copies, *(["(placed)"] if tip["placed"] else [])])
