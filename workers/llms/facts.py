"""What the two verbs must know of a loaded model, read once from its config and tokenizer."""

from dataclasses import dataclass
from typing import Any

from app.errors import ModelError
from workers.llms.role import Kind


@dataclass(frozen=True)
class Facts:
    """Token ids and limits of one model.

    `vocabulary` is the number of embeddings, `positions` the longest input in tokens (None where
    the architecture has no limit), `fill` the id that pads a batch, `stops` the ids that end an
    answer, `start` the id that begins a decoder's text (None for a causal model), `token_bytes`
    what one token takes in the cache of one row.
    """

    vocabulary: int
    positions: int | None
    fill: int
    stops: tuple[int, ...]
    start: int | None
    token_bytes: int


def read_facts(model: Any, tokenizer: Any, kind: Kind) -> Facts:
    """Read the facts of a loaded model.

    Raises ModelError `no_decoder_start` for an encoder-decoder that does not say how its
    decoder's text begins.
    """
    config = model.config.get_text_config(decoder=True)
    vocabulary = int(model.get_input_embeddings().weight.shape[0])
    stops = _stops(model.config, tokenizer, vocabulary)
    pad = tokenizer.pad_token_id
    known = isinstance(pad, int) and 0 <= pad < vocabulary
    return Facts(
        vocabulary=vocabulary,
        positions=min(_limits(config), default=None),
        fill=pad if known else next(iter(stops), 0),
        stops=stops,
        start=_start(model.config) if kind == "seq2seq" else None,
        token_bytes=_token_bytes(config, model.dtype.itemsize),
    )


def _stops(config: Any, tokenizer: Any, vocabulary: int) -> tuple[int, ...]:
    """Return every id that tokenizer or config call the end of a text, in ascending order."""
    found: set[int] = set()
    for ids in (tokenizer.eos_token_id, getattr(config, "eos_token_id", None)):
        found.update(ids if isinstance(ids, list | tuple) else [] if ids is None else [ids])
    return tuple(sorted(stop for stop in found if 0 <= stop < vocabulary))


def _start(config: Any) -> int:
    """Return the id that begins a decoder's text, as transformers' own generation finds it."""
    for name in ("decoder_start_token_id", "bos_token_id"):
        if isinstance(start := getattr(config, name, None), int):
            return start
    raise ModelError(
        "no_decoder_start",
        "Add decoder_start_token_id to config.json: without it the decoder's text cannot begin.",
    )


def _limits(config: Any) -> list[int]:
    """Return every limit of positions that the config states; T5 and BLOOM state none."""
    names = ("max_position_embeddings", "max_seq_len", "max_decoder_position_embeddings")
    return [limit for name in names if isinstance(limit := getattr(config, name, None), int)]


def _token_bytes(config: Any, itemsize: int) -> int:
    """Return the bytes of keys and values of one token, over all layers."""
    heads = config.num_attention_heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    return int(2 * config.num_hidden_layers * shared * width * itemsize)
