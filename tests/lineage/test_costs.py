"""Costs: claims before merges before dates before none, nearer before farther, founders last."""

import numpy as np

from app.lineage.costs import DECLARED, EARLIER, MERGED, UNDIRECTED, likely_earlier, parent_costs
from app.lineage.members import Declared, Evidence
from app.lineage.timeline import Timeline
from tests.lineage.planted import PLACES, declared, evidence, members


def costs(
    *claims: Declared, believed: bool = True, dates: dict[str, str] | None = None
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    known = evidence()
    before = Timeline(members() if dates is None else members(dates), claims).before(known.related)
    made: np.ndarray[tuple[int, int], np.dtype[np.float64]] = parent_costs(
        known, before, dict.fromkeys(claims, believed), {}
    )
    return made


def test_strangers_and_the_later_are_no_parents_and_founders_pay_most() -> None:
    found = costs()
    assert np.isinf(found[PLACES["oak-base"], PLACES["stranger-0"]])
    assert np.isinf(found[PLACES["oak-chat"], PLACES["oak-base"]])
    assert np.isfinite(found[PLACES["oak-base"], PLACES["oak-chat"]])
    inside = np.where(np.isfinite(found[:-1]), found[:-1], 0.0)
    assert (found[-1] > inside.max(axis=0).sum()).all()


def test_the_likely_parent_costs_least() -> None:
    found = costs()
    for child, parent in (("oak-chat-tuned", "oak-chat"), ("oak-chat-q8", "oak-chat")):
        assert found[:, PLACES[child]].argmin() == PLACES[parent]
    assert DECLARED < MERGED - DECLARED < MERGED < EARLIER < UNDIRECTED


def test_without_dates_the_edge_costs_a_coin_more_and_goes_both_ways() -> None:
    dated, undated = costs(), costs(dates={})
    base, chat = PLACES["oak-base"], PLACES["oak-chat"]
    assert np.isfinite(undated[chat, base])
    assert undated[base, chat] - dated[base, chat] <= np.log(2) + 1e-9


def test_a_pair_that_is_declared_is_what_it_is_declared() -> None:
    claim = declared("oak-chat-tuned", "oak-base")
    base, tuned = PLACES["oak-base"], PLACES["oak-chat-tuned"]
    assert costs(claim)[base, tuned] == DECLARED
    doubted = costs(claim, believed=False)
    assert np.isinf(doubted[base, tuned])
    assert np.isinf(doubted[tuned, base])


def test_a_sibling_is_set_aside_only_where_likeness_is_known() -> None:
    # The child of 0 is nearer to its sibling 1, which is not on the way.
    distance = np.array([[0.0, 0.3, 0.31], [0.3, 0.0, 0.28], [0.31, 0.28, 0.0]])
    related = ~np.eye(3, dtype=bool)
    before = np.triu(related)
    unclear = np.zeros_like(related)
    known = Evidence(related, unclear, distance, 1 - distance)
    assert likely_earlier(known, before) == {1: 0, 2: 0}
    assert likely_earlier(Evidence(related, unclear, distance), before) == {1: 0, 2: 1}
    assert parent_costs(known, before, {}, {})[:, 2].argmin() == 0
