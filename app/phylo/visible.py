"""A leaf: names of models as people may see them. Names are hostile: nothing in them may act."""

import unicodedata

_ACTS = ("Cc", "Cf", "Zl", "Zp", "Cs")


def visible(text: str) -> str:
    """Show control, formatting and line-breaking characters, and non-characters, as escapes.

    They could move a cursor, break a line, turn the text round or make XML unreadable.
    """
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in _ACTS or ord(char) & 0xFFFE == 0xFFFE
        else char
        for char in text
    )
