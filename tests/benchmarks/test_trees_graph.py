"""What is measured of graphs: shares of true edges, with and without a direction."""

from benchmarks.trees_graph import genealogy_of, measured
from tests.genealogy import FAMILY, RELEASED
from tests.lineage.planted import NAMES, derived

PARENTS = FAMILY | {name: () for name in NAMES if name not in FAMILY}
GENEALOGY = genealogy_of(PARENTS, {name: RELEASED.get(name, "") for name in PARENTS})


def test_dates_find_everything() -> None:
    assert measured(GENEALOGY, derived()) == {
        "parents_recall": 1.0,
        "parents_precision": 1.0,
        "parents_joined": 1.0,
        "merges": 1.0,
        "founders": 1.0,
    }


def test_without_dates_little_is_said_and_much_is_joined() -> None:
    found = measured(GENEALOGY, derived({}))
    assert found["parents_precision"] == 1.0
    assert found["parents_recall"] < 0.5 < found["parents_joined"]
    assert found["merges"] == 0.0
