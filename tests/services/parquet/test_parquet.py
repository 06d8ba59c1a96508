"""Parquet: what is written others can read, and what comes back is checked as lines are."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.dna.projection import dna_size
from app.dna.protocol import likelihood_v1
from app.errors import InputError, SetupError
from app.services.exporting import export
from app.services.handed_in import kind_of, read, vector_size
from app.services.import_body import import_body
from app.services.import_file import Method, import_file
from app.services.parquet import reading, writing
from app.services.parquet.columns import LET_BE, READ
from app.store import models, schema
from app.store.database import Database
from tests.synthetic import LOCAL, PROTOCOL


def silent(_stage: str, _done: int, _total: int) -> None:
    pass


def write(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def of_vectors(path: Path, vectors: Any, **more: Any) -> Path:
    labels = [f"m{number}" for number in range(1, len(vectors) + 1)]
    return write(path, **{"model": labels, "vector": vectors, **more})


@pytest.mark.parametrize("group", [2, 1000])
def test_all_that_is_known_comes_out_and_comes_back(
    shared_registry: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(writing, "GROUP", group)
    for name, as_format in (("v.parquet", "parquet"), ("v.jsonl", "vectors")):
        exported = export(
            shared_registry,
            tmp_path / name,
            as_format=as_format,  # type: ignore[arg-type]
            protocol=PROTOCOL,
            progress=silent,
        )
    file = pq.ParquetFile(tmp_path / "v.parquet")
    assert file.metadata.num_row_groups == -(-exported.models // group)
    assert {*file.schema_arrow.names} == {*READ, *LET_BE}
    assert file.schema_arrow.field("vector").type.list_size == dna_size(exported.protocol)
    rows = file.read().to_pylist()
    lines = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    kept = [{name: row[name] for name in READ if row[name] is not None} for row in rows]
    assert kept == lines
    with shared_registry.read() as session:
        for number, row in enumerate(rows, rows[0]["number"]):
            model = models.find(session, row["model"])
            assert (row["number"], row["ref"]) == (number, str(model.ref))
            assert (row["digest"], row["evidence"]) == (model.digest, "reported")
            assert (row["protocol"], row["protocol_digest"]) == (PROTOCOL, exported.protocol.digest)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    schema.upgrade(other)
    for name, added in (("v.parquet", len(lines)), ("v.jsonl", 0)):
        assert import_file(other, tmp_path / name, Method(name="v"), silent).added == added
    other.close()


def test_a_protocol_of_weights_is_a_table_too(shared_registry: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(shared_registry, out, as_format="parquet", protocol="likelihood-v1", progress=silent)
    table = pq.read_table(out)
    assert table.column("model").to_pylist() == list(LOCAL)
    assert table.field("vector").type.list_size == dna_size(likelihood_v1())
    assert set(table.column("evidence").to_pylist()) == {"weights"}


NUMBERS = [[0.5, 1.0], [2.0, -3.5]]


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float64()),
        pa.list_(pa.float32(), 2),
        pa.large_list(pa.float32()),
        pa.list_(pa.decimal128(3, 1)),
    ],
)
def test_lists_of_any_kind_are_vectors_where_they_hold_floats(tmp_path: Path, kind: Any) -> None:
    path = of_vectors(tmp_path / "x", pa.array(NUMBERS).cast(kind))
    assert (kind_of(path), vector_size(path)) == ("vector", 2)
    if pa.types.is_decimal(kind.value_type):
        with pytest.raises(InputError, match="Row 1: number 1 of the vector is no number"):
            list(read(path, "vector", 2))
    else:
        found = list(read(path, "vector", 2))
        assert [[*one.responses[0]] for one in found] == NUMBERS
        assert [one.label for one in found] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"vector": [[1.0, 2.0], [1.0, float("nan")]]}, "Row 2: number 2"),
        ({"vector": [[1.0, 2.0], [1.0, None]]}, "Row 2: number 2"),
        ({"vector": [[1.0, 2.0], None]}, "Row 2: its keys are wrong: missing ['vector']"),
        ({"vector": [[1.0, 2.0], [1.0]]}, "Row 2: model 'm2' has 1 of 2"),
        ({"vector": [[1.0, 2.0], [0.0, 0.0]]}, "Row 2: the vector is zero"),
        ({"vector": [[[1.0], [2.0]], [[1.0], [2.0]]]}, "Row 1: number 1"),
        ({"vector": [{"a": 1}, {"a": 2}]}, "must be a list of numbers"),
        ({"vector": ["ab", "cd"]}, "must be a list of numbers"),
        ({"vector": [[True, False], [True, True]]}, "Row 1: number 1"),
        ({"model": ["m", "m"]}, "Row 2: model 'm' stands in the file twice"),
        ({"model": ["m", None]}, "Row 2: its keys are wrong: missing ['model']"),
        ({"model": ["m", " n"]}, "Row 2: A label must hold"),
        ({"model": [1, 2]}, "Row 1: a model's label must be a string"),
        ({"released": ["2024-05", "May"]}, 'Row 2: "released" must be a date'),
        ({"note": ["x", "y"]}, "unknown ['note']"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, columns: dict[str, Any], says: str) -> None:
    good = {"model": ["m1", "m2"], "vector": [[1.0, 2.0], [3.0, 4.0]]}
    path = write(tmp_path / "x.parquet", **(good | columns))
    with pytest.raises(InputError) as error:
        list(read(path, "vector", vector_size(path)))
    assert error.value.code == "bad_line"
    assert says in error.value.detail


def test_rows_that_are_too_long_are_refused_before_they_are_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = of_vectors(tmp_path / "x.parquet", [[1.0] * 1000])
    assert vector_size(path) == 1000
    monkeypatch.setattr(reading, "ROWS_BYTES", 1000)
    with pytest.raises(InputError, match=r"bad_line: The 100 rows after row 0 hold more"):
        kind_of(path)


def test_columns_that_are_missing_or_there_twice_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a", model=["m"])
    with pytest.raises(InputError, match=r"bad_line: .* missing \['vector'\]"):
        kind_of(path)
    twice = pa.table([["m"], ["n"], [[1.0]]], names=["model", "model", "vector"])
    pq.write_table(twice, path)
    with pytest.raises(InputError, match=r"bad_line: .* there twice \['model'\]"):
        kind_of(path)


def test_damage_is_an_error_of_the_file_and_never_another(tmp_path: Path) -> None:
    """Also where it says that it holds more rows than there could be."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 8)).tolist()
    whole = of_vectors(tmp_path / "whole", vectors).read_bytes()
    path = tmp_path / "damaged"
    bodies = [whole[:cut] for cut in (4, 12, len(whole) // 2, len(whole) - 1)]
    for place in rng.integers(4, len(whole), size=150):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.integers(8)
        bodies.append(bytes(flipped))
    codes = set()
    for body in bodies:
        path.write_bytes(body)
        try:
            list(read(path, "vector", vector_size(path)))
        except InputError as error:
            codes.add(error.code)
    assert codes <= {"unreadable_file", "bad_line"}
    assert "unreadable_file" in codes
    pq.write_table(pa.table({"model": pa.array([], pa.string()), "vector": []}), path)
    with pytest.raises(InputError, match="empty_file"):
        kind_of(path)


def test_the_library_that_is_missing_is_named(
    shared_registry: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = of_vectors(tmp_path / "v.parquet", NUMBERS)
    for module in ("reading", "writing"):
        monkeypatch.delitem(sys.modules, f"app.services.parquet.{module}", raising=False)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SetupError, match=r"parquet_missing: .*genebank\[parquet\]"):
        kind_of(path)
    with pytest.raises(SetupError, match="parquet_missing"):
        export(shared_registry, tmp_path / "o", as_format="parquet", protocol=None, progress=silent)
    assert not (tmp_path / "o").exists()


def test_it_does_not_come_over_the_network(shared_registry: Database, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="bad_usage: Parquet"):
        import_body(shared_registry, of_vectors(tmp_path / "v", NUMBERS), None, "v")
