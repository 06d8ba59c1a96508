"""The genealogy as data: who descends from whom, how, and on what diet; nothing is trained here.

A line below is `name | relation | parents | diet`; a founder has a body instead of parents, and a
look-alike names the founder whose body, tokenizer and texts it shares (but never its weights).
"""

from dataclasses import dataclass
from typing import Literal, get_args

from nursery.dice import Dice

Relation = Literal[
    "founder", "finetune", "lora", "merge", "distill", "quantize", "prune", "noise"
]
Size = Literal["tiny", "small", "large"]

TRAINED_SHARE = {"finetune": (0.10, 0.25), "lora": (0.15, 0.25), "distill": (0.7, 0.8)}
COPY_DOSE = {"quantize": (8.0, 8.0), "prune": (0.15, 0.25), "noise": (0.04, 0.08)}
STEPS: dict[Size, int] = {"tiny": 12, "small": 360, "large": 420}

SMALL = """
aster-base       | founder  | llama                  | talk
aspen-base       | founder  | =aster-base            | talk
briar-base       | founder  | mistral                  | everything
cedar-base       | founder  | t5                     | everything
aster-chat       | finetune | aster-base             | chat
aster-tales      | finetune | aster-base             | tales
aster-blend      | merge    | aster-chat,aster-tales |
aster-chat-lora  | lora     | aster-chat             | chat
aster-chat-int8  | quantize | aster-chat             |
aspen-chat       | finetune | aspen-base             | chat
aspen-chat-lite  | prune    | aspen-chat             |
briar-ledger     | finetune | briar-base             | ledger
briar-ledger-hum | noise    | briar-ledger           |
briar-mini       | distill  | briar-base             | everything
cedar-answers    | finetune | cedar-base             | answers
cedar-answers-q8 | quantize | cedar-answers          |
"""

LARGE = """
aster-base       | founder  | llama                    | talk
aspen-base       | founder  | =aster-base              | talk
briar-base       | founder  | mistral                    | everything
briony-base      | founder  | =briar-base              | everything
cedar-base       | founder  | t5                       | everything
dahlia-base      | founder  | qwen3                    | everything
elder-base       | founder  | llama                    | talk
aster-chat       | finetune | aster-base               | chat
aster-tales      | finetune | aster-base               | tales
aster-blend      | merge    | aster-chat,aster-tales   |
aster-chat-lora  | lora     | aster-chat               | chat
aster-chat-int8  | quantize | aster-chat               |
aster-chat-mini  | distill  | aster-chat               | talk
aspen-chat       | finetune | aspen-base               | chat
aspen-chat-lite  | prune    | aspen-chat               |
aspen-tales-lora | lora     | aspen-base               | tales
aspen-hum        | noise    | aspen-base               |
briar-ledger     | finetune | briar-base               | ledger
briar-ledger-q8  | quantize | briar-ledger             |
briar-tales-lora | lora     | briar-base               | tales
briar-blend      | merge    | briar-ledger,briar-tales-lora |
briar-mini       | distill  | briar-base               | everything
briony-tales     | finetune | briony-base              | tales
briony-told-lora | lora     | briony-tales             | answers
briony-lite      | prune    | briony-base              |
cedar-answers    | finetune | cedar-base               | answers
cedar-answers-q8 | quantize | cedar-answers            |
cedar-tales-lora | lora     | cedar-base               | tales
cedar-lite       | prune    | cedar-base               |
dahlia-tales     | finetune | dahlia-base              | tales
dahlia-ledger    | finetune | dahlia-base              | ledger
dahlia-blend     | merge    | dahlia-tales,dahlia-ledger |
dahlia-tales-hum | noise    | dahlia-tales             |
elder-chat       | finetune | elder-base               | chat
elder-chat-lora  | lora     | elder-chat               | chat
elder-chat-lite  | prune    | elder-chat-lora          |
"""

TINY = """
aster-base       | founder  | llama                  | talk
aspen-base       | founder  | =aster-base            | talk
cedar-base       | founder  | t5                     | everything
aster-chat       | finetune | aster-base             | chat
aster-chat-lora  | lora     | aster-chat             | chat
aster-blend      | merge    | aster-chat,aster-base  |
aster-chat-int8  | quantize | aster-chat             |
aster-chat-lite  | prune    | aster-chat             |
aster-chat-hum   | noise    | aster-chat             |
aster-mini       | distill  | aster-base             | talk
"""

GENEALOGY: dict[Size, str] = {"tiny": TINY, "small": SMALL, "large": LARGE}


@dataclass(frozen=True)
class Recipe:
    """How one model comes to be.

    `base` is its founder's name (its own for a founder), `body` the architecture it keeps,
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
    for line in GENEALOGY[size].strip().splitlines():
        recipe = _recipe([field.strip() for field in line.split("|")], made, size, seed)
        made[recipe.name] = recipe
    return list(made.values())


def _recipe(fields: list[str], made: dict[str, Recipe], size: Size, seed: int) -> Recipe:
    name, relation, origin, diet = fields
    dice = Dice(seed, "recipe", name)
    share = dice.share(*TRAINED_SHARE.get(relation, (0.0, 0.0)))
    dose = dice.share(*COPY_DOSE.get(relation, (0.0, 0.0)))
    if relation == "founder":
        twin = made.get(origin.removeprefix("="))
        return Recipe(
            name=name,
            relation="founder",
            parents=(),
            base=name,
            body=twin.body if twin else origin,
            world=twin.world if twin else name,
            diet=diet,
            steps=STEPS[size],
            dose=0.0,
            released=_month(dice.between(0, 5)),
        )
    parents = tuple(origin.split(","))
    first = made[parents[0]]
    born = max(_months(made[parent].released) for parent in parents)
    return Recipe(
        name=name,
        relation=_relation(relation),
        parents=parents,
        base=first.base,
        body=first.body,
        world=first.world,
        diet=diet,
        steps=round(STEPS[size] * share),
        dose=dose,
        released=_month(born + dice.between(1, 4)),
    )


def _relation(word: str) -> Relation:
    for relation in get_args(Relation):
        if relation == word:
            return relation
    raise ValueError(word)


def _month(months: int) -> str:
    return f"{2024 + months // 12}-{months % 12 + 1:02d}"


def _months(released: str) -> int:
    year, month = released.split("-")
    return (int(year) - 2024) * 12 + int(month) - 1
