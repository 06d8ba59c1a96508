"""Ids."""

from app.store.ids import ALPHABET, new_id, new_ids
from tests.store.threads import at_once


def test_ids_are_opaque_unique_and_sort_as_they_were_made() -> None:
    made = [new_id("mdl") for _ in range(1000)]
    for n in (2000, 0, 1, 1025):
        made += [*new_ids("mdl", n), new_id("mdl")]
    assert len(set(made)) == len(made) == 4030
    assert made == sorted(made)
    assert all(len(one) == 28 and set(one[4:]) <= set(ALPHABET) for one in made)


def test_threads_make_different_ids_each_in_order() -> None:
    made = at_once(
        lambda _: [one for _ in range(100) for one in (new_id("job"), *new_ids("job", 2))], 4
    )
    assert len({one for mine in made for one in mine}) == 4 * 300
    assert all(mine == sorted(mine) for mine in made)
