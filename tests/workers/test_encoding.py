"""Sentence embeddings: equal to the paper's package, by a process that is not believed blindly."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE, Popen

import numpy as np
import pytest

from app.dna.paper import text_dna_concat_v1
from app.dna.probes import ProbeSet
from app.dna.projection import project
from app.dna.protocol import Protocol, greedy
from app.dna.strand import encode
from app.errors import InputError, ModelError, SetupError
from app.queue import WorkerConfig
from app.services.encoders import encoder_digest
from tests import minilm, tiny_model
from workers import frames
from workers.encoders.assignment import Encoding
from workers.encoding import _rows, embed
from workers.nest import Forked, Nest
from workers.supervision import Bounds, Child, ChildFaultError, held

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "llm_dna_1_0_1" / "numbers.npz")
ANSWERS = GOLDEN["answers"].tolist()


def patience() -> None:
    """A heartbeat that lets it take its time."""


def paper(name: str, digest: str) -> Protocol:
    return text_dna_concat_v1(
        ProbeSet("probes", tuple(f"probe {n}" for n in range(len(ANSWERS)))),
        name,
        digest,
        reduction="projection",
        normalise_rows=False,
        generation=greedy(128),
    )


MINILM = paper(minilm.NAME, minilm.DIGEST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job's private folder."""
    made = tmp_path / "job"
    made.mkdir()
    return made


def test_answers_become_the_dna_of_the_papers_package(
    nest: Nest, folder: Path, config: WorkerConfig
) -> None:
    minilm.put_into(config.encoders_dir)
    raw = embed(nest, folder, config, MINILM, patience, ANSWERS)
    assert raw.dtype == np.float32
    assert abs(raw - GOLDEN["raw"]).max() < 1e-5
    assert [bool(row.any()) for row in raw] == [bool(answer.strip()) for answer in ANSWERS]
    strand = encode(MINILM, ANSWERS, lambda _: raw)
    assert abs(strand.values - GOLDEN["strand-projection-0-384"]).max() < 1e-5
    dna = project(strand.values[None], MINILM)[0]
    assert abs(dna - GOLDEN["dna-projection-0-384"]).max() < 1e-5
    assert list(folder.parent.glob("job*")) == [folder]


def write_encoder(encoders_dir: Path) -> Path:
    """A plain transformers model: its last hidden states are averaged."""
    model = tiny_model.write_model(encoders_dir / "tiny", seed=1)
    config = model / "tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "pad_token": "<s>"}))
    return model


def test_many_texts_come_in_their_order(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    model = write_encoder(config.encoders_dir)
    protocol = paper("tiny", encoder_digest(model))
    texts = [("word " * (n % 5 + 1)).strip() if n % 7 else " " for n in range(80)]
    raw = embed(nest, folder, config, protocol, patience, texts)
    assert raw.shape == (80, tiny_model.WIDTH)
    first = dict(zip(texts, raw, strict=True))
    assert len({row.tobytes() for row in first.values()}) == 6
    assert all(
        np.allclose(row, first[text], atol=1e-5) for text, row in zip(texts, raw, strict=True)
    )


def test_a_changed_encoder_is_noticed(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    model = write_encoder(config.encoders_dir)
    protocol = paper("tiny", encoder_digest(model))
    (model / "tokenizer.json").write_text((model / "tokenizer.json").read_text() + "\n")
    with pytest.raises(SetupError, match=r"encoder_changed.*'tiny'"):
        embed(nest, folder, config, protocol, patience, ANSWERS)


def test_an_encoder_that_cannot_be_loaded_is_said(
    nest: Nest, folder: Path, config: WorkerConfig
) -> None:
    model = write_encoder(config.encoders_dir)
    (model / "config.json").write_text('{"model_type": "no such thing"}')
    with pytest.raises(SetupError, match="encoder_unreadable") as caught:
        embed(nest, folder, config, paper("tiny", encoder_digest(model)), patience, ANSWERS)
    assert str(folder.parent) not in caught.value.detail


def test_a_missing_encoder_is_said(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    with pytest.raises(SetupError, match="no_such_encoder"):
        embed(nest, folder, config, MINILM, patience, ANSWERS)


def test_nothing_but_blanks_is_refused(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    with pytest.raises(ModelError, match="only_blank_answers"):
        embed(nest, folder, config, MINILM, patience, ["", " \n"])


def test_what_is_no_text_is_refused(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    minilm.put_into(config.encoders_dir)
    with pytest.raises(InputError, match="bad_answer"):
        embed(nest, folder, config, MINILM, patience, ["fine", "\ud800"])


def test_a_heartbeat_that_raises_ends_it(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    minilm.put_into(config.encoders_dir)

    def stop() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        embed(nest, folder, config, MINILM, stop, ANSWERS)
    assert list(folder.parent.glob("job*")) == [folder]


def test_bounds_hold(nest: Nest, folder: Path, config: WorkerConfig) -> None:
    minilm.put_into(config.encoders_dir)
    with pytest.raises(ChildFaultError, match="out_of_memory"):
        embed(nest, folder, replace(config, job_memory_mb=50), MINILM, patience, ANSWERS)


@contextmanager
def saying(folder: Path, *said: frames.Frame) -> Iterator[Child]:
    """A process that says what it wants to."""
    lines = b"".join(map(frames.write, said))
    program = f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({lines!r})"
    with (folder / "stderr").open("wb") as stderr:
        process = Popen(
            [sys.executable, "-c", program],
            stdin=PIPE,
            stdout=PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    with ThreadPoolExecutor(1) as waiting:
        forked = Forked(process.pid, process.stdin, process.stdout, waiting.submit(process.wait))
        with held(forked, folder, Bounds(memory_mb=1000, timeout_s=60)) as child:
            yield child


TWO = Encoding("/nowhere", "0" * 64, "/nowhere", ("one", "two"), True)
ROW = np.arange(3, dtype="<f4").tobytes()


def rows(start: int, width: int, body: bytes) -> frames.Embeddings:
    return frames.Embeddings(start=start, width=width, rows=body)


def test_rows_may_come_in_parts(folder: Path) -> None:
    with saying(folder, rows(0, 3, ROW), rows(1, 3, ROW)) as child:
        assert _rows(child, TWO, patience).tolist() == [[0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize(
    "said",
    [
        (),
        (rows(0, 3, ROW),),
        (rows(0, 3, ROW * 3),),
        (rows(0, 3, ROW), rows(0, 3, ROW)),
        (rows(0, 3, ROW), rows(1, 1, ROW[:4])),
        (rows(0, 3, ROW + b"x"), rows(1, 3, ROW)),
        (rows(0, 4, ROW * 2),),
        (rows(0, 1, b""),),
    ],
)
def test_rows_that_do_not_fit_are_refused(folder: Path, said: tuple[frames.Frame, ...]) -> None:
    with (
        saying(folder, *said) as child,
        pytest.raises(ChildFaultError, match="bad_embeddings"),
    ):
        _rows(child, TWO, patience)
