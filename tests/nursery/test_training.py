"""Newborn models, one gradient loop, adapters and students, on real tiny transformers."""

from copy import deepcopy

import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from nursery import lora
from nursery.bodies import DECODERS, newborn
from nursery.lessons import IGNORED, Lessons, Pairs, RunningText
from nursery.tokens import learn_tokenizer
from nursery.training import next_token_loss, teacher_loss, train

DOCUMENTS = [
    (f"The {like} {thing} ", f"is by the {place}. So it goes.")
    for like in ("old", "red", "tall", "quiet", "small")
    for thing in ("river", "house", "horse", "boat")
    for place in ("sea", "hill", "road", "church")
] * 2


@pytest.fixture(scope="module", params=["llama", "t5"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tokenizer(kind: str) -> PreTrainedTokenizerFast:
    return learn_tokenizer([before + after for before, after in DOCUMENTS], kind, chat=False)


@pytest.fixture(scope="module")
def lessons(kind: str, tokenizer: PreTrainedTokenizerFast) -> Lessons:
    return (Pairs if kind == "t5" else RunningText)(DOCUMENTS, tokenizer)


def _batch(lessons: Lessons) -> dict[str, torch.Tensor]:
    return lessons.batch(0, torch.Generator().manual_seed(1))


def _logits(model: PreTrainedModel, lessons: Lessons) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = model(**_batch(lessons)).logits
    return logits


@pytest.mark.parametrize("body", [*DECODERS, "t5"])
def test_weights_follow_from_the_seed_alone(body: str) -> None:
    tokenizer = learn_tokenizer(["the old river"], body, chat=False)
    one, again, other = (newborn(body, tokenizer, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], again[name]) for name in one)
    matrices = [name for name in one if one[name].dim() > 1]
    assert not any(torch.equal(one[name], other[name]) for name in matrices)
    assert all(one[name].dtype == torch.float32 for name in one)


def test_training_lowers_the_loss_and_repeats_itself(
    kind: str, tokenizer: PreTrainedTokenizerFast, lessons: Lessons
) -> None:
    models = [newborn(kind, tokenizer, 1) for _ in range(2)]
    before = float(next_token_loss(models[0], _batch(lessons)).detach())
    for model in models:
        train(model, lessons, 25, 8e-3, 3, next_token_loss)
    after = float(next_token_loss(models[0], _batch(lessons)).detach())
    assert after < 0.7 * before
    pairs = zip(models[0].parameters(), models[1].parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_an_adapter_starts_as_nothing_learns_alone_and_merges_exactly(
    kind: str, tokenizer: PreTrainedTokenizerFast, lessons: Lessons
) -> None:
    model = newborn(kind, tokenizer, 1).eval()
    names, at_first = [name for name, _ in model.named_parameters()], _logits(model, lessons)
    frozen = deepcopy(dict(model.named_parameters()))
    lora.attach(model, 7)
    torch.testing.assert_close(_logits(model, lessons), at_first)
    learning = [name for name, w in model.named_parameters() if w.requires_grad]
    assert learning
    assert all(name.endswith((".up", ".down")) for name in learning)
    train(model, lessons, 8, 8e-3, 3, next_token_loss)
    adapted = _logits(model, lessons)
    assert not torch.allclose(adapted, at_first, atol=1e-2)
    lora.merge(model)
    torch.testing.assert_close(_logits(model, lessons), adapted, rtol=1e-3, atol=1e-4)
    assert [name for name, _ in model.named_parameters()] == names
    for name, weight in model.named_parameters():
        adaptable = name.split(".")[-2] in lora.PROJECTIONS
        assert torch.equal(weight, frozen[name]) is not adaptable


def test_a_student_comes_nearer_to_its_teacher(
    kind: str, tokenizer: PreTrainedTokenizerFast, lessons: Lessons
) -> None:
    teacher = newborn(kind, tokenizer, 1)
    train(teacher, lessons, 25, 8e-3, 3, next_token_loss)
    loss, student = teacher_loss(teacher), newborn(kind, tokenizer, 2, layers=1)
    before = float(loss(student, _batch(lessons)).detach())
    train(student, lessons, 25, 8e-3, 4, loss)
    assert float(loss(student, _batch(lessons)).detach()) < 0.5 * before
    assert float(loss(teacher, _batch(lessons)).detach()) == pytest.approx(0.0, abs=1e-5)


def test_pairs_are_padded_with_what_the_loss_ignores() -> None:
    tokenizer = learn_tokenizer([before + after for before, after in DOCUMENTS], "t5", chat=False)
    uneven = [("a river", "by " * (1 + i % 7) + "sea") for i in range(40)]
    batch = Pairs(uneven, tokenizer).batch(0, torch.Generator().manual_seed(0))
    said = batch["labels"] != IGNORED
    assert (batch["labels"][said] >= 0).all()
    ends = [int(row[keep][-1]) for row, keep in zip(batch["labels"], said, strict=True)]
    assert set(ends) == {tokenizer.eos_token_id}
    assert torch.equal(batch["attention_mask"] == 0, batch["input_ids"] == tokenizer.pad_token_id)
