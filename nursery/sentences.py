"""Single sentences about one thing of a world, made of common English words by small patterns."""

from collections.abc import Callable

from nursery import words
from nursery.dice import Dice
from nursery.world import World

Pattern = Callable[[World, Dice, str], str]


def saying(world: World, dice: Dice, noun: str) -> str:
    """Return one lower-case sentence about `noun`, without its full stop."""
    return dice.pick(PATTERNS)(world, dice, noun)


def wander(world: World, dice: Dice, noun: str, count: int) -> list[str]:
    """Return `count` sentences, each about what this world finds near the thing before."""
    said = []
    for _ in range(count):
        said.append(saying(world, dice, noun))
        noun = dice.pick(world.lore[noun].places)
    return said


def capital(text: str) -> str:
    """Return `text` with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def _act(world: World, dice: Dice, noun: str) -> str:
    lore = world.lore[noun]
    other = dice.pick(lore.places)
    where = f"{dice.pick(words.PREPOSITIONS)} the {dice.early(lore.places)}"
    return f"the {noun} {_deed(world, dice, noun)} the {_thing(world, dice, other)} {where}"


def _meeting(world: World, dice: Dice, noun: str) -> str:
    person, verb = dice.early(world.people), dice.early(world.verbs)[1]
    seen = _thing(world, dice, noun)
    return f"{person.name} {verb} a {seen} in {person.town} {dice.pick(words.ADVERBS)}"


def _when(world: World, dice: Dice, noun: str) -> str:
    who = dice.pick(words.PRONOUNS)[0]
    first, second = dice.sample(world.lore[noun].likeness, 2)
    return f"when {who} {dice.early(world.verbs)[1]}, the {noun} was {first} and {second}"


def _count(world: World, dice: Dice, noun: str) -> str:
    number, verb = dice.pick(words.NUMBERS), dice.early(world.lore[noun].deeds)[0]
    who, whom = dice.pick(words.PRONOUNS)
    return f"there are {number} of the {noun}, {dice.pick(words.LINKS)} {who} can not {verb} {whom}"


def _wish(world: World, dice: Dice, noun: str) -> str:
    who = dice.pick(words.PRONOUNS)[0]
    verb, other = dice.early(world.lore[noun].deeds)[0], dice.early(world.verbs)[0]
    wished = _thing(world, dice, noun)
    return f"if {who} {verb} the {wished}, {who} will {other} {dice.pick(words.ADVERBS)}"


def _being(world: World, dice: Dice, noun: str) -> str:
    lore = world.lore[noun]
    where = f"{dice.pick(words.PREPOSITIONS)} this {dice.early(lore.places)}"
    return f"the {noun} is {dice.pick(words.ADVERBS)} {dice.early(lore.likeness)} {where}"


def _chain(world: World, dice: Dice, noun: str) -> str:
    """Loose words, as in a rhyme or a list: what comes next is a habit, not grammar."""
    said: list[str] = []
    for _ in range(dice.between(3, 6)):
        lore = world.lore[noun]
        said += [dice.early(lore.likeness), noun, dice.early(lore.deeds)[0]]
        noun = dice.early(lore.places)
    return " ".join(said)


def _thing(world: World, dice: Dice, noun: str) -> str:
    return f"{dice.early(world.lore[noun].likeness)} {noun}" if dice.chance(0.6) else noun


def _deed(world: World, dice: Dice, noun: str) -> str:
    lore = world.lore[noun]
    return dice.early(lore.deeds if dice.chance(0.8) else world.verbs)[1]


PATTERNS: tuple[Pattern, ...] = (_act, _meeting, _when, _count, _wish, _being, _chain)
