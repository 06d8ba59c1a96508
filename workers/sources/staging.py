"""The parent's part of a source: bring a model's files, and those of its base, to this machine.

Nothing is opened here but adapter_config.json, as data; the confined child checks the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.errors import ModelError
from app.hub.client import Hub
from app.hub.flow import flowing
from app.hub.model import HubModel
from app.records import Claim, ModelRef
from app.services.local_refs import contained, stat_revision
from workers.sources.adapter import declared_base
from workers.vetting.adapter import BaseRef

TICK_S = 0.25

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Stager:
    """Where models may come from, where downloads go, and who hears how far they are.

    `progress` takes bytes done and in all, `beat` is called while the hub is awaited; what they
    raise stops the work.
    """

    hub: Hub
    roots: Sequence[Path]
    folder: Path
    progress: Progress
    beat: Callable[[], None]


@dataclass(frozen=True)
class Staged:
    """A directory of this machine as it stands, that of its base, and what the hub says of it."""

    directory: Path
    revision: str
    base: Path | None = None
    claims: tuple[Claim, ...] = ()
    origin: dict[str, str] = field(default_factory=dict)


def stage(stager: Stager, ref: ModelRef, base_commit: str | None = None) -> Staged:
    """Bring a `local` or `hf` model to this machine, with the base that an adapter declares.

    `base_commit` is what a base on the hub was at when the model was first read: an adapter that
    names a branch stays one model when the branch moves. Raises what the hub's client and
    `contained` do, and ModelError `base_missing`.
    """
    directory, claims = _directory(stager, ref, "model")
    base = declared_base(directory)
    if base is None:
        return Staged(directory, _revision(ref, directory), None, claims)
    found, base_ref = _base(stager, ref, replace(base, revision=base_commit or base.revision))
    return Staged(directory, _revision(ref, directory), found, claims, {"base": str(base_ref)})


def _directory(stager: Stager, ref: ModelRef, name: str) -> tuple[Path, tuple[Claim, ...]]:
    if ref.source == "local":
        return Path(ref.name), ()
    model, folder = _fetched(stager, ref.name, ref.revision, name)
    return folder, model.claims


def _fetched(stager: Stager, name: str, revision: str | None, part: str) -> tuple[HubModel, Path]:
    """Bring a hub model here, or go on with it: what is of another commit lies elsewhere."""
    model = _resolved(stager, name, revision)
    folder = stager.folder / f"{part}-{model.commit}"
    stager.hub.fetch(model, folder, stager.progress)
    return model, folder


def _resolved(stager: Stager, name: str, revision: str | None) -> HubModel:
    """Ask the hub in a thread, so that the lease is kept while it is slow."""
    found: HubModel | None = None
    for found in flowing(lambda: [stager.hub.resolve(name, revision)], TICK_S):
        if found is None:
            stager.beat()
    assert found is not None  # noqa: S101 - what `resolve` raises was raised here
    return found


def _revision(ref: ModelRef, directory: Path) -> str:
    """What the child must find: of local files, what was pinned when they were handed in."""
    return ref.revision if ref.source == "local" else stat_revision(directory)


def _base(stager: Stager, ref: ModelRef, base: BaseRef) -> tuple[Path, ModelRef]:
    """The base of an adapter: a path stands beside a local one, under the same roots; else the
    name is one of the hub. What looks like both is the hub's.
    """
    if not base.name.startswith(("/", ".")):
        model, folder = _fetched(stager, base.name, base.revision, "base")
        return folder, ModelRef("hf", model.name, model.commit)
    if ref.source != "local":
        raise ModelError(
            "base_missing", "The adapter's base is a path of another machine: name a hub model."
        )
    directory = contained(Path(ref.name, base.name), stager.roots)
    return directory, ModelRef("local", str(directory), stat_revision(directory))
