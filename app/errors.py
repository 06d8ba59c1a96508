"""A leaf: every error that Genebank raises on purpose. Below the edge nobody knows HTTP.

GenebankError
├── InputError      what was handed in is malformed: the caller can mend it
├── NotFoundError   no such thing; `near` holds names that look alike
├── ConflictError   it contradicts what is already stored or running
├── ModelError      this model cannot be fingerprinted (vetting, format, limits)
└── SetupError      the installation or its configuration is at fault

`code` is a stable snake_case word for machines, `detail` one sentence for people that says
what to do. api/problems.py maps classes to HTTP statuses, cli to exit codes.
"""

from collections.abc import Sequence


class GenebankError(Exception):
    """Base of all deliberate errors; carries a stable `code` and a `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class InputError(GenebankError):
    """What was handed in is malformed; the caller can mend it."""


class NotFoundError(GenebankError):
    """No such thing; `near` lists names that look alike, best first."""

    def __init__(self, code: str, detail: str, near: Sequence[str] = ()) -> None:
        super().__init__(code, detail)
        self.near = tuple(near)


class ConflictError(GenebankError):
    """It contradicts what is already stored or running."""


class ModelError(GenebankError):
    """This model cannot be fingerprinted as it is: format, vetting or limits."""


class SetupError(GenebankError):
    """The installation or its configuration is at fault; an operator must act."""
