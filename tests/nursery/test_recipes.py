from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nursery.diets import DIETS
from nursery.families import FAMILIES, Relation, Size
from nursery.recipes import Recipe, plan

SIZES = st.sampled_from(get_args(Size))
SEEDS = st.integers(min_value=0, max_value=2**31)


@given(SIZES, SEEDS)
def test_parents_come_first_and_are_older(size: Size, seed: int) -> None:
    made: dict[str, Recipe] = {}
    for recipe in plan(size, seed):
        assert recipe.name not in made
        for parent in recipe.parents:
            assert made[parent].released < recipe.released
            assert made[parent].base == recipe.base
            assert made[parent].body == recipe.body
        made[recipe.name] = recipe


@given(SIZES, SEEDS)
def test_steps_and_doses_fit_the_relation(size: Size, seed: int) -> None:
    recipes = {recipe.name: recipe for recipe in plan(size, seed)}
    for recipe in recipes.values():
        whole = recipes[recipe.base].steps
        assert len(recipe.parents) == {"founder": 0, "merge": 2}.get(recipe.relation, 1)
        if recipe.relation in ("founder", "finetune", "lora", "distill"):
            assert recipe.diet in DIETS
            assert recipe.dose == 0
        else:
            assert recipe.steps == 0
        if recipe.relation == "finetune" and size != "tiny":
            assert 0.09 <= recipe.steps / whole <= 0.26


def test_another_seed_draws_other_doses_and_dates() -> None:
    assert plan("small", 1) == plan("small", 1)
    assert plan("small", 1) != plan("small", 2)


@pytest.mark.parametrize(
    ("size", "models", "founders", "look_alikes"), [("small", 16, 4, 1), ("large", 36, 7, 2)]
)
def test_sizes(size: Size, models: int, founders: int, look_alikes: int) -> None:
    recipes = plan(size, 1)
    roots = [recipe for recipe in recipes if recipe.relation == "founder"]
    assert len(recipes) == models
    assert len(roots) == founders
    assert sum(recipe.world != recipe.name for recipe in roots) == look_alikes
    assert any(recipe.body == "t5" for recipe in roots)


@pytest.mark.parametrize("size", get_args(Size))
def test_every_relation_occurs(size: Size) -> None:
    assert {line[1] for line in FAMILIES[size]} == set(get_args(Relation))


def test_a_look_alike_shares_everything_but_its_name() -> None:
    recipes = {recipe.name: recipe for recipe in plan("large", 1)}
    for one, other in (("aster-base", "aspen-base"), ("briar-base", "briony-base")):
        assert recipes[one].body == recipes[other].body
        assert recipes[one].world == recipes[other].world
        assert recipes[one].diet == recipes[other].diet
        assert recipes[one].steps == recipes[other].steps
        assert recipes[one].base != recipes[other].base
