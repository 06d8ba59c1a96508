"""A Parquet file of vectors: one row a model under one protocol, for pandas, Polars or DuckDB.

    model         label, unlike all others in the file
    vector        its DNA: float32, as many numbers in each row
    released      YYYY-MM-DD or YYYY-MM, where it is known
    declared_base label, where one was declared
    licence       where it is known
    ref, digest   the model's ref, and the digest of its content
    evidence      how the entry was obtained
    protocol, protocol_digest, number    what the entry is of, and its number

An import reads the first four, as it does of lines, and lets the others be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import SetupError

MAGIC = b"PAR1"
READ = ("model", "vector", "released", "declared_base")
LET_BE = ("licence", "ref", "digest", "evidence", "protocol", "protocol_digest", "number")


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet files do; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


@contextmanager
def needing_pyarrow() -> Iterator[None]:
    """Around the import of what needs it; SetupError `parquet_missing` where it is not there."""
    try:
        yield
    except ImportError as error:
        raise SetupError(
            "parquet_missing", "Parquet needs pyarrow: pip install 'genebank[parquet]'."
        ) from error
