"""docs/operations.md knows every metric and every invariant, and no other."""

import re
from pathlib import Path

from app import measures
from app.search.candidates import Candidates
from app.services.invariants.examining import Scope, invariants
from app.services.measuring import Census, measure
from app.store.database import Database

PAGE = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_metric_is_explained(database: Database) -> None:
    text = measures.exposition(measure(database, Candidates(), Census())).decode()
    there = set(re.findall(r"(?m)^# TYPE (genebank_\w+) ", text))
    there = {name for name in there if not name.endswith("_created")}
    explained = set(re.findall(r"`(genebank_[a-z_]+)`", PAGE))
    assert there == explained


def test_every_invariant_is_on_the_page() -> None:
    for one in invariants(Scope(Candidates()), []):
        [line] = [line for line in PAGE.splitlines() if line.startswith(f"| {one.name}")]
        assert one.mend is None or line.rstrip(" |").count("|") == 2, "says how it is mended"
