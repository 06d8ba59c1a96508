"""What is brought to this machine for a job, of models and of the bases of adapters."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import GenebankError
from app.hub.client import Hub as Client
from app.records import ModelRef
from app.services.local_refs import stat_revision
from tests.hub.server import Hub
from tests.tiny_model import write_model
from tests.workers.adapters import write_adapter
from workers.sources.staging import Staged, Stager, stage


@pytest.fixture
def stager(hub: Hub, tmp_path: Path) -> Stager:
    def ignore(done: int, total: int) -> None:
        pass

    client = Client(hub.url, "", patience_s=5.0)
    return Stager(client, (tmp_path / "models",), tmp_path / "downloads", ignore, lambda: None)


def local(directory: Path) -> ModelRef:
    return ModelRef("local", str(directory), stat_revision(directory))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_local_model_stays_where_it_is(stager: Stager, tmp_path: Path) -> None:
    ref = local(write_model(tmp_path / "models" / "one", seed=1))
    assert stage(stager, ref) == Staged(Path(ref.name), ref.revision)
    assert not stager.folder.exists()


def test_a_hub_model_comes_as_it_was_at_its_commit(
    hub: Hub, stager: Stager, tmp_path: Path
) -> None:
    old, new = (write_model(tmp_path / name, seed=n) for n, name in enumerate(("old", "new")))
    commit = hub.publish("org/m", old, cardData={"license": "mit"})
    hub.publish("org/m", new)
    staged = stage(stager, ModelRef("hf", "org/m", commit))
    assert contents(staged.directory) == contents(old)
    assert staged.directory.is_relative_to(stager.folder)
    assert staged.revision == stat_revision(staged.directory)
    assert ("licence", "mit") in {(claim.kind, claim.value) for claim in staged.claims}


def test_a_hub_adapter_brings_its_base_at_a_commit(
    hub: Hub, stager: Stager, tmp_path: Path
) -> None:
    base = write_model(tmp_path / "base", seed=1)
    commit = hub.publish("org/base", base)
    adapter = write_adapter(tmp_path / "adapter", base_model_name_or_path="org/base")
    staged = stage(stager, ModelRef("hf", "org/a", hub.publish("org/a", adapter)))
    assert staged.base is not None
    assert contents(staged.base) == contents(base)
    assert staged.origin == {"base": f"hf:org/base@{commit}"}


@pytest.mark.parametrize("written", ["../base", "{root}/base"])
def test_a_local_adapter_finds_its_base_by_path(
    stager: Stager, tmp_path: Path, written: str
) -> None:
    base = write_model(tmp_path / "models" / "base", seed=1)
    name = written.format(root=base.parent)
    staged = stage(
        stager, local(write_adapter(tmp_path / "models" / "adapter", base_model_name_or_path=name))
    )
    assert staged.base == base
    assert staged.origin == {"base": str(local(base))}


def test_a_local_adapter_finds_its_base_on_the_hub(
    hub: Hub, stager: Stager, tmp_path: Path
) -> None:
    base = write_model(tmp_path / "base", seed=1)
    commit = hub.publish("org/base", base)
    hub.publish("org/base", write_model(tmp_path / "later", seed=3))
    adapter = write_adapter(
        tmp_path / "models" / "a", base_model_name_or_path="org/base", revision=commit
    )
    staged = stage(stager, local(adapter))
    assert staged.base is not None
    assert contents(staged.base) == contents(base)


@pytest.mark.parametrize(
    ("base", "code"),
    [
        ("/etc", "outside_roots"),
        ("../../..", "outside_roots"),
        ("./none", "no_such_directory"),
        ("org/none", "no_such_hub_model"),
        ("org/../../etc", "bad_hub_name"),
    ],
)
def test_an_adapter_cannot_point_anywhere(
    stager: Stager, tmp_path: Path, base: str, code: str
) -> None:
    adapter = write_adapter(tmp_path / "models" / "adapter", base_model_name_or_path=base)
    with pytest.raises(GenebankError) as raised:
        stage(stager, local(adapter))
    assert raised.value.code == code


def test_a_hub_adapter_cannot_have_a_base_on_this_machine(
    hub: Hub, stager: Stager, tmp_path: Path
) -> None:
    write_model(tmp_path / "models" / "base", seed=1)
    adapter = write_adapter(
        tmp_path / "adapter", base_model_name_or_path=str(tmp_path / "models" / "base")
    )
    with pytest.raises(GenebankError, match="base_missing"):
        stage(stager, ModelRef("hf", "org/a", hub.publish("org/a", adapter)))


def test_files_of_two_commits_never_mix(hub: Hub, stager: Stager, tmp_path: Path) -> None:
    hub.publish("org/base", write_model(tmp_path / "base", seed=1))
    adapter = write_adapter(tmp_path / "models" / "a", base_model_name_or_path="org/base")
    stage(stager, local(adapter))
    moved = write_model(tmp_path / "moved", seed=3)
    hub.publish("org/base", moved)
    again = stage(stager, local(adapter))
    assert again.base is not None
    assert contents(again.base) == contents(moved)


def test_whoever_waits_for_the_hub_is_heard(hub: Hub, stager: Stager, tmp_path: Path) -> None:
    commit = hub.publish("org/m", write_model(tmp_path / "one", seed=1))
    hub.fail(f"/revision/{commit}", status=503, times=3)

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        stage(replace(stager, beat=stop), ModelRef("hf", "org/m", commit))
    assert not stager.folder.exists()
