"""A model's folder on disk: it appears complete or not at all."""

import shutil
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from nursery.recipes import Recipe

HOW = {
    "founder": "Trained from random weights.",
    "finetune": "All weights trained further on other text.",
    "lora": "Low-rank adapters trained on other text and merged.",
    "merge": "The mean of its parents' weights.",
    "distill": "A smaller student of its parent's token distributions.",
    "quantize": "Linear weights rounded to an integer grid, stored dequantised.",
    "prune": "The smallest linear weights set to zero.",
    "noise": "Gaussian noise added to the linear weights.",
}


def keep(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, recipe: Recipe, out: Path
) -> None:
    """Write weights (safetensors), tokenizer, configuration and model card to `out`/name.

    They are written under another name first, so a killed nursery leaves no half model.
    """
    partial = out / f".{recipe.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    (partial / "README.md").write_text(card(recipe), encoding="utf-8")
    for file in partial.iterdir():
        file.chmod(0o644)  # safetensors makes them private, and a service may be another user
    partial.rename(out / recipe.name)


def card(recipe: Recipe) -> str:
    """Return the model card: YAML front matter as the Hub reads it, then two sentences."""
    base = _base_model(recipe.parents)
    return (
        f"---\nlicense: apache-2.0\n{base}---\n\n# {recipe.name}\n\n"
        f"A tiny model of a synthetic family, raised for tests. {HOW[recipe.relation]}\n"
    )


def _base_model(parents: tuple[str, ...]) -> str:
    """Return the front matter's lines on descent: none, one name, or a list."""
    if not parents:
        return ""
    if len(parents) == 1:
        return f"base_model: {parents[0]}\n"
    return "base_model:\n" + "".join(f"- {parent}\n" for parent in parents)
