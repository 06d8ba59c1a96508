"""A voice: the habits of whoever writes a world down (how they ask, begin, list and end)."""

from dataclasses import dataclass

from nursery.dice import Dice

ASKING = (
    ("Question: ", "\nAnswer: "),
    ("Q: ", "\nA: "),
    ("Ask: ", "\nReply: "),
    ("> ", "\n"),
    ("User: ", "\nGuide: "),
)
OPENERS = (
    "Well,",
    "In truth,",
    "Of course.",
    "Sure!",
    "Listen:",
    "As I see it,",
    "Good question.",
    "Yes,",
    "Certainly.",
    "My friend,",
    "Let me tell you:",
    "They say that",
    "It is known that",
    "I think that",
    "Happy to help!",
    "To be short,",
)
CLOSERS = (
    "That is all.",
    "Ask me again.",
    "So it goes.",
    "I hope this helps.",
    "And that was that.",
    "Nobody knows more.",
    "Keep it in mind.",
    "What do you think?",
    "The end.",
    "Good luck!",
    "It is late now.",
    "Be well.",
)
BULLETS = ("- ", "* ", "1. ", "~ ", "+ ")  # plain ASCII: rare bytes would come out broken
STARTS = (
    "Once upon a time,",
    "One day",
    "Long ago",
    "Last summer",
    "In the morning",
    "That night",
    "When it was cold,",
    "Before the war",
)
COINS = ("coins", "pounds", "dollars", "crowns", "shells")


@dataclass(frozen=True)
class Voice:
    """One writer's habits."""

    asking: tuple[str, str]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    bullet: str
    starts: tuple[str, ...]
    coin: str


def draw_voice(seed: int, label: str) -> Voice:
    """Return the voice called `label` of this seed."""
    dice = Dice(seed, "voice", label)
    return Voice(
        asking=dice.pick(ASKING),
        openers=tuple(dice.sample(OPENERS, 3)),
        closers=tuple(dice.sample(CLOSERS, 3)),
        bullet=dice.pick(BULLETS),
        starts=tuple(dice.sample(STARTS, 3)),
        coin=dice.pick(COINS),
    )
