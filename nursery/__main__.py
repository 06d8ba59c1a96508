"""`python -m nursery OUT`: raise a nursery, with progress on stderr and results on stdout."""

import json
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from nursery.errors import NurseryError
from nursery.families import Size
from nursery.genealogy import Member
from nursery.rearing import LINEAGE, WORKERS, raise_nursery
from nursery.recipes import plan

COLUMNS = (
    TextColumn("raising {task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
)


def main(
    out: Annotated[Path, typer.Argument(help="An empty folder, or one of the same nursery.")],
    seed: Annotated[int, typer.Option(help="Another seed gives other models.")] = 1,
    size: Annotated[Size, typer.Option(help="16 models of 4 founders, or 36 of 7.")] = "small",
    workers: Annotated[int, typer.Option(min=1, help="Processes at a time.")] = WORKERS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the genealogy as JSON.")] = False,
) -> None:
    """Raise tiny real language models of a known genealogy in OUT."""
    begun = perf_counter()
    try:
        members = _watched(out, seed, size, workers)
    except NurseryError as error:
        typer.secho(f"{error.code}: {error.detail}", fg="red", err=True)
        raise typer.Exit(2) from error
    seconds = round(perf_counter() - begun, 1)
    if as_json:
        models = [asdict(member) | {"path": str(member.path)} for member in members]
        typer.echo(json.dumps({"seed": seed, "size": size, "seconds": seconds, "models": models}))
    else:
        typer.echo(f"{len(members)} models in {seconds} s; their genealogy: {out / LINEAGE}")


def _watched(out: Path, seed: int, size: Size, workers: int) -> list[Member]:
    with Progress(*COLUMNS, console=Console(stderr=True)) as progress:
        bar = progress.add_task("the nursery", total=len(plan(size, seed)))
        return raise_nursery(
            out,
            seed,
            size,
            lambda member: progress.update(bar, advance=1, description=member.name),
            workers,
        )


if __name__ == "__main__":
    typer.run(main)
