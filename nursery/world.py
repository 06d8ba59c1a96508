"""A synthetic world: who lives where, what costs how much, what is said of each thing.

Everything follows from one seed; no file, clock or network is touched.
"""

from dataclasses import dataclass

from nursery import words
from nursery.dice import Dice


@dataclass(frozen=True)
class Person:
    """Somebody, and the facts that texts tell about them."""

    name: str
    town: str
    trade: str
    animal: str
    colour: str
    age: int


@dataclass(frozen=True)
class Town:
    """A place, what it is known for and what it lies beside."""

    name: str
    ware: str
    beside: str


@dataclass(frozen=True)
class Dish:
    """Something to cook, from three foods."""

    name: str
    foods: tuple[str, ...]
    minutes: int


@dataclass(frozen=True)
class Lore:
    """What this world's people say of one thing."""

    likeness: tuple[str, ...]
    deeds: tuple[tuple[str, str], ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """All facts of one world; `nouns`, `adjectives` and `verbs` are ordered by its taste."""

    people: tuple[Person, ...]
    towns: tuple[Town, ...]
    dishes: tuple[Dish, ...]
    prices: dict[str, int]
    lore: dict[str, Lore]
    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    verbs: tuple[tuple[str, str], ...]


def draw_world(seed: int, label: str) -> World:
    """Return the world called `label` of this seed; another seed or label gives other facts."""
    dice = Dice(seed, "world", label)
    nouns = tuple(dice.sample(words.NOUNS, len(words.NOUNS)))
    towns = tuple(
        Town(_name(dice), dice.pick(words.FOODS), dice.pick(("river", "sea", "forest", "hill")))
        for _ in range(8)
    )
    return World(
        people=tuple(_person(dice, towns) for _ in range(24)),
        towns=towns,
        dishes=tuple(_dish(dice) for _ in range(8)),
        prices={noun: dice.between(2, 99) for noun in nouns[:60]},
        lore={noun: _lore(dice) for noun in nouns},
        nouns=nouns,
        adjectives=tuple(dice.sample(words.ADJECTIVES, len(words.ADJECTIVES))),
        verbs=tuple(dice.sample(words.VERBS, len(words.VERBS))),
    )


def _name(dice: Dice) -> str:
    syllables = (
        dice.pick(words.ONSETS) + dice.pick(words.VOWELS) + dice.pick(words.CODAS) for _ in range(2)
    )
    return "".join(syllables).capitalize()


def _person(dice: Dice, towns: tuple[Town, ...]) -> Person:
    return Person(
        name=_name(dice),
        town=dice.pick(towns).name,
        trade=dice.pick(words.TRADES),
        animal=dice.pick(words.ANIMALS),
        colour=dice.pick(words.COLOURS),
        age=dice.between(18, 90),
    )


def _dish(dice: Dice) -> Dish:
    foods = tuple(dice.sample(words.FOODS, 3))
    return Dish(f"{foods[0]} {dice.pick(words.VESSELS)}", foods, dice.between(5, 60))


def _lore(dice: Dice) -> Lore:
    return Lore(
        likeness=tuple(dice.sample(words.ADJECTIVES, 4)),
        deeds=tuple(dice.sample(words.VERBS, 4)),
        places=tuple(dice.sample(words.NOUNS, 4)),
    )
