"""Use case: which entries are the tips of a tree."""

from collections.abc import Sequence

import numpy as np

from app.dna.protocol import Protocol
from app.errors import InputError, NotFoundError
from app.records import ModelRecord
from app.search.candidates import Candidates
from app.services.declared_families import declared_families
from app.services.trees.material import Material
from app.store import entries
from app.store.database import Session
from app.store.near import near_names

# Projected DNA orders candidates a little differently than distances do.
OVERSAMPLING = 2
FEWEST_CANDIDATES = 50


def of_models(session: Session, protocol: Protocol, chosen: Sequence[ModelRecord]) -> Material:
    """The entries of models, each content once.

    Raises InputError `named_twice` or NotFoundError `not_fingerprinted`.
    """
    seen: set[str] = set()
    for model in chosen:
        if model.id in seen:
            raise InputError("named_twice", f"{model.name} is named twice: name each model once.")
        seen.add(model.id)
    found = [entries.get(session, model, protocol) for model in chosen]
    return Material(session, protocol, list({entry.id: entry for entry in found}.values()))


def around(
    session: Session, candidates: Candidates, protocol: Protocol, model: ModelRecord, k: int
) -> Material:
    """The entry of a model and those of its `k` nearest; NotFoundError `not_fingerprinted`."""
    own = entries.get(session, model, protocol)
    wanted = max(k * OVERSAMPLING, FEWEST_CANDIDATES) + 1
    seqs = candidates.nearest(session, protocol, entries.dna(session, own), wanted)
    others = entries.by_seq(session, protocol.digest, [int(seq) for seq in seqs if seq != own.seq])
    material = Material(session, protocol, [own, *others])
    if len(others) <= k:
        return material
    apart = material.distances.between(material.rows[0], material.rows)[0]
    apart[0] = -1.0  # before its copies
    return material.chosen(np.argsort(apart, kind="stable")[: k + 1].tolist())


def of_family(session: Session, protocol: Protocol, name: str) -> Material:
    """The entries of models that descend from one, as they declare, itself among them.

    Raises NotFoundError `no_such_family` with near names.
    """
    found = entries.oldest(session, protocol)
    families = declared_families(session, found)
    wanted = name.lower().rpartition("/")[2]
    chosen = [entry for entry, of in zip(found, families, strict=True) if of == wanted]
    if not chosen:
        near = near_names(wanted, set(families))
        raise NotFoundError("no_such_family", f"No declared family is named {name!r}.", near)
    return Material(session, protocol, chosen)
