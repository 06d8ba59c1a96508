"""Files that are handed in: all of it is understood, or the line that is not is named."""

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.records import Claim
from app.services import handed_in
from app.services.handed_in import HandedIn, kind_of, read, vector_size
from tests.services.files import (
    BAD_ANSWERS,
    BAD_VECTORS,
    N_PROBES,
    VECTOR,
    answers_line,
    vector_line,
    write_lines,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
LABEL = st.text("abcÄ漢/-7. ", min_size=1, max_size=9).filter(lambda label: label == label.strip())
RELEASED = st.dates().map(str) | st.dates().map(lambda date: str(date)[:7])
LINE = st.fixed_dictionaries(
    {"answers": st.lists(TEXT, min_size=2, max_size=2)},
    optional={"released": RELEASED, "declared_base": LABEL},
)
NUMBER = st.floats(-1e30, 1e30) | st.integers(-(10**30), 10**30)


def path_of(folder: str, zipped: bool) -> Path:
    return Path(folder) / ("file.jsonl.gz" if zipped else "file.jsonl")


@settings(deadline=None)
@given(models=st.dictionaries(LABEL, LINE, min_size=1, max_size=5), zipped=st.booleans())
def test_whatever_is_well_formed_is_read_as_it_is(
    models: dict[str, dict[str, object]], zipped: bool
) -> None:
    lines = [json.dumps({"model": label, **line}).encode() for label, line in models.items()]
    with tempfile.TemporaryDirectory() as folder:
        path = write_lines(path_of(folder, zipped), lines)
        assert kind_of(path) == "answers"
        found = list(read(path, "answers", 2))
    assert [one.label for one in found] == [*models]
    for one in found:
        line = models[one.label]
        assert one.responses == tuple(line["answers"])  # type: ignore[arg-type]
        told = {claim.kind: claim.value for claim in one.claims}
        assert told == {kind: line[kind] for kind in line if kind != "answers"}
        assert {claim.source for claim in one.claims} <= {"import"}


@settings(deadline=None)
@given(vector=st.lists(NUMBER, min_size=1, max_size=6).filter(lambda v: any(abs(x) > 1 for x in v)))
def test_any_vector_is_read_as_floats(vector: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_lines(path_of(folder, zipped=False), [vector_line("m", vector)])
        assert (kind_of(path), vector_size(path)) == ("vector", len(vector))
        assert list(read(path, "vector", len(vector))) == [
            HandedIn("m", (tuple(map(float, vector)),), ())
        ]


@pytest.mark.parametrize("what", BAD_ANSWERS)
def test_a_bad_line_of_answers_is_named(tmp_path: Path, what: str) -> None:
    line, says = BAD_ANSWERS[what]
    check_named(tmp_path, "answers", [answers_line("first"), line, answers_line("last")], says)


@pytest.mark.parametrize("what", BAD_VECTORS)
def test_a_bad_line_of_vectors_is_named(tmp_path: Path, what: str) -> None:
    line, says = BAD_VECTORS[what]
    check_named(tmp_path, "vector", [vector_line("first"), line, vector_line("last")], says)


def check_named(folder: Path, kind: str, lines: list[bytes], says: str) -> None:
    path = write_lines(folder / "file.jsonl", lines)
    found = read(path, kind, N_PROBES)
    assert next(found).label == "first"
    with pytest.raises(InputError) as error:
        list(found)
    assert error.value.code == "bad_line"
    assert error.value.detail.startswith("Line 2: ")
    assert says in error.value.detail


def test_claims_are_the_files_word(tmp_path: Path) -> None:
    line = answers_line("m", released="2024-02-29", declared_base="acme/wolf")
    [found] = read(write_lines(tmp_path / "file", [line]), "answers", N_PROBES)
    assert found.claims == (
        Claim("released", "2024-02-29", "import"),
        Claim("declared_base", "acme/wolf", "import"),
    )
    empty = answers_line("m", released=None, declared_base=None)
    [found] = read(write_lines(tmp_path / "file", [empty]), "answers", N_PROBES)
    assert found.claims == ()


def test_a_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(answers_line("a") + b"\r\n" + answers_line("b"))
    assert [found.label for found in read(path, "answers", N_PROBES)] == ["a", "b"]


def test_files_that_cannot_be_read_are_said_so(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(answers_line(f"m{i}") + b"\n" for i in range(500)), 1)
    broken = bytearray(whole)
    broken[-6] ^= 1  # the checksum
    bodies = {
        "truncated.gz": whole[: len(whole) // 2],
        "no-end.gz": whole[:-4],
        "checksum.gz": bytes(broken),
        "plain.gz": answers_line("m"),
        "garbage.gz": whole + b"garbage",
    }
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    for name in [*bodies, "missing", "."]:
        with pytest.raises(InputError, match=r"unreadable_file: .*beyond line [0-9]+"):
            list(read(tmp_path / name, "answers", N_PROBES))
    (tmp_path / "empty").touch()
    (tmp_path / "empty.gz").write_bytes(gzip.compress(b""))
    for name in ("empty", "empty.gz"):
        for look in (kind_of, vector_size):
            with pytest.raises(InputError, match="empty_file"):
                look(tmp_path / name)


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [answers_line("first"), answers_line("last")]
    monkeypatch.setattr(handed_in, "MAX_LINE", len(lines[0]) + 2)
    path = write_lines(tmp_path / "file", lines)
    assert len(list(read(path, "answers", N_PROBES))) == 2
    write_lines(path, [lines[0], answers_line("second")])
    with pytest.raises(InputError, match="Line 2: it is longer"):
        list(read(path, "answers", N_PROBES))


def test_a_first_line_without_a_vector_has_no_size(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "file", [b'{"model": "m", "vector": 7}'])
    with pytest.raises(InputError, match="Line 1"):
        vector_size(path)
    assert vector_size(write_lines(path, [vector_line("m")])) == len(VECTOR)
