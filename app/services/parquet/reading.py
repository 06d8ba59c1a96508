"""Rows of a Parquet file, as the objects that lines of JSON hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.errors import InputError
from app.services.parquet.columns import LET_BE, READ

# Rows that are objects at once, and the bytes that the longest vectors there may be need for them.
ROWS = 100
ROWS_BYTES = 64 << 20
# What is read of a column at once, where its pages are smaller than its row group.
BUFFER_BYTES = 1 << 20


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what each row says, by column; unknown is left out. Their types are not checked.

    Raises InputError `unreadable_file`, `bad_line` for wrong columns, `empty_file`.
    """
    number = 0
    try:
        with pq.ParquetFile(
            path, buffer_size=BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True
        ) as file:
            wanted = _wanted(file.schema_arrow.names)
            for batch in file.iter_batches(ROWS, columns=wanted, use_threads=False):
                if batch.nbytes > ROWS_BYTES:
                    raise InputError(
                        "bad_line",
                        f"The {ROWS} rows after row {number} hold more than {ROWS_BYTES >> 20} "
                        "MiB: no vectors are so long.",
                    )
                for row in batch.to_pylist():
                    number += 1
                    yield {name: value for name, value in row.items() if value is not None}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            "unreadable_file", f"{path} cannot be read beyond row {number}: {said}"
        ) from error
    if not number:
        raise InputError("empty_file", f"{path} holds no row.")


def _wanted(names: list[str]) -> list[str]:
    missing = {"model", "vector"} - set(names)
    unknown = set(names) - {*READ, *LET_BE}
    twice = {name for name in names if names.count(name) > 1}
    if missing or unknown or twice:
        raise InputError(
            "bad_line",
            f"The columns are wrong: missing {sorted(missing)}, unknown {sorted(unknown)}, "
            f"there twice {sorted(twice)}.",
        )
    return [name for name in READ if name in names]
