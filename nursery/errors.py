"""A leaf: the one error that the nursery raises on purpose."""


class NurseryError(Exception):
    """The nursery cannot be raised as asked; `detail` is one sentence that says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
