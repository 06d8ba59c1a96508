"""How well answers alone show who is related: real answers, and a lineage made by hand."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.dna.scores import centred_cosine, log_rank
from app.services.import_file import Method, import_file
from app.store import entries, models, references, schema
from app.store.database import Database
from benchmarks.answer_sets import AnswerSet, Descent, given
from benchmarks.figures import Figure, say
from benchmarks.groups import Options
from benchmarks.quality import F64, Mask, auc, pairs_above, parent_nearest, tpr_at

FPR = 0.01
UNKNOWN = Descent("", "")


def figures(options: Options) -> Iterator[Figure]:
    """For both scores: same base, direct relations, and whether the parent is the nearest."""
    answers = given(options)
    if answers is None:
        return
    names, scores = _scored(answers)
    known = answers.descents()
    descents = [known.get(name, UNKNOWN) for name in names]
    for score, matrix in scores.items():
        bench = f"text.{answers.name}_{score}"
        yield from _relations(bench, matrix, names, descents)
        yield from _parents(bench, matrix, names, descents)


def _scored(answers: AnswerSet) -> tuple[list[str], dict[str, F64]]:
    """The labels of all models, and the scores of all pairs, as the service would give them."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'genebank.db'}")
        schema.upgrade(database)
        imported = import_file(database, answers.answers, Method(answers.probes), lambda *_: None)
        protocol = imported.protocol
        with database.read() as session:
            found = entries.oldest(session, protocol, imported.added)
            strands = entries.strands(session, protocol, found)
            owners = models.by_ids(session, [entry.model_id for entry in found])
            mean = references.latest(session, protocol).mean
        database.close()
    names = [owners[entry.model_id].name for entry in found]
    cosine = centred_cosine(strands, strands, mean)
    return names, {"cosine": cosine, "log_rank": log_rank(strands, mean)}


def _relations(
    bench: str, scores: F64, names: Sequence[str], descents: Sequence[Descent]
) -> Iterator[Figure]:
    same_base, other_base = base_masks(descents)
    negative = pairs_above(scores, other_base)
    relations = {"same_base": same_base, "direct": direct_mask(names, descents) & same_base}
    for relation, mask in relations.items():
        positive = pairs_above(scores, mask)
        if not len(positive) or not len(negative):
            say(f"{bench}: no {relation} pairs, or nothing to tell them from")
            continue
        facts = _facts(names, positive=len(positive), negative=len(negative))
        yield Figure(f"{bench}_{relation}_auc", auc(positive, negative), "", facts)
        tpr = tpr_at(positive, negative, FPR)
        yield Figure(f"{bench}_{relation}_tpr_at_1pct", tpr, "", facts)


def _parents(
    bench: str, scores: F64, names: Sequence[str], descents: Sequence[Descent]
) -> Iterator[Figure]:
    parents = {
        name: {one.parent} for name, one in zip(names, descents, strict=True) if one.has_own_parent
    }
    hits = parent_nearest(scores, names, parents)
    if not len(hits):
        say(f"{bench}: no model's parent is in the set")
        return
    facts = _facts(names, children=len(hits))
    yield Figure(f"{bench}_parent_nearest", float(hits.mean()), "", facts)


def base_masks(descents: Sequence[Descent]) -> tuple[Mask, Mask]:
    """Pairs of the same known base, and pairs of two known bases, both (n, n)."""
    bases = np.array([one.base for one in descents])
    known = np.array([one.is_known for one in descents])
    both, same = known[:, None] & known, bases[:, None] == bases
    return both & same, both & ~same


def direct_mask(names: Sequence[str], descents: Sequence[Descent]) -> Mask:
    """Pairs of parent and child, and of siblings by one parent that is no base checkpoint."""
    parents = np.array([one.parent if one.has_own_parent else "" for one in descents])
    named = parents != ""
    child_of: Mask = named[:, None] & (parents[:, None] == np.array(names))
    siblings: Mask = named[:, None] & named & (parents[:, None] == parents)
    return child_of | child_of.T | siblings


def _facts(names: Sequence[str], **facts: Any) -> dict[str, Any]:
    return {"models": len(names), **facts}
