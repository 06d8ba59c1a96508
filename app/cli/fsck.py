"""`genebank fsck`: whether everything holds that must hold in a registry."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import emit_json, out, say, shown, table
from app.cli.options import AsJson

if TYPE_CHECKING:
    from app.services.invariants.outcome import Outcome

FINDINGS = 1
# The index of many millions may have to be built anew.
PATIENCE_S = 3600.0


def fsck(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended without loss.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Read every entry, not a sample of each protocol.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the invariants of a registry; exit code 1 when one does not hold.

    A service may run meanwhile. What was lost cannot be mended: restore a backup.

    Example:
      genebank fsck --repair
    """
    from app.cli.configured import load_settings, open_database
    from app.search.candidates import Candidates
    from app.search.snapshots import Shelf
    from app.services.invariants.examining import Scope, examine
    from app.store import installation, schema

    settings = load_settings()
    with open_database(settings) as database:
        schema.check(database)
        # The indexes that servers of this data folder would read from disk are looked at as well.
        shelf = Shelf(settings.data_dir / "index", installation.secret(database, "index"))
        candidates = Candidates(shelf, PATIENCE_S)
        outcomes = list(examine(database, Scope(candidates, everything), repair=repair))
        candidates.close()
    if as_json:
        emit_json(json.dumps({"checks": [asdict(one) for one in outcomes]}, ensure_ascii=False))
    else:
        _show(outcomes)
    if any(one.findings for one in outcomes):
        raise typer.Exit(FINDINGS)


def _show(outcomes: "list[Outcome]") -> None:
    shows = table(["invariant", "state", "detail"])
    for one in outcomes:
        state = shown("broken", "bold red") if one.findings else shown("holds", "green")
        mended = f"{one.mended} mended" if one.mended else ""
        found = f"{one.findings} found" if one.findings else ""
        shows.add_row(
            shown(one.name, "bold"), state, shown(", ".join(filter(None, (found, mended))))
        )
    out().print(shows)
    for one in outcomes:
        for example in one.examples:
            say(f"{one.name}: {example}")
