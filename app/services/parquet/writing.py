"""DNA as a Parquet file, written a row group at a time."""

from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.dna.projection import dna_size
from app.dna.protocol import Protocol
from app.services.export_files import Source, said
from app.services.llm_dna_signature import Known

# Readers hold, skip and share out whole groups: 8 MB of 128 numbers each.
GROUP = 16_384


def write(source: Source, path: Path) -> None:
    """Write the columns of `columns.py`; OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = dna_size(source.protocol)
    schema = _schema(size)
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        while group := list(islice(source.known, GROUP)):
            writer.write_table(_table(source.protocol, group, schema))


def _schema(size: int) -> pa.Schema:
    number = pa.field("element", pa.float32(), nullable=False)
    unknown = ("released", "declared_base", "licence")
    texts = ("ref", "digest", "evidence", "protocol", "protocol_digest")
    return pa.schema(
        [
            pa.field("model", pa.string(), nullable=False),
            pa.field("vector", pa.list_(number, size), nullable=False),
            *(pa.field(name, pa.string()) for name in unknown),
            *(pa.field(name, pa.string(), nullable=False) for name in texts),
            pa.field("number", pa.int64(), nullable=False),
        ]
    )


def _table(protocol: Protocol, group: list[Known], schema: pa.Schema) -> pa.Table:
    vectors = np.concatenate([one.dna for one in group])
    values = {
        "model": [one.label for one in group],
        "vector": pa.FixedSizeListArray.from_arrays(vectors, type=schema.field("vector").type),
        **{
            name: [said(one).get(name) for one in group]
            for name in ("released", "declared_base", "licence")
        },
        "ref": [str(one.model.ref) for one in group],
        "digest": [one.entry.model_digest for one in group],
        "evidence": [one.entry.evidence for one in group],
        "protocol": [protocol.name] * len(group),
        "protocol_digest": [protocol.digest] * len(group),
        "number": [one.entry.seq for one in group],
    }
    return pa.table(values, schema=schema)
