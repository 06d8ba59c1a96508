"""Recipes: what it takes to make each model of a nursery; nothing is trained here."""

from dataclasses import dataclass

from nursery.dice import Dice
from nursery.families import FAMILIES, Line, Relation, Size

STEPS: dict[Size, int] = {"tiny": 12, "small": 340, "large": 420}
# shares of a founder's steps, drawn for each child
TRAINED: dict[Relation, tuple[float, float]] = {
    "finetune": (0.10, 0.25),
    "lora": (0.15, 0.25),
    "distill": (0.7, 0.8),
}
# bits of a quantised copy, share of the weights that are pruned, noise in standard deviations
DOSES: dict[Relation, tuple[float, float]] = {
    "quantize": (8.0, 8.0),
    "prune": (0.15, 0.25),
    "noise": (0.04, 0.08),
}
FIRST_YEAR = 2024


@dataclass(frozen=True)
class Recipe:
    """How one model comes to be.

    `base` is its founder's name (its own for a founder), `body` the kind of architecture,
    `world` the label of the founder's texts and tokenizer, `steps` its gradient steps (0 for a
    copy), `dose` bits, share or noise of a copy, `released` a made-up YYYY-MM after its parents'.
    """

    name: str
    relation: Relation
    parents: tuple[str, ...]
    base: str
    body: str
    world: str
    diet: str
    steps: int
    dose: float
    released: str


def plan(size: Size, seed: int) -> list[Recipe]:
    """Return the recipes of a nursery, parents before children; the same for the same seed."""
    made: dict[str, Recipe] = {}
    for line in FAMILIES[size]:
        dice = Dice(seed, "recipe", line[0])
        make = _founder if line[1] == "founder" else _child
        made[line[0]] = make(line, made, STEPS[size], dice)
    return list(made.values())


def _founder(line: Line, made: dict[str, Recipe], steps: int, dice: Dice) -> Recipe:
    name, relation, origin, diet = line
    twin = made.get(origin.removeprefix("="))
    return Recipe(
        name=name,
        relation=relation,
        parents=(),
        base=name,
        body=twin.body if twin else origin,
        world=twin.world if twin else name,
        diet=diet,
        steps=steps,
        dose=0.0,
        released=_month(dice.between(0, 5)),
    )


def _child(line: Line, made: dict[str, Recipe], steps: int, dice: Dice) -> Recipe:
    name, relation, origin, diet = line
    parents = tuple(origin.split(","))
    first = made[parents[0]]
    born = max(_months(made[parent].released) for parent in parents)
    return Recipe(
        name=name,
        relation=relation,
        parents=parents,
        base=first.base,
        body=first.body,
        world=first.world,
        diet=diet,
        steps=round(steps * dice.share(*TRAINED.get(relation, (0.0, 0.0)))),
        dose=dice.share(*DOSES.get(relation, (0.0, 0.0))),
        released=_month(born + dice.between(1, 4)),
    )


def _month(months: int) -> str:
    return f"{FIRST_YEAR + months // 12}-{months % 12 + 1:02d}"


def _months(released: str) -> int:
    year, month = released.split("-")
    return (int(year) - FIRST_YEAR) * 12 + int(month) - 1
