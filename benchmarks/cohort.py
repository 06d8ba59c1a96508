"""A leaf: a set of answers in a registry of its own, and the trees of its models."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.evaluation.kinship import families_of
from app.evaluation.lineage_file import LineageRow, parse_lineage
from app.phylo.annotated import Annotated
from app.phylo.distances import Kind
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rooting import midpoint
from app.phylo.tree import Tree
from app.search.candidates import Candidates
from app.services.handed_in import read, vector_size
from app.services.import_file import Method, import_file
from app.services.rates import DISTANCE, Rates, Told, rates
from app.services.trees.growth import Growth
from app.services.trees.kept_pairs import KeptPairs
from app.services.trees.material import every
from app.services.trees.trees import Trees
from app.store import protocols, schema
from app.store.database import Database
from benchmarks.answer_sets import AnswerSet

F64 = NDArray[np.float64]
ENCODER_DECODERS = ("t5", "bart")  # that are told by their names


@dataclass(frozen=True, eq=False)
class Grown:
    """A tree, and the distances (n, n) that it was grown from; tip i is row i."""

    annotated: Annotated
    distances: F64
    kind: str
    replicates: int = 0

    @property
    def tree(self) -> Tree:
        """The tree itself."""
        return self.annotated.tree


@dataclass(frozen=True, eq=False)
class Cohort:
    """Models of a set: what its lineage says of each, in the order of the tips of `ours`."""

    rows: tuple[LineageRow, ...]
    ours: Grown
    lineage: tuple[LineageRow, ...] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the models."""
        return self.ours.tree.labels

    @property
    def traits(self) -> Mapping[str, tuple[str, ...]]:
        """What is known of each model, "" where nothing is."""
        return {
            "organisation": tuple(_organisation(name) for name in self.names),
            "base": tuple(row.base if row.has_base else "" for row in self.rows),
            "architecture": tuple(_architecture(name) for name in self.names),
        }


def imported(files: AnswerSet, folder: Path) -> Database:
    """A registry in a folder that holds nothing but this set."""
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    import_file(database, files.answers, Method(files.probes), lambda *_: None)
    return database


def cohort(files: AnswerSet, folder: Path) -> Cohort:
    """Import a set, and grow the tree that the service would, with support."""
    lineage = parse_lineage(files.lineage.read_bytes())
    known = {row.model: row for row in lineage}
    with closing(imported(files, folder)) as database, database.read() as session:
        [protocol] = protocols.every(session)
        built = Trees(Candidates()).of(session, protocol)
        distances = every(session, protocol).matrix(KeptPairs())
    rows = tuple(known.get(name, LineageRow(name)) for name in built.tree.labels)
    families = tuple(row.base if row.has_base else "" for row in rows)
    ours = replace(built.annotated, families=_shared(families), dates=None)
    return Cohort(rows, Grown(ours, distances, built.grown.kind, built.grown.replicates), lineage)


def published(vectors: Path, like: Cohort) -> Grown:
    """The midpoint-rooted neighbour-joining tree of published vectors, by Euclidean distances.

    Raises InputError `different_tips` where a model of the cohort has no vector.
    """
    handed_in = read(vectors, "vector", vector_size(vectors))
    found = {one.label: one.responses[0] for one in handed_in}
    if not set(like.names) <= found.keys():
        raise InputError("different_tips", f"{vectors} lacks vectors of some models.")
    rows = np.array([found[name] for name in like.names], dtype=np.float64)
    distances = np.linalg.norm(rows[:, None] - rows, axis=2)
    tree = midpoint(neighbour_joining(distances, like.names))
    return Grown(Annotated(tree, families=like.ours.annotated.families), distances, "Euclidean")


def rates_of(files: AnswerSet, folder: Path, distance: Kind = DISTANCE) -> Mapping[str, Rates]:
    """The speeds of models of one base, and of one series, by the dates of a lineage file."""
    lineage = parse_lineage(files.lineage.read_bytes())
    released = {row.model: row.released for row in lineage if row.released}
    series = families_of(lineage, lineage)
    groups = {
        "base": {row.model: row.base for row in lineage if row.has_base},
        "series": {row.model: name for row, name in zip(lineage, series, strict=True) if name},
    }
    with closing(imported(files, folder)) as database, database.read() as session:
        [protocol] = protocols.every(session)
        growth = Growth(replicates=0, distance=distance)
        built = Trees(Candidates()).of(session, protocol, (), growth)
        return {
            name: rates(session, built, Told(families, released))
            for name, families in groups.items()
        }


def _shared(families: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one if families.count(one) > 1 else "" for one in families)


def _organisation(name: str) -> str:
    """What stands before the first underscore, which stands for the slash of a hub's name."""
    return name.partition("_")[0].lower() if "_" in name else ""


def _architecture(name: str) -> str:
    words = name.lower()
    told = any(word in words for word in ENCODER_DECODERS)
    return "encoder-decoder" if told else "decoder-only"
