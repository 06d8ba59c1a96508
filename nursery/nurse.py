"""One model, from its recipe to its finished folder; runs in a process that may load torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from nursery import bodies, copies, lora
from nursery.dice import seed_for
from nursery.diets import DIETS, serve
from nursery.folder import keep
from nursery.lessons import Lessons, Pairs, RunningText, laid_out
from nursery.recipes import Recipe
from nursery.tokens import learn_tokenizer
from nursery.training import (
    FINETUNE_RATE,
    FOUNDER_RATE,
    LORA_RATE,
    Loss,
    next_token_loss,
    teacher_loss,
    train,
)


@dataclass(frozen=True)
class Crib:
    """What is at hand while one model is made."""

    recipe: Recipe
    out: Path
    seed: int
    tokenizer: PreTrainedTokenizerFast

    def parent(self, which: int = 0) -> PreTrainedModel:
        """Return a fresh copy of a parent."""
        return bodies.load(self.out / self.recipe.parents[which], self.recipe.body)

    def newborn(self, layers: int) -> PreTrainedModel:
        """Return this model's untrained weights."""
        return bodies.newborn(self.recipe.body, self.tokenizer, self.seed_for("weights"), layers)

    def seed_for(self, purpose: str) -> int:
        """Return this model's own seed for one purpose."""
        return seed_for(self.seed, purpose, self.recipe.name)

    def lessons(self, world: str) -> Lessons:
        """Return the facts of `world` in the voice of the founder's texts, ready to be learned."""
        pages = serve(self.recipe.diet, self.seed, world, self.recipe.world)
        kind = Pairs if bodies.is_encoder_decoder(self.recipe.body) else RunningText
        return kind(laid_out(pages, self.tokenizer), self.tokenizer)

    def teach(
        self, model: PreTrainedModel, world: str, rate: float, loss: Loss = next_token_loss
    ) -> PreTrainedModel:
        """Train `model` on the texts of `world` for as long as the recipe says; return it."""
        train(model, self.lessons(world), self.recipe.steps, rate, self.seed_for("order"), loss)
        return model


def raise_model(recipe: Recipe, out: Path, seed: int) -> None:
    """Make the model of `recipe` in `out`, where its parents already are; whole or not at all."""
    if recipe.relation == "founder":
        tokenizer = _learn_tokenizer(recipe, seed)
    else:
        tokenizer = AutoTokenizer.from_pretrained(out / recipe.parents[0], local_files_only=True)
    model = MAKING[recipe.relation](Crib(recipe, out, seed, tokenizer))
    keep(model, tokenizer, recipe, out)


def _learn_tokenizer(recipe: Recipe, seed: int) -> PreTrainedTokenizerFast:
    pages = serve(recipe.diet, seed, recipe.world, recipe.world)
    texts = [page.before + page.after for page in pages]
    return learn_tokenizer(texts, recipe.body, chat=DIETS[recipe.diet].chat_share > 0)


def _found(crib: Crib) -> PreTrainedModel:
    model = crib.newborn(bodies.LAYERS[crib.recipe.body])
    return crib.teach(model, crib.recipe.world, FOUNDER_RATE)


def _finetune(crib: Crib) -> PreTrainedModel:
    return crib.teach(crib.parent(), crib.recipe.name, FINETUNE_RATE)


def _adapt(crib: Crib) -> PreTrainedModel:
    model = crib.parent()
    lora.attach(model, crib.seed_for("lora"))
    crib.teach(model, crib.recipe.name, LORA_RATE)
    lora.merge(model)
    return model


def _distill(crib: Crib) -> PreTrainedModel:
    """Raise a student, one layer less, on what its teacher makes of the founder's texts."""
    student = crib.newborn(bodies.LAYERS[crib.recipe.body] - 1)
    return crib.teach(student, crib.recipe.world, FOUNDER_RATE, teacher_loss(crib.parent()))


def _merge(crib: Crib) -> PreTrainedModel:
    model = crib.parent(0)
    copies.average(model, crib.parent(1))
    return model


def _quantize(crib: Crib) -> PreTrainedModel:
    model = crib.parent()
    copies.quantize(model, round(crib.recipe.dose))
    return model


def _prune(crib: Crib) -> PreTrainedModel:
    model = crib.parent()
    copies.prune(model, crib.recipe.dose)
    return model


def _add_noise(crib: Crib) -> PreTrainedModel:
    model = crib.parent()
    copies.add_noise(model, crib.recipe.dose, crib.seed_for("noise"))
    return model


MAKING: dict[str, Callable[[Crib], PreTrainedModel]] = {
    "founder": _found,
    "finetune": _finetune,
    "lora": _adapt,
    "distill": _distill,
    "merge": _merge,
    "quantize": _quantize,
    "prune": _prune,
    "noise": _add_noise,
}
