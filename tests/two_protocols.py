"""Local models whose words and scores descend from each other, under both default protocols."""

import numpy as np

from app.store.database import Database
from tests.synthetic import add_local

# Two families: the name of a child begins with that of its parent.
MODELS = ("wolf", "wolf-a", "wolf-b", "wolf-b-tuned", "heron", "heron-a", "heron-b")
LINEAGE = "\n".join(
    [
        "model\tbase\tparent",
        "wolf\twolf\t",
        "wolf-a\twolf\twolf",
        "wolf-b\twolf\twolf",
        "wolf-b-tuned\twolf\twolf-b",
        "heron\theron\t",
        "heron-a\theron\theron",
        "heron-b\theron\theron",
        "",
    ]
)


def fill(database: Database) -> None:
    """Add the models."""
    rng = np.random.default_rng(0)
    scores: dict[str, np.ndarray] = {}
    for name in MODELS:
        parent = scores.get(name.rpartition("-")[0])
        fresh = -8 + 2 * rng.standard_normal((100, 10))
        own = fresh if parent is None else parent + 0.3 * rng.standard_normal((100, 10))
        scores[name] = np.minimum(own, -0.01)
        add_local(database, name, scores[name])
