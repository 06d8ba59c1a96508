"""Gradient descent: one loop for founders, fine-tunes, adapters and students."""

from collections.abc import Callable

import torch
from torch.nn import functional
from transformers import PreTrainedModel

from nursery.lessons import IGNORED, Batch, Lessons

FOUNDER_RATE = 8e-3
FINETUNE_RATE = FOUNDER_RATE / 4
LORA_RATE = FOUNDER_RATE
WARM_UP = 20

Loss = Callable[[PreTrainedModel, Batch], torch.Tensor]


def train(
    model: PreTrainedModel, lessons: Lessons, steps: int, rate: float, seed: int, loss: Loss
) -> None:
    """Take `steps` AdamW steps in place; the rate warms up, then falls to zero in a line."""
    generator = torch.Generator().manual_seed(seed)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        weights, lr=rate, betas=(0.9, 0.95), weight_decay=0.01, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP) * (1 - step / steps)
    )
    model.train()
    for step in range(steps):
        optimizer.zero_grad()
        torch.autograd.backward(loss(model, lessons.batch(step, generator)))
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
    model.eval()


def next_token_loss(model: PreTrainedModel, batch: Batch) -> torch.Tensor:
    """Return the mean cross entropy of the labels."""
    loss: torch.Tensor = model(**batch).loss
    return loss


def teacher_loss(teacher: PreTrainedModel) -> Loss:
    """Return the loss of a student: how far its next-token distributions are from the teacher's."""
    teacher.requires_grad_(False)

    def loss(student: PreTrainedModel, batch: Batch) -> torch.Tensor:
        said = batch["labels"] != IGNORED
        target = teacher(**batch).logits[said].log_softmax(-1)
        guess = student(**batch).logits[said].log_softmax(-1)
        return functional.kl_div(guess, target, reduction="batchmean", log_target=True)

    return loss
