"""A leaf: XML written front to back, so that a tree may be as deep as it has tips.

The writer of the standard library's ElementTree recurses.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from app.phylo.formats.percent import hide

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema#"


class Xml:
    """An XML document in the making, an element a line."""

    def __init__(self) -> None:
        self._text = StringIO()
        self._out = XMLGenerator(self._text, "UTF-8", short_empty_elements=True)
        self._out.startDocument()

    def open(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        """Start an element; what is opened is closed by `close`."""
        self._start(name, attributes)
        self._out.ignorableWhitespace("\n")

    def close(self, name: str) -> None:
        """End an element."""
        self._out.endElement(name)
        self._out.ignorableWhitespace("\n")

    @contextmanager
    def element(self, name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
        """Put an element round what is written inside; not for nodes within nodes."""
        self.open(name, attributes)
        yield
        self.close(name)

    def leaf(self, name: str, text: str = "", attributes: Mapping[str, str] | None = None) -> None:
        """Write an element that holds text only; the text is hidden already."""
        self._start(name, attributes)
        if text:
            self._out.characters(text)
        self.close(name)

    def text(self) -> str:
        """Return the document."""
        self._out.endDocument()
        return self._text.getvalue()

    def _start(self, name: str, attributes: Mapping[str, str] | None) -> None:
        hidden = {key: hide(said) for key, said in (attributes or {}).items()}
        self._out.startElement(name, AttributesImpl(hidden))
