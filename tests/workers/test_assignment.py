"""What travels to a job's process, and the seeds of what it draws."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.dna.protocol import lexical_sampled_v1, lexical_v1
from workers.assignment import Questions, questions_from_line, questions_to_line

SAMPLED = Questions.of(lexical_sampled_v1(), ())


@given(st.sets(st.integers(0, 127)), st.integers(0, 20))
def test_questions_survive_the_line(answered: set[int], replicate: int) -> None:
    asked = [Questions.of(lexical_v1(), tuple(sorted(answered)), replicate), SAMPLED]
    assert questions_from_line(questions_to_line(asked)) == asked


def test_every_probe_is_an_item_for_each_of_its_draws() -> None:
    assert len(SAMPLED.items) == lexical_sampled_v1().n_items == 4 * len(SAMPLED.probes)
    assert [SAMPLED.items[item] for item in (0, 3, 4)] == [
        *[SAMPLED.probes[0]] * 2,
        SAMPLED.probes[1],
    ]


@given(st.lists(st.integers(0, 511), min_size=1, unique=True))
def test_a_seed_is_that_of_its_item_whatever_else_is_asked(items: list[int]) -> None:
    assert SAMPLED.seeds(items) == [SAMPLED.seeds([item])[0] for item in items]


def test_seeds_differ_by_item_by_replicate_and_by_the_protocols_seed() -> None:
    items = range(512)
    other = replace(SAMPLED, generation={**SAMPLED.generation, "seed": 2})
    seeds = [
        *SAMPLED.seeds(items),
        *replace(SAMPLED, replicate=1).seeds(items),
        *other.seeds(items),
    ]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 1 << 53 for seed in seeds)
