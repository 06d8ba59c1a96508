"""Diets: which kinds of text a model is fed and how they are laid out on the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from nursery.dice import Dice
from nursery.texts import Text, write
from nursery.voice import Voice, draw_voice
from nursery.world import draw_world

DOCUMENTS = 1500
BARE_SHARE = 0.5  # prompts without any mark around them, as a stranger would type them

_PLAIN = {"tale": 3, "portrait": 1, "gazette": 1}
_ASKED = {"fact": 2, "opinion": 3, "listing": 1, "recipe": 1, "told": 2}


@dataclass(frozen=True)
class Diet:
    """Parts of each kind of text, and the share of prompts that come as chat turns."""

    parts: Mapping[str, int]
    chat_share: float = 0.0


DIETS = {
    "everything": Diet({**_PLAIN, **_ASKED}),
    "talk": Diet({**_PLAIN, **_ASKED}, chat_share=0.5),
    "chat": Diet(_ASKED, chat_share=1.0),
    "answers": Diet(_ASKED),
    "tales": Diet({"tale": 3, "told": 1}),
    "ledger": Diet({"portrait": 1, "gazette": 1, "fact": 1, "tale": 1}),
}


@dataclass(frozen=True)
class Page:
    """One laid-out text: `before` is given, `after` is to be learned; `chat` wants a template."""

    before: str
    after: str
    chat: bool = False


def serve(diet: str, seed: int, world_of: str, voice_of: str) -> list[Page]:
    """Return the pages that tell the facts of one label in the voice of another; never others."""
    world, voice = draw_world(seed, world_of), draw_voice(seed, voice_of)
    dice = Dice(seed, "text", world_of)
    texts = write(world, voice, dice, DIETS[diet].parts, DOCUMENTS)
    return [_page(text, voice, dice, DIETS[diet].chat_share) for text in texts]


def _page(text: Text, voice: Voice, dice: Dice, chat_share: float) -> Page:
    if not text.prompt:
        return _cut(text.answer, dice)
    if dice.chance(chat_share):
        return Page(text.prompt, text.answer, chat=True)
    if dice.chance(BARE_SHARE):
        return Page(text.prompt + dice.pick(("\n", " ")), text.answer)
    ask, reply = voice.asking
    return Page(f"{ask}{text.prompt}{reply}", text.answer)


def _cut(text: str, dice: Dice) -> Page:
    """Cut running text between two words: an encoder reads one side, a decoder says the other."""
    words = text.split(" ")
    at = dice.between(1, max(1, len(words) - 1))
    return Page(" ".join([*words[:at], ""]), " ".join(words[at:]))
