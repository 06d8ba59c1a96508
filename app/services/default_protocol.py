"""Use case: a question names no protocol, so the one that answers best is taken."""

from app.dna.protocol import Protocol, builtins, likelihood_v1
from app.errors import NotFoundError
from app.records import ModelRecord
from app.store import entries, protocols
from app.store.database import Session


def for_tree(session: Session) -> Protocol:
    """The protocol of a tree of everything: the best witness if it can, else the most used.

    Raises NotFoundError `no_entries` when nothing has been fingerprinted.
    """
    names = protocols.names(session)
    counts = {
        digest: entries.count(session, digest) for digest in sorted(names, key=lambda d: names[d])
    }
    if not any(counts.values()):
        raise NotFoundError(
            "no_entries", "Nothing has been fingerprinted yet: register or import models first."
        )
    best = likelihood_v1().digest
    chosen = best if counts.get(best, 0) >= 2 else max(counts, key=lambda digest: counts[digest])
    return protocols.get(session, chosen)


def for_model(session: Session, model: ModelRecord) -> Protocol:
    """The protocol under which a model is best known: the first of ours, else its oldest.

    Raises NotFoundError `not_fingerprinted`.
    """
    own = [entry.protocol_digest for entry in entries.require_any(session, model)]
    best = [protocol.digest for protocol in builtins() if protocol.digest in own]
    return protocols.get(session, (best or own)[0])
