"""Trees as Newick text and back; any name survives, at any depth, and other programs can read it.

A name is quoted unless it is plain ASCII, since a bare underscore means a space and other
programs disagree on the rest. Quotes inside are doubled. Control characters, and what confuses
other programs (quotes at the ends, a backslash before a quote, a name that is one punctuation
mark), are written as %XX (`app.phylo.formats.percent`).
"""

import math
import re
from collections.abc import Callable, Iterator

from app.errors import InputError
from app.phylo.formats.percent import hide, show
from app.phylo.tree import NO_PARENT, Tree, assemble, walk

_PLAIN = re.compile(r"[A-Za-z0-9.-]+")
_CONFUSING = re.compile(r"""^["']|["']$|\\(?='|$)|^[^\w\s%]$""")
_TOKEN = re.compile(
    r"(?P<space>\s+|\[[^\]]*\])|(?P<mark>[(),:;])|'(?P<quoted>[^']*(?:''[^']*)*)'"
    r"|(?P<bare>[^\s()\[\],:;']+)"
)
# After ( and , stands a node, after : a length; everything else follows a finished node.
_NODE_STARTS = ("", "(", ",")


def write(tree: Tree) -> str:
    """Return the tree as one line of Newick ending in ';'.

    Lengths have ten digits; support, where there is any, stands as the label of inner nodes.
    How the tree was rooted is not written: Newick has no place for it.
    """

    def label(node: int) -> str:
        return _name(tree.labels[node]) if node < tree.n_tips else support_label(tree, node)

    return write_labelled(tree, label)


def write_labelled(tree: Tree, label: Callable[[int], str]) -> str:
    """Return the tree with what `label` says of each node, as it is, before the node's length."""
    below = tree.children()
    first = {children[0] for children in below if children} | {tree.root}
    parts: list[str] = []
    for node, entering in walk(below, tree.root):
        if entering:
            parts.append(("" if node in first else ",") + ("(" if below[node] else ""))
            continue
        parts.append((")" if below[node] else "") + label(node))
        parts.append("" if node == tree.root else f":{tree.lengths[node]:.10g}")
    return "".join(parts) + ";"


def support_label(tree: Tree, node: int) -> str:
    """Return the support of the branch above an inner node, "" where there is none."""
    if tree.support is None or math.isnan(tree.support[node]):
        return ""
    return f"{tree.support[node]:.10g}"


def quoted(name: str) -> str:
    """Return the name in quotes, as Newick and Nexus want it."""
    return "'" + hide(name, _CONFUSING).replace("'", "''") + "'"


def read(text: str) -> Tree:
    """Return the tree of one Newick text, its tips in the order of the text, rooting "given".

    Every tip needs a name and every branch a length >= 0; inner nodes may have support
    between 0 and 1 as their label; other inner labels are refused, not dropped. Comments in
    [brackets] and a length above the root are passed over. Raises InputError `bad_newick` or
    `bad_tree`.
    """
    reader = _Reader()
    for mark, word in _items(text):
        reader.take(mark, word)
    return reader.finish()


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else quoted(name)


def _items(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield (mark, "") for structure and ("", word) for names and numbers, decoded."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad(f"close the quote or bracket at character {position + 1}")
        position = match.end()
        if match["mark"]:
            yield match["mark"], None
        elif match["bare"]:
            yield "", match["bare"].replace("_", " ")
        elif match["quoted"] is not None:
            yield "", show(match["quoted"].replace("''", "'"))


class _Reader:
    """The nodes read so far, and the path of open brackets."""

    def __init__(self) -> None:
        self.words: list[str | None] = [None]
        self.lengths: list[float | None] = [None]
        self.parents = [NO_PARENT]
        self.inner: set[int] = set()
        self.node = 0
        self.before = ""
        self.ended = False

    def take(self, mark: str, word: str | None) -> None:
        """Take the next item of the text."""
        if self.ended:
            raise _bad("give one tree; there is text after its ';'")
        if word is not None:
            self._name(word)
            return
        if self.before == ":" or (mark == "(" and self.before not in _NODE_STARTS):
            raise _bad(f"{mark!r} cannot stand after {self.before!r}")
        if mark == "(":
            self.inner.add(self.node)
            self.node = self._open(self.node)
        elif mark in ",)":
            self._close(mark)
        self.ended = mark == ";"
        self.before = mark

    def finish(self) -> Tree:
        """Return the tree, or say what is missing."""
        if not self.ended or self.node != 0:
            raise _bad("close every bracket and end with ';'")
        nodes = range(len(self.parents))
        names = [None if node in self.inner else self._tip_name(node) for node in nodes]
        support = [self._support(node) for node in nodes]
        known = any(not math.isnan(share) for share in support)
        lengths = [self._length(node) for node in nodes]
        return assemble(names, self.parents, lengths, support if known else None, "given")

    def _open(self, parent: int) -> int:
        self.words.append(None)
        self.lengths.append(None)
        self.parents.append(parent)
        return len(self.parents) - 1

    def _close(self, mark: str) -> None:
        parent = self.parents[self.node]
        if parent == NO_PARENT:
            raise _bad(f"{mark!r} stands outside all brackets")
        self.node = parent if mark == ")" else self._open(parent)

    def _name(self, word: str) -> None:
        if self.before == ":" and self.lengths[self.node] is None:
            self.lengths[self.node] = _number(word)
        elif self.before in (*_NODE_STARTS, ")") and self.words[self.node] is None:
            self.words[self.node] = word
        else:
            raise _bad(f"{word!r} cannot stand there; put quotes round a name with spaces")
        self.before = "word"

    def _tip_name(self, node: int) -> str:
        name = self.words[node]
        if name is None:
            raise _bad("give every tip a name")
        return name

    def _length(self, node: int) -> float:
        length = self.lengths[node]
        if length is None and node != 0:
            raise _bad("give every branch a length")
        return 0.0 if node == 0 or length is None else length

    def _support(self, node: int) -> float:
        word = self.words[node] if node in self.inner else None
        return math.nan if word is None else _number(word)


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError as error:
        raise _bad(f"a number must stand where {word!r} is") from error
    if not math.isfinite(value) or value < 0:
        raise _bad(f"give lengths and support that are finite and not negative, not {word!r}")
    return value


def _bad(what: str) -> InputError:
    return InputError("bad_newick", f"The Newick text cannot be read: {what}.")
