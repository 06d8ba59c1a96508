"""A registry large enough for verdicts: one family, whose members are more or less near, strangers,
and a model that does not listen.
"""

import numpy as np

from app.dna.protocol import likelihood_v1
from app.services.freezing import refresh_references
from app.store.database import Database
from tests import planted
from tests.store.making import add_strands

N_STRANGERS = 32
# How far from its own each word of a relative of `wolf` is, and what is therefore said of the two.
NEAR = {
    "wolf-again": (0.005, "same weights"),
    "wolf-tuned": (0.06, "direct relative"),
    "wolf-chat": (0.13, "related"),
}
DEAF = "deaf"


def fill(database: Database) -> None:
    """Put them in under `likelihood-v1`, and freeze its reference."""
    rng = np.random.default_rng(1)
    wolf, *strangers = planted.likelihoods(rng, planted.families(0, 0, alone=1 + N_STRANGERS))
    kin = [wolf * np.exp(far * rng.normal(size=wolf.shape)) for far, _ in NEAR.values()]
    deaf = np.tile(wolf[:1], (len(wolf), 1))
    labels = ["wolf", *NEAR, DEAF, *(f"stranger{number}" for number in range(N_STRANGERS))]
    add_strands(database, likelihood_v1(), np.array([wolf, *kin, deaf, *strangers]), labels)
    refresh_references(database)
