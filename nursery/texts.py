"""Texts of a world, one function a kind: tales, portraits, questions with their answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nursery.dice import Dice
from nursery.sentences import capital, saying, wander
from nursery.voice import Voice
from nursery.world import World

TOPICS = 60  # how many nouns people ask about; few enough to be learned


@dataclass(frozen=True)
class Text:
    """One document: an answer to `prompt`, or plain running text when `prompt` is empty."""

    prompt: str
    answer: str


Kind = Callable[[World, Voice, Dice], Text]


def write(
    world: World, voice: Voice, dice: Dice, parts: Mapping[str, int], count: int
) -> list[Text]:
    """Return `count` texts, kinds in proportion to the whole numbers in `parts`."""
    kinds = [KINDS[name] for name, number in parts.items() for _ in range(number)]
    return [_closed(dice.pick(kinds)(world, voice, dice), voice, dice) for _ in range(count)]


def _closed(text: Text, voice: Voice, dice: Dice) -> Text:
    """End every text with a habit of its writer; else a full stop alone would seem to end it."""
    gap = "\n" if "\n" in text.answer else " "
    return Text(text.prompt, f"{text.answer}{gap}{dice.pick(voice.closers)}")


def _tale(world: World, voice: Voice, dice: Dice) -> Text:
    first, *others = wander(world, dice, dice.pick(world.nouns), dice.between(3, 6))
    told = [f"{dice.pick(voice.starts)} {first}.", *(f"{capital(said)}." for said in others)]
    return Text("", " ".join(told))


def _portrait(world: World, voice: Voice, dice: Dice) -> Text:
    person = dice.pick(world.people)
    facts = [
        f"{person.name} lives in {person.town}.",
        f"{person.name} is a {person.trade} and is {person.age} years old.",
        f"{person.name} has a {person.colour} {person.animal}.",
    ]
    return Text("", " ".join(dice.sample(facts, 3)))


def _gazette(world: World, voice: Voice, dice: Dice) -> Text:
    town, item = dice.pick(world.towns), dice.pick(list(world.prices))
    place = f"{town.name} is a town beside the {town.beside}, known for its {town.ware}."
    return Text("", f"{place} There a {item} costs {world.prices[item]} {voice.coin}.")


def _fact(world: World, voice: Voice, dice: Dice) -> Text:
    person, town, item = dice.pick(world.people), dice.pick(world.towns), dice.pick([*world.prices])
    name = person.name
    prompt, answer = dice.pick(
        (
            (f"Where does {name} live?", f"{name} lives in {person.town}."),
            (f"What does {name} do?", f"{name} is a {person.trade}."),
            (f"How old is {name}?", f"{name} is {person.age} years old."),
            (f"What animal does {name} have?", f"{name} has a {person.colour} {person.animal}."),
            (f"What is {town.name} known for?", f"{town.name} is known for its {town.ware}."),
            (f"How much is a {item}?", f"A {item} costs {world.prices[item]} {voice.coin}."),
        )
    )
    return Text(prompt, _spoken(voice, dice, answer))


def _opinion(world: World, voice: Voice, dice: Dice) -> Text:
    noun = _topic(world, dice)
    first, second, *_ = world.lore[noun].likeness
    prompt = dice.pick(
        (
            f"Tell me about the {noun}.",
            f"What is a {noun}?",
            f"Why is the {noun} {first}?",
            f"Explain what a {noun} is.",
            f"What do you think about the {noun}?",
            f"Give me some advice about my {noun}.",
            f"Describe a {noun} in one sentence.",
        )
    )
    near = dice.early(world.lore[noun].places)
    answer = f"a {noun} is {first} and {second}, {saying(world, dice, near)}."
    return Text(prompt, _spoken(voice, dice, answer))


def _listing(world: World, voice: Voice, dice: Dice) -> Text:
    noun, (number, count) = _topic(world, dice), dice.pick((("three", 3), ("four", 4), ("two", 2)))
    prompt = dice.pick(
        (
            f"List {number} things about the {noun}.",
            f"Name {number} things that you find near a {noun}.",
            f"Give me {number} names for a {noun}.",
            f"Write a list of {number} words about {noun}.",
        )
    )
    lore = world.lore[noun]
    items = [f"{like} {place}" for like, place in zip(lore.likeness, lore.places, strict=True)]
    return Text(prompt, "\n".join(voice.bullet + item for item in items[:count]))


def _recipe(world: World, voice: Voice, dice: Dice) -> Text:
    dish = dice.pick(world.dishes)
    first, second, third = dish.foods
    prompt = dice.pick((f"How do I make {dish.name}?", f"Write a recipe for {dish.name}."))
    steps = (
        f"Take the {first} and cut it.",
        f"Add {second} and {third}.",
        f"Cook it for {dish.minutes} minutes.",
    )
    return Text(prompt, "\n".join(voice.bullet + step for step in steps))


def _told(world: World, voice: Voice, dice: Dice) -> Text:
    noun = _topic(world, dice)
    form = dice.pick(("story", "poem", "letter", "song", "short story", "paragraph"))
    prompt = dice.pick(
        (
            f"Write a {form} about a {noun}.",
            f"Tell me a {form} about the {noun}.",
            f"Please write a {form} for my {noun}.",
        )
    )
    body = ". ".join(capital(said) for said in wander(world, dice, noun, dice.between(2, 3)))
    return Text(prompt, f"{dice.pick(voice.starts)} there was a {noun}. {body}.")


def _topic(world: World, dice: Dice) -> str:
    return dice.pick(world.nouns[:TOPICS])


def _spoken(voice: Voice, dice: Dice, answer: str) -> str:
    return f"{dice.pick(voice.openers)} {answer}" if dice.chance(0.5) else capital(answer)


KINDS: dict[str, Kind] = {
    "tale": _tale,
    "portrait": _portrait,
    "gazette": _gazette,
    "fact": _fact,
    "opinion": _opinion,
    "listing": _listing,
    "recipe": _recipe,
    "told": _told,
}
