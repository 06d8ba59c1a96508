"""A leaf: characters that a format cannot carry, written as %XX, bytes of UTF-8 (RFC 3986).

Control characters and line separators break lines or drive a terminal, and XML forbids most of
them and U+FFFE and U+FFFF. Of white space most readers keep only single spaces inside a name: all
other is written as codes too. A percent sign that would then be misread, because two hexadecimal
digits follow it, is written %25. So any percent-decoder of any language reads the names back.
"""

import re

_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]|%(?=[0-9A-Fa-f]{2})|^\s|\s$|(?<=\s)\s|[^\S ]"
)
_CODES = re.compile(r"(?:%[0-9A-F]{2})+")
_NO_WORD = re.compile(r"[^A-Za-z0-9_]")


def hide(text: str, also: re.Pattern[str] | None = None) -> str:
    """Return `text` with what it must not hold as %XX, and `also` what a format cannot carry.

    `also` matches single characters, and neither percent signs nor hexadecimal digits.
    """
    hidden = _HIDDEN.sub(_code, text)
    return hidden if also is None else also.sub(_code, hidden)


def show(text: str) -> str:
    """Return what `hide` was given; codes that are no UTF-8 are not ours and stay."""
    return _CODES.sub(_char, text)


def word(text: str) -> str:
    """Return a plain word for places that take no other: ASCII letters, digits and `_`.

    What it cannot hold is written _hexadecimal_; different texts nearly always stay different.
    """
    return _NO_WORD.sub(lambda match: f"_{ord(match[0]):x}_", text)


def _code(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _char(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return match[0]
