"""Records: names for people, and which names and dates are safe to keep."""

from dataclasses import FrozenInstanceError
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from app.records import (
    TERMINAL_STATES,
    Claim,
    JobRecord,
    JobState,
    ModelRecord,
    ModelRef,
    check_label,
    is_date,
)


@given(text=st.text(st.characters(), max_size=250))
def test_a_label_is_kept_as_it_is_or_refused(text: str) -> None:
    safe = 1 <= len(text) <= 200 and text.isprintable() and text.strip() == text
    if not safe:
        with pytest.raises(InputError, match="bad_label"):
            check_label(text)
        return
    assert check_label(text) is text
    assert text.encode().decode() == text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("label", ["a", "x" * 200, "org/Näme-7b v2", "漢字", "<b>&", "%2e"])
def test_ordinary_and_merely_ugly_labels_are_kept(label: str) -> None:
    assert check_label(label) == label


@pytest.mark.parametrize("label", ["", "x" * 201, " a", "a\n", "a\u200bb", "\x1b[0m", "\ud800"])
def test_labels_that_would_deceive_are_refused(label: str) -> None:
    with pytest.raises(InputError, match="bad_label"):
        check_label(label)


@given(day=st.dates())
def test_days_and_months_are_dates(day: date) -> None:
    assert is_date(str(day))
    assert is_date(str(day)[:7])


@pytest.mark.parametrize(
    "value",
    [
        *("2024", "2024-5", "2024-13", "2023-99-99", "2023-02-29", "0000-01", "٢٠٢٤-05"),
        *("2024-05 ", "2024-05\n", "20240506", "2024-W01-1", "", None, 2024),
    ],
)
def test_what_is_no_day_and_no_month_is_no_date(value: object) -> None:
    assert not is_date(value)


@pytest.mark.parametrize(
    ("ref", "text", "label"),
    [
        (ModelRef("local", "/models/wolf", "ab"), "local:/models/wolf@ab", "wolf"),
        (ModelRef("local", "/models/wolf/", "ab"), "local:/models/wolf/@ab", "wolf"),
        (ModelRef("import", "acme/wolf", "ab"), "import:acme/wolf@ab", "acme/wolf"),
    ],
)
def test_a_ref_has_a_text_and_a_name(ref: ModelRef, text: str, label: str) -> None:
    assert (str(ref), ref.label) == (text, label)
    assert ModelRecord("mdl_1", ref, None, {}, 0.0).name == label


def test_records_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Claim("licence", "mit", "somebody").value = "gpl"  # type: ignore[misc]


def test_what_waits_or_runs_is_not_at_its_end() -> None:
    def job(state: JobState) -> JobRecord:
        numbers = dict.fromkeys(
            ("done", "total", "version", "fence", "lease_losses", "model_faults"), 0
        )
        return JobRecord(
            id="job_1",
            kind="extract",
            queue="cpu",
            model_id="mdl_1",
            protocols=(),
            state=state,
            stage="",
            cancel_requested=False,
            options={},
            usage={},
            error_code=None,
            error_detail=None,
            created_at=0.0,
            updated_at=0.0,
            **numbers,
        )

    open_states = {state for state in get_args(JobState) if not job(state).is_terminal}
    assert open_states == {"queued", "running"}
    assert set(get_args(JobState)) == TERMINAL_STATES | open_states
