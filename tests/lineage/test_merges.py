"""Merges are told from other children, and a copy of a parent is no parent."""

import numpy as np

from app.lineage.merges import find_merges
from tests.lineage.planted import NAMES, PLACES, evidence


def test_the_merge_of_the_family_is_the_only_one() -> None:
    products = evidence().likeness
    assert products is not None
    anybody, nobody = np.ones(products.shape, dtype=bool), np.zeros(products.shape, dtype=bool)
    before = nobody.copy()
    before[PLACES["oak-chat"], PLACES["oak-chat-q8"]] = True
    found = find_merges(products, anybody, before)
    blend = PLACES["oak-blend"]
    assert set(found) == {blend}
    assert {NAMES[one] for one in found[blend]} == {"oak-chat", "oak-code"}
    assert np.isclose(sum(found[blend].values()), 1)
    assert not find_merges(products, nobody, before)
    assert not find_merges(products, anybody, before, [PLACES["oak-chat"]])


def test_the_original_of_a_copy_is_the_parent() -> None:
    products = evidence().likeness
    assert products is not None
    allowed = np.ones(products.shape, dtype=bool)
    allowed[:, PLACES["oak-chat"]] = False
    blend, chat, copy = (PLACES[name] for name in ("oak-blend", "oak-chat", "oak-chat-q8"))
    unknown = np.zeros_like(allowed)
    assert copy in find_merges(products, allowed, unknown)[blend]
    unknown[chat, copy] = True
    assert chat in find_merges(products, allowed, unknown)[blend]
