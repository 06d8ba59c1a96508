"""A leaf: an array in a file, of which parts are read when they are asked for."""

import math
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class OnDisk:
    """`shape` numbers of one kind, from byte `start` of an open file on.

    A slice of rows is read anew. Not mapped into memory: the pages of a map count as the
    process's own, and all would be touched.
    """

    file: IO[bytes]
    start: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> npt.NDArray[Any]:
        first, last, _ = rows.indices(len(self))
        width = math.prod(self.shape[1:])
        self.file.seek(self.start + first * width * self.dtype.itemsize)
        values = np.fromfile(self.file, self.dtype, (last - first) * width)
        return values.reshape(last - first, *self.shape[1:])
