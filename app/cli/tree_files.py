"""Files of trees: which form an ending means, and writing them."""

from pathlib import Path

from app.cli.console import say
from app.errors import InputError

PICTURES = {".svg": "svg", ".png": "png"}


def form_of(form: str | None, output: Path | None) -> str:
    """The form that is asked for: as it is named, as the file's ending says, or JSON to draw.

    Raises InputError `unknown_format` or `bad_usage`.
    """
    if form == "png" and output is None:
        raise InputError("bad_usage", "A PNG needs a file: say --output FILE.")
    if form is not None or output is None:
        return form or "json"
    endings = _endings()
    # The longest first: .auspice.json is more than .json.
    for ending in sorted(endings, key=len, reverse=True):
        if output.name.lower().endswith(ending):
            return endings[ending]
    raise InputError(
        "unknown_format",
        f"Which form is {output.name}? Say --format, or end it in {', '.join(endings)}.",
    )


def write(path: Path, content: bytes) -> None:
    """Write a file and say so; InputError `unwritable_file`."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(
            "unwritable_file", f"{path} cannot be written: {error.strerror}."
        ) from error
    say(f"The tree is in {path}.")


def _endings() -> dict[str, str]:
    from app.phylo.formats.table import FORMATS

    return {known.extension: name for name, known in FORMATS.items()} | PICTURES
