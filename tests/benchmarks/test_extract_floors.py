import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.extract_floors import Measured, memory, over_floor
from benchmarks.floors import Asked, Limits
from benchmarks.llamas import NURSERY
from benchmarks.turns import MB, Turn

positive = st.floats(1e-3, 1e3)
FLOPS = Asked(NURSERY, [20, 20], [[0, 1]], 4).scoring_flops(10)


def turn(seconds: float, peak_mb: float = 400.0, new_tokens: int = 0) -> Turn:
    """Two texts of 20 tokens, scored or answered in one batch."""
    phases = {"load": seconds / 4, "respond": 3 * seconds / 4}
    reply = {
        "seconds": {phase: {"wall_s": wall, "cpu_s": wall} for phase, wall in phases.items()},
        "environment": {"dtype": "float32"},
        "before_mb": 200.0,
        "peak_mb": peak_mb,
    }
    return Turn(NURSERY, Asked(NURSERY, [20, 20], [[0, 1]], 4), reply, new_tokens)


@given(st.lists(positive, min_size=1, max_size=4), positive, positive, positive)
def test_the_larger_of_arithmetic_and_reading_is_the_floor(each, rate, read_s, streamed_s):
    best = Limits(flops_per_s=rate * FLOPS, bytes_per_s=1.0)
    whole = [turn(seconds) for seconds in each]
    measured = Measured(whole, [turn(streamed_s)], best, read_s, 2 * read_s)
    of_whole, of_streamed, _ = over_floor(measured)
    floor_s = max(1 / rate, read_s)
    assert min(each) / floor_s * 0.999 <= of_whole.value <= max(each) / floor_s * 1.001
    assert of_streamed.value == pytest.approx(streamed_s / floor_s)
    assert of_whole.measured_on["each"] == pytest.approx([seconds / floor_s for seconds in each])


def test_peaks_are_the_largest_of_all_turns():
    whole, streamed = [turn(1, 900), turn(1, 800)], [turn(1, 300), turn(1, 350)]
    *_, peak = over_floor(Measured(whole, streamed, Limits(1.0, 1.0), 1.0, 1.0))
    assert peak.value == 350
    assert peak.measured_on["whole_peak_mb"] == 900


def test_memory_is_compared_with_weights_and_cache():
    figure = memory(turn(1, peak_mb=2.0, new_tokens=12), "bfloat16")
    assert figure.measured_on["stored"] == "bfloat16"
    cache = 2 * (20 + 12) * NURSERY.cached_numbers * 4
    assert figure.value == pytest.approx(2 / ((4 * NURSERY.parameters + cache) / MB))
