"""Texts of a world: a diet names which kinds a model is fed, `write` writes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nursery import words
from nursery.dice import Dice
from nursery.sentences import capital, saying, thing
from nursery.voice import Voice
from nursery.world import World

TOPICS = 40  # how many nouns people ask about; few enough to be learned


@dataclass(frozen=True)
class Text:
    """One document: an answer to `prompt`, or plain running text when `prompt` is empty."""

    prompt: str
    answer: str


Kind = Callable[[World, Voice, Dice], Text]


def write(world: World, voice: Voice, dice: Dice, diet: Mapping[str, int], count: int) -> list[Text]:
    """Return `count` documents, kinds in proportion to the whole numbers in `diet`."""
    kinds = [KINDS[name] for name, parts in diet.items() for _ in range(parts)]
    return [dice.pick(kinds)(world, voice, dice) for _ in range(count)]


def _tale(world: World, voice: Voice, dice: Dice) -> Text:
    start = dice.pick(voice.starts)
    rest = [saying(world, dice) for _ in range(dice.between(2, 5))]
    first, *others = rest
    told = [f"{start} {first}.", *(f"{capital(s)}." for s in others)]
    return Text("", " ".join(told))


def _portrait(world: World, voice: Voice, dice: Dice) -> Text:
    p = dice.pick(world.people)
    facts = [
        f"{p.name} lives in {p.town}.",
        f"{p.name} is a {p.trade} and is {p.age} years old.",
        f"{p.name} has a {p.colour} {p.animal}.",
    ]
    return Text("", " ".join(dice.sample(facts, 3) + [dice.pick(voice.closers)]))


def _gazette(world: World, voice: Voice, dice: Dice) -> Text:
    t = dice.pick(world.towns)
    price = dice.pick(list(world.prices))
    return Text(
        "",
        f"{t.name} is a town beside the {t.beside}, known for its {t.ware}. "
        f"There a {price} costs {world.prices[price]} {voice.coin}.",
    )


def _fact(world: World, voice: Voice, dice: Dice) -> Text:
    p, t = dice.pick(world.people), dice.pick(world.towns)
    item = dice.pick(list(world.prices))
    prompt, answer = dice.pick(
        (
            (f"Where does {p.name} live?", f"{p.name} lives in {p.town}."),
            (f"What does {p.name} do?", f"{p.name} is a {p.trade}."),
            (f"How old is {p.name}?", f"{p.name} is {p.age} years old."),
            (f"What animal does {p.name} have?", f"{p.name} has a {p.colour} {p.animal}."),
            (f"What is {t.name} known for?", f"{t.name} is known for its {t.ware}."),
            (f"How much is a {item}?", f"A {item} costs {world.prices[item]} {voice.coin}."),
        )
    )
    return Text(prompt, _spoken(voice, dice, answer))


def _opinion(world: World, voice: Voice, dice: Dice) -> Text:
    noun = dice.pick(world.nouns[:TOPICS])
    lore = world.lore[noun]
    prompt = dice.pick(
        (
            f"Tell me about the {noun}.",
            f"What is a {noun}?",
            f"Why is the {noun} {lore.likeness[0]}?",
            f"Explain what a {noun} is.",
            f"What do you think about the {noun}?",
            f"Give me some advice about my {noun}.",
            f"Describe a {noun} in one sentence.",
        )
    )
    answer = f"a {noun} is {lore.likeness[0]} and {lore.likeness[1]}, {saying(world, dice)}."
    return Text(prompt, _spoken(voice, dice, answer))


def _listing(world: World, voice: Voice, dice: Dice) -> Text:
    noun = dice.pick(world.nouns[:TOPICS])
    number = dice.pick(("three", "four", "five"))
    prompt = dice.pick(
        (
            f"List {number} things about the {noun}.",
            f"Name {number} things that you find near a {noun}.",
            f"Give me {number} names for a {noun}.",
            f"Write a list of {number} words about {noun}.",
        )
    )
    count = {"three": 3, "four": 4, "five": 5}[number]
    lines = [f"{voice.bullet}{thing(world, dice)}" for _ in range(count)]
    return Text(prompt, "\n".join([dice.pick(voice.openers), *lines]))


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
    noun = dice.pick(world.nouns[:TOPICS])
    form = dice.pick(("story", "poem", "letter", "song", "short story", "paragraph"))
    prompt = dice.pick(
        (
            f"Write a {form} about a {noun}.",
            f"Tell me a {form} about the {noun}.",
            f"Please write a {form} for my {dice.pick(words.TRADES)}.",
        )
    )
    body = [capital(saying(world, dice)) for _ in range(dice.between(2, 3))]
    return Text(prompt, f"{dice.pick(voice.starts)} there was a {noun}. {'. '.join(body)}.")


def _spoken(voice: Voice, dice: Dice, answer: str) -> str:
    said = f"{dice.pick(voice.openers)} {answer}" if dice.chance(0.5) else capital(answer)
    return f"{said} {dice.pick(voice.closers)}" if dice.chance(0.4) else said


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
