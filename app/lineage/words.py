"""A leaf: names and words as other programs can be given them."""


def printable(text: str) -> str:
    """The text with everything that is not printable as an escape, on one line."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
