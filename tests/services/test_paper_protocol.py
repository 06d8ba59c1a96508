"""The paper's protocol knows its encoder by what its files hold."""

from pathlib import Path

import pytest

from app.dna.probes import builtin
from app.dna.protocol import Protocol, greedy
from app.errors import NotFoundError
from app.services.paper_protocol import paper_protocol
from app.store import protocols
from app.store.database import Database

CORE = builtin("core-v1")


@pytest.fixture
def encoders(tmp_path: Path) -> Path:
    for name in ("minilm", "Qwen3-Embedding-0.6B"):
        folder = tmp_path / "encoders" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_text(name)
    return tmp_path / "encoders"


def settings(protocol: Protocol) -> dict[str, str | int]:
    return dict(protocol.encoder_settings)


def test_the_reduction_is_the_papers(encoders: Path) -> None:
    minilm = paper_protocol((encoders, "minilm"), CORE, greedy(128))
    qwen = paper_protocol((encoders, "Qwen3-Embedding-0.6B"), CORE, greedy(128))
    assert settings(minilm)["reduction"] == "projection"
    assert settings(qwen)["reduction"] == "prefix"
    assert (minilm.name, minilm.dna_dim, minilm.shape) == ("text-dna-concat-v1", 128, (128, 64))


def test_what_is_asked_for_is_taken(encoders: Path) -> None:
    made = paper_protocol(
        (encoders, "minilm"),
        CORE,
        greedy(128),
        reduction="prefix",
        normalise_rows=True,
        name="mine",
    )
    assert made.name == "mine"
    assert settings(made)["normalise_rows"] == 1
    assert settings(made)["reduction"] == "prefix"


def test_other_files_are_another_protocol(encoders: Path) -> None:
    before = paper_protocol((encoders, "minilm"), CORE, greedy(128))
    (encoders / "minilm" / "config.json").write_text('{"a": 1}')
    after = paper_protocol((encoders, "minilm"), CORE, greedy(128))
    assert before.digest != after.digest


def test_near_encoders_are_told(encoders: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        paper_protocol((encoders, "minilmm"), CORE, greedy(128))
    assert caught.value.near == ("minilm",)


def test_it_is_kept_whole(database: Database, encoders: Path) -> None:
    made = paper_protocol((encoders, "minilm"), CORE, greedy(128), normalise_rows=True)
    database.transact(lambda session: protocols.ensure(session, made))
    with database.read() as session:
        kept = protocols.get(session, made.digest)
    assert kept == made
    assert kept.digest == made.digest
