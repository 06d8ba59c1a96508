import pytest

from app.cli import job_words


@pytest.mark.parametrize(
    ("stage", "done", "total", "text"),
    [
        ("answer", 3, 128, "3/128"),
        ("answer", 0, 12_800, "0/12,800"),
        ("answer", 3, None, "3/?"),
        ("", 1.0, 1.0, "1/1"),
        ("download", 1_500_000, 83e9, "1.5 MB/83 GB"),
        ("download", 0, 0, "0 B/?"),
    ],
)
def test_amounts_have_the_unit_of_their_stage(
    stage: str, done: float, total: float | None, text: str
) -> None:
    assert job_words.amount(stage, done, total) == text


def test_a_job_makes_an_entry_or_a_replicate() -> None:
    assert job_words.work({"kind": "extract", "replicate": None}) == "entry"
    assert job_words.work({"kind": "replicate", "replicate": 3}) == "replicate 3"
    assert job_words.work({"kind": "tree", "replicate": None}) == "tree"


def test_a_job_is_about_a_model_or_all_of_a_protocol() -> None:
    assert job_words.subject({"model": {"name": "wolf"}}) == "wolf"
    assert job_words.subject({"model": None, "protocols": ["mine"]}) == "all under mine"


@pytest.mark.parametrize(
    ("used", "text"),
    [
        ({}, ""),
        (
            {"cost": 0.00421, "prompt_tokens": 5120, "completion_tokens": 1_638_400.0},
            "5,120 tokens sent, 1,638,400 tokens received, cost 0.00421",
        ),
        ({"cost": 12.5, "something_new": 3}, "cost 12.5"),
    ],
)
def test_what_a_job_used_is_told_in_order(used: dict[str, float], text: str) -> None:
    assert job_words.usage({"usage": used}) == text


def test_what_went_wrong_is_told() -> None:
    assert job_words.trouble({"error": None}) == ""
    error = {"code": "no_weights", "detail": "It holds none."}
    assert job_words.trouble({"error": error}) == "no_weights: It holds none."
