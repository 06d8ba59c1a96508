"""How kernels are compiled: without Python objects, without the interpreter's lock."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function at its first call; IEEE arithmetic as written, so results are exact."""
    return cast("F", numba.njit(cache=True, nogil=True)(function))
