"""A made-up genealogy under `likelihood-v1`: models whose surprise descends from each other.

`plant` registers, as local models in one folder: a family, `oak-base` and its descendants, and
enough strangers for a reference. Nobody claims anything yet: `claim` does.
"""

import numpy as np
import numpy.typing as npt

from app.dna.protocol import likelihood_v1
from app.dna.strand import encode
from app.records import Claim, ClaimKind, ModelRecord, ModelRef
from app.services.freezing import refresh_references
from app.store import entries, models, protocols
from app.store.database import Database, Session

F64 = npt.NDArray[np.float64]
FOLDER = "/nursery"
N_STRANGERS = 30
# name: its parents
FAMILY: dict[str, tuple[str, ...]] = {
    "oak-base": (),
    "oak-chat": ("oak-base",),
    "oak-code": ("oak-base",),
    "oak-blend": ("oak-chat", "oak-code"),
    "oak-chat-q8": ("oak-chat",),
    "oak-chat-tuned": ("oak-chat",),
}
STRANGERS = tuple(f"stranger-{number}" for number in range(N_STRANGERS))
# When each of the family was really released.
RELEASED = dict(
    zip(FAMILY, ("2024-01", "2024-03", "2024-02", "2024-06", "2024-05", "2024-07-15"), strict=True)
)


def surprises() -> dict[str, F64]:
    """Logarithms of surprisals, (100, 10), of all models."""
    rng = np.random.default_rng(7)

    def noise(size: float) -> F64:
        return size * rng.standard_normal((100, 10))

    common = np.log(8) + noise(0.3)
    made: dict[str, F64] = {}
    for name, parents in FAMILY.items():
        own = {"oak-blend": 0.01, "oak-chat-q8": 0.002}.get(name, 0.08)
        from_parents = np.mean([made[parent] for parent in parents], axis=0) if parents else common
        made[name] = from_parents + noise(own if parents else 0.2)
    return made | {name: common + noise(0.2) for name in STRANGERS}


def plant(database: Database) -> None:
    """Register all models with an entry each, and freeze the reference."""
    with database.write() as session:
        protocol = protocols.ensure(session, likelihood_v1())
        findings = []
        for name, logs in surprises().items():
            responses = np.minimum(-np.exp(logs), -0.01).tolist()
            findings.append(
                entries.Finding(
                    model=register(session, name),
                    protocol=protocol,
                    strand=encode(protocol, responses),
                    responses=responses,
                    evidence="weights",
                    environment={},
                )
            )
        entries.add(session, findings)
    refresh_references(database)


def register(session: Session, name: str, digest: str | None = None) -> ModelRecord:
    """A local model in FOLDER; with the digest of another it is a copy of that one."""
    model = models.register(session, ModelRef("local", f"{FOLDER}/{name}", "0" * 16))
    return models.set_content(session, model.id, digest or f"digest of {name}", {})


def claim(
    database: Database, name: str, kind: ClaimKind, *values: str, source: str = "hub"
) -> None:
    """Claim something of a model."""
    with database.write() as session:
        model = models.find(session, name)
        models.add_claims(session, model.id, [Claim(kind, value, source) for value in values])


def declare_all(database: Database) -> None:
    """Let every descendant declare its true parents."""
    for name, parents in FAMILY.items():
        if parents:
            claim(database, name, "declared_base", *parents, source="model card")


def date_all(database: Database) -> None:
    """Let the hub say when each of the family was released."""
    for name, released in RELEASED.items():
        claim(database, name, "released", released)
