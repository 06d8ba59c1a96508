"""`genebank protocol`: how fingerprints are made here."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from app.cli.console import emit, emit_json, out, shown, table, visible
from app.cli.figures import reference
from app.cli.options import AsJson, Server
from app.cli.paper import paper
from app.cli.rank_probes import rank_probes

protocol = typer.Typer(no_args_is_help=True, help="List and show protocols.")


@protocol.command(name="list")
def list_(server: Server = None, as_json: AsJson = False) -> None:
    """List the protocols and how many models have an entry under each.

    Models can be asked the askable ones: `genebank fingerprint --protocol NAME`.

    Example:
      genebank protocol list
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get("/v1/protocols")
    if as_json:
        emit_json(answer.text)
        return
    shows = table(
        [
            "protocol",
            "response",
            "probes",
            "encoder",
            "strand",
            "DNA",
            "askable",
            "entries",
            "reference",
        ],
        numbers=["probes", "DNA", "entries"],
    )
    for row in answer.data["data"]:
        shows.add_row(
            shown(row["name"], "bold"),
            shown(row["response"]),
            shown(row["probe_set"]["n_probes"]),
            shown(_encoder(row)),
            shown(_strand(row)),
            shown(row["dna"]["size"]),
            "yes" if row["askable"] else "no",
            shown(row["entries"]),
            reference(row),
        )
    out().print(shows)


@protocol.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A protocol's name or digest.")],
    probes: Annotated[bool, typer.Option("--probes", help="Print the probes, one a line.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show one protocol, or its probes.

    Examples:
      genebank protocol show likelihood-v1
      genebank protocol show lexical-v1 --probes
    """
    from app.cli.client import connect

    with connect(server) as client:
        answer = client.get(f"/v1/protocols/{quote(name, safe='')}")
    if as_json:
        emit_json(answer.text)
    elif probes:
        emit("\n".join(visible(probe) for probe in answer.data["probes"]))
    else:
        _show(answer.data)


def _show(data: dict[str, Any]) -> None:
    shows = table(["", ""])
    shows.show_header = False
    for key, value in (
        ("name", data["name"]),
        ("digest", data["digest"]),
        ("response", data["response"]),
        ("probe set", f"{data['probe_set']['name']}, {data['probe_set']['n_probes']} probes"),
        ("probe set digest", data["probe_set"]["digest"]),
        ("generation", _settings(data["generation"])),
        ("askable", "yes" if data["askable"] else "no: what was answered is handed in"),
        ("encoder", _encoder(data)),
        ("encoder settings", _settings(data["encoder"]["settings"]) or "none"),
        ("strand", _strand(data)),
        ("DNA", f"{data['dna']['size']} numbers, {data['dna']['projection']} projection"),
        ("entries", data["entries"]),
        ("reference", f"{reference(data)}, {data['reference']['n_models']} models"),
    ):
        shows.add_row(key, shown(value))
    out().print(shows)


def _settings(settings: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in settings.items())


def _encoder(row: dict[str, Any]) -> str:
    return f"{row['encoder']['name']} {row['encoder']['version']}"


def _strand(row: dict[str, Any]) -> str:
    return f"{'x'.join(map(str, row['strand']['shape']))} {row['strand']['dtype']}"


protocol.command()(paper)
protocol.command()(rank_probes)
