"""An embedding that is read row by row: a few texts need few rows of a large vocabulary."""

from typing import Any

import torch
from torch import nn

from workers.llms.streaming.weights import Loader


def can_gather(model: Any, table: nn.Embedding, names: list[str], loader: Loader) -> bool:
    """Say whether an embedding, with weights of these names, only looks up rows by its argument.

    Some kinds compute positions from it; the model's own kind of token embedding may scale rows.
    """
    plain = type(table).forward is nn.Embedding.forward
    return (
        (plain or type(table) is type(model.get_input_embeddings()))
        and table.max_norm is None
        and len(names) == 1
        and loader.stored_as(names[0]) is not None
    )


def gather(embedding: nn.Embedding, name: str, loader: Loader) -> None:
    """Make an embedding, of the weight `name`, read the rows that it is asked for.

    During a call its weight, which is absent otherwise, holds those rows only and the ids are
    their places. An id beyond the vocabulary is an IndexError, as ever.
    """
    absent = embedding.weight
    embedding.padding_idx = None  # only gradients need it, and it may not be among the rows

    def take(_: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        ids, *others = args
        rows, places = torch.unique(ids, return_inverse=True)
        weight = loader.load_rows(name, rows)
        embedding.weight = nn.Parameter(weight, requires_grad=False)
        return places, *others

    def drop(*_: object) -> None:
        embedding.weight = absent

    embedding.register_forward_pre_hook(take)
    embedding.register_forward_hook(drop, always_call=True)
