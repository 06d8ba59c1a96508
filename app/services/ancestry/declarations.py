"""What models claim of each other: declared bases, and the registered models that they mean."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.hub.names import is_bare
from app.lineage.dates import Dated, by_trust
from app.lineage.descent import MOST_MODELS, MOST_STEPS
from app.records import Claim, ModelRecord
from app.store import models
from app.store.database import Session

NOT_REGISTERED = "It is not registered."
AMBIGUOUS = "Several registered models have this name."
ITSELF = "That is the model itself."


@dataclass(frozen=True)
class DeclaredBase:
    """A base as claims name it, and by whom; `model` is the registered model that it means.

    `missing` says why there is none; it is empty where there is one.
    """

    value: str
    sources: tuple[str, ...]
    model: ModelRecord | None
    missing: str


class Declarations:
    """The claims of models, each read once: made for one request, in its session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._claims: dict[str, list[Claim]] = {}
        self._bases: dict[str, tuple[DeclaredBase, ...]] = {}
        self._meant: dict[str, list[ModelRecord]] = {}
        self._known: dict[str, ModelRecord] = {}

    def read(self, some: Iterable[ModelRecord]) -> None:
        """Read the claims of many models at once, as each needs its own otherwise."""
        new = {model.id: model for model in some if model.id not in self._claims}
        if new:
            self._known |= new
            found = models.claims_of_each(self._session, new)
            self._claims |= {model_id: found.get(model_id, []) for model_id in new}

    def model(self, model_id: str) -> ModelRecord:
        """A model that was met among those read, or as a base of one."""
        return self._known[model_id]

    def dates(self, model: ModelRecord) -> tuple[Dated, ...]:
        """The claimed release dates, the most trusted first."""
        return by_trust(Dated(c.value, c.source) for c in self._of(model, "released"))

    def bases(self, model: ModelRecord) -> tuple[DeclaredBase, ...]:
        """The declared bases, oldest claim first, each name once."""
        if model.id not in self._bases:
            sources: dict[str, list[str]] = {}
            for claim in self._of(model, "declared_base"):
                sources.setdefault(claim.value, []).append(claim.source)
            self._bases[model.id] = tuple(
                self._base(model, value, tuple(by)) for value, by in sources.items()
            )
        return self._bases[model.id]

    def parents(self, model_id: str) -> list[str]:
        """The ids of the registered models that a model declares as its bases."""
        bases = self.bases(self._known[model_id])
        return list(dict.fromkeys(base.model.id for base in bases if base.model))

    def children(self, model: ModelRecord) -> dict[str, list[str]]:
        """Who declares this model as a base, who declares those, and so on: {id: their ids}.

        Of a generation with more than MOST_MODELS members the oldest are taken.
        """
        self.read([model])
        found: dict[str, list[str]] = {}
        generation = [model.id]
        for _ in range(MOST_STEPS):
            names = {name for parent in generation for name in _spellings(self._known[parent])}
            named = models.claimants(self._session, "declared_base", names, MOST_MODELS)
            self.read(named)
            found |= {parent: [] for parent in generation}
            for child in named:
                for parent in set(self.parents(child.id)).intersection(generation):
                    found[parent].append(child.id)
            met = dict.fromkeys(child for parent in generation for child in found[parent])
            generation = [child for child in met if child not in found]
            if not generation:
                break
        return found

    def sources(self, child: str, parent: str) -> tuple[str, ...]:
        """Who says that a model has this base."""
        named = (base for base in self.bases(self._known[child]) if base.model)
        found = [base.sources for base in named if base.model and base.model.id == parent]
        return tuple(dict.fromkeys(source for sources in found for source in sources))

    def _of(self, model: ModelRecord, kind: str) -> list[Claim]:
        self.read([model])
        return [claim for claim in self._claims[model.id] if claim.kind == kind]

    def _base(self, model: ModelRecord, value: str, sources: tuple[str, ...]) -> DeclaredBase:
        found = self._meaning(model, value)
        if len(found) != 1:
            return DeclaredBase(value, sources, None, AMBIGUOUS if found else NOT_REGISTERED)
        if found[0].id == model.id:
            return DeclaredBase(value, sources, None, ITSELF)
        self._known.setdefault(found[0].id, found[0])
        return DeclaredBase(value, sources, found[0], "")

    def _meaning(self, model: ModelRecord, value: str) -> list[ModelRecord]:
        """What a name means where `model` uses it: the first reading that any model has."""
        for name in _readings(model, value):
            if name not in self._meant:
                self._meant[name] = models.meant(self._session, name)
            if self._meant[name]:
                return self._meant[name]
        return []


def _readings(model: ModelRecord, value: str) -> Iterator[str]:
    """Refs and names that a declared base may stand for, the nearest to the model first.

    A local model means a path, or a folder beside its own; an import a label of imports; else
    `org/name` is the hub's, and any other name whatever model has it.
    """
    source, folder = model.ref.source, model.ref.name
    if source == "local":
        if value.startswith(("/", ".")):
            yield f"local:{os.path.normpath(os.path.join(folder, value))}"  # noqa: PTH118
        elif "/" not in value:
            yield f"local:{os.path.join(os.path.dirname(folder), value)}"  # noqa: PTH118, PTH120
    else:
        yield f"{source}:{value}"
    if is_bare(value):
        yield f"hf:{value}"
    yield value


def _spellings(model: ModelRecord) -> set[str]:
    """How claims may name a model: whoever reads them back decides whether they mean it."""
    ref, label = model.ref, model.name
    short = label.rpartition("/")[2]
    names = {str(ref), f"{ref.source}:{ref.name}", f"{ref.name}@{ref.revision}", ref.name}
    return names | {label, short, f"../{short}", f"./../{short}"}
