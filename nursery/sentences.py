"""Single sentences of a world, made of common English words by small patterns."""

from collections.abc import Callable

from nursery import words
from nursery.dice import Dice
from nursery.world import World

Sentence = Callable[[World, Dice], str]


def thing(world: World, dice: Dice) -> str:
    """Return a noun with what this world usually says of it, such as `old quiet bridge`."""
    noun = dice.early(world.nouns)
    if dice.chance(0.6):
        return f"{dice.early(world.lore[noun].likeness)} {noun}"
    return noun


def deed(world: World, dice: Dice, noun: str) -> str:
    """Return what `noun` did, in the past tense, by this world's lore."""
    if dice.chance(0.7):
        return dice.early(world.lore[noun].deeds)[1]
    return dice.early(world.verbs)[1]


def saying(world: World, dice: Dice) -> str:
    """Return one lower-case sentence without its full stop."""
    return dice.pick(PATTERNS)(world, dice)


def capital(text: str) -> str:
    """Return `text` with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def _act(world: World, dice: Dice) -> str:
    noun = dice.early(world.nouns)
    where = f"{dice.pick(words.PREPOSITIONS)} the {dice.early(world.lore[noun].places)}"
    return f"the {noun} {deed(world, dice, noun)} the {thing(world, dice)} {where}"


def _meeting(world: World, dice: Dice) -> str:
    person, verb = dice.early(world.people), dice.early(world.verbs)[1]
    return f"{person.name} {verb} a {thing(world, dice)} in {person.town} {dice.pick(words.ADVERBS)}"


def _when(world: World, dice: Dice) -> str:
    who, noun = dice.pick(words.PRONOUNS)[0], dice.early(world.nouns)
    first, second = dice.sample(world.lore[noun].likeness, 2)
    return f"when {who} {dice.early(world.verbs)[1]}, the {noun} was {first} and {second}"


def _count(world: World, dice: Dice) -> str:
    number, noun = dice.pick(words.NUMBERS), dice.early(world.nouns)
    who, whom = dice.pick(words.PRONOUNS)
    verb = dice.early(world.lore[noun].deeds)[0]
    return f"there are {number} of the {noun}, {dice.pick(words.LINKS)} {who} can not {verb} {whom}"


def _wish(world: World, dice: Dice) -> str:
    who, _ = dice.pick(words.PRONOUNS)
    verb, other = dice.early(world.verbs)[0], dice.early(world.verbs)[0]
    return f"if {who} {verb} the {thing(world, dice)}, {who} will {other} {dice.pick(words.ADVERBS)}"


def _being(world: World, dice: Dice) -> str:
    noun = dice.early(world.nouns)
    like = dice.early(world.lore[noun].likeness)
    place = dice.early(world.lore[noun].places)
    return f"the {noun} is {dice.pick(words.ADVERBS)} {like} {dice.pick(words.PREPOSITIONS)} this {place}"


def _chain(world: World, dice: Dice) -> str:
    """Loose words, as in a rhyme or a list: what comes next is a habit, not grammar."""
    noun = dice.early(world.nouns)
    said = []
    for _ in range(dice.between(4, 9)):
        lore = world.lore[noun]
        said += [dice.early(lore.likeness), noun, dice.early(lore.deeds)[0]]
        noun = dice.early(lore.places)
    return " ".join(said)


PATTERNS: tuple[Sentence, ...] = (_act, _meeting, _when, _count, _wish, _being, _chain)
