"""A leaf: the kinds of text that requests may carry."""

from typing import Annotated

from pydantic import StringConstraints

# Controls would break lines (and PostgreSQL cannot even store a NUL); zero-width characters and
# changes of direction would make one name look like another.
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"

PlainText = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=f"^[^{_HIDDEN}]*$")
]
