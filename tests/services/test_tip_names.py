"""What is said of models by name: full names first, and nothing where a name means two."""

from app.records import ModelRecord, ModelRef
from app.services.tip_names import beside_tips


def model(name: str, number: int) -> ModelRecord:
    return ModelRecord(f"mdl_{number}", ModelRef("import", name, "1"), None, {}, 0.0)


WOLF, OTHER, COPY = (model(name, i) for i, name in enumerate(("a/Wolf", "b/wolf", "a/renamed")))
OWL = model("owl", 3)
TIPS = ((WOLF, COPY), (OTHER,), (OWL,))


def test_any_name_of_any_copy_does() -> None:
    for name in ("a/wolf", "A/WOLF", "mdl_0", "import:a/Wolf", "import:a/Wolf@1", "renamed"):
        assert beside_tips(TIPS, {name: "x"}) == (("x", "", ""), ())


def test_names_that_mean_two_or_none_are_said() -> None:
    said = {"wolf": "x", "nobody": "y", "Owl": "z"}
    assert beside_tips(TIPS, said) == (("", "", "z"), ("wolf", "nobody"))


def test_a_full_name_goes_before_a_short_one() -> None:
    short = model("wolf", 4)
    found, unmatched = beside_tips((*TIPS, (short,)), {"wolf": "x"})
    assert (found, unmatched) == (("", "", "", "x"), ())
