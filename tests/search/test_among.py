import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.search.among import Among, Withdrawn
from app.search.engine.flat import FlatIndex


@given(
    numbers=st.sets(st.integers(1, 60), min_size=1),
    wanted=st.sets(st.integers(1, 60)),
    k=st.just(9),
)
def test_the_rows_of_a_part_are_those_whose_numbers_are_among_them(
    numbers: set[int], wanted: set[int], k: int
) -> None:
    part = FlatIndex(np.array(sorted(numbers)), np.ones((len(numbers), 2), dtype=np.float32))
    among = Among(np.array(sorted(wanted), dtype=np.int64))
    chosen = among.of(part)
    assert part.seqs[chosen.rows].tolist() == sorted(numbers & wanted)
    bits = np.unpackbits(chosen.bits, bitorder="little")[: len(part)]
    assert np.flatnonzero(bits).tolist() == chosen.rows.tolist()
    assert among.of(part) is chosen
    found = set(part.search(np.ones(2, dtype=np.float32), k, chosen)[0].tolist())
    assert found <= numbers & wanted
    assert len(found) == min(k, len(numbers & wanted))
    assert [number in among for number in range(62)] == [number in wanted for number in range(62)]


@given(numbers=st.sets(st.integers(1, 60), min_size=1), gone=st.sets(st.integers(1, 60)))
def test_what_was_withdrawn_leaves_all_other_rows(numbers: set[int], gone: set[int]) -> None:
    part = FlatIndex(np.array(sorted(numbers)), np.ones((len(numbers), 2), dtype=np.float32))
    withdrawn = Withdrawn(np.array(sorted(gone), dtype=np.int64), b"word")
    assert part.seqs[withdrawn.of(part).rows].tolist() == sorted(numbers - gone)
    for seq in (0, 7, 60):
        assert withdrawn.up_to(seq) == len([number for number in gone if number <= seq])
