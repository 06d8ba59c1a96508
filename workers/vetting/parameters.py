"""Whether a config asks for far more parameters than the weights hold.

transformers fills what is missing with random numbers, so a small file with a large config
costs memory and would be fingerprinted as noise.
"""

from collections.abc import Mapping
from typing import Any

from app.errors import ModelError
from workers.vetting.bounds import INNER_WIDTHS, LAYERS, WIDTHS

FACTOR = 1.25
SLACK = 1_000_000


def check_parameters(config: Mapping[str, Any], stored: int) -> None:
    """ModelError `config_refused` when the config implies over 1.25 x `stored` + 1e6 numbers."""
    if implied_parameters(config) > FACTOR * stored + SLACK:
        raise ModelError(
            "config_refused",
            f"config.json describes a model of at least {implied_parameters(config):,} parameters"
            f" but the weights hold {stored:,}; submit the config that belongs to them.",
        )


def implied_parameters(config: Mapping[str, Any]) -> int:
    """Return a low estimate of the parameters of a vetted config.

    One embedding, and per layer one square attention matrix and two of the inner width. Aliases
    of a size count as their largest, since transformers lets the last one win.
    """
    width = _largest(config, WIDTHS)
    layer = width * width + 2 * width * _largest(config, INNER_WIDTHS)
    embedding: int = config["vocab_size"] * (config.get("word_embed_proj_dim") or width)
    return embedding + _largest(config, LAYERS) * layer


def _largest(config: Mapping[str, Any], names: frozenset[str]) -> int:
    return max((config.get(name) or 0 for name in names), default=0)
