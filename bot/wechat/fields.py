"""WeChat's XML: bytes to named fields, fields to bytes.

Knows XML and its dangers (entities, depth, duplicates); not what any field means.
"""

import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from bot.wechat.words import clean

DEEPEST = 12
"""Elements inside one another; WeChat's own messages need four."""

_CDATA_CONTENT = re.compile(r"(<Content><!\[CDATA\[)(.*)(\]\]></Content>)", re.DOTALL)


class NotXml(Exception):
    """The bytes are no XML that WeChat would send."""


class Fields:
    """The fields of one message; of repeated ones the first counts."""

    def __init__(self, root: Element) -> None:
        self._root = root

    def get(self, path: str) -> str:
        """Text of a field ("Content", "ScanCodeInfo/ScanResult"); absent or empty: ""."""
        return clean(self._root.findtext(path) or "").strip()

    def words(self, path: str) -> str:
        """As `get`, with the spaces a person typed."""
        return clean(self._root.findtext(path) or "")

    def has(self, path: str) -> bool:
        """Whether the field is there, be it empty."""
        return self._root.find(path) is not None

    def each(self, path: str) -> list["Fields"]:
        """The fields of every element at this path: WeChat's lists are repeated elements."""
        return [Fields(element) for element in self._root.findall(path)]

    def nested(self) -> list[str]:
        """Texts of everything below the first level, in the order of the XML."""
        inner = (part for child in self._root if len(child) for part in child.iter())
        return [f"{part.tag}={(part.text or '').strip()}" for part in inner]


def read_strictly(data: bytes) -> Fields:
    """Reads an envelope. Raises NotXml on anything but well-formed UTF-8 below `<xml>`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotXml("not UTF-8") from error
    return _parse(text)


def read_kindly(data: bytes) -> Fields:
    """Reads what WeChat itself signed: odd characters in a person's words do not spoil it.

    Raises NotXml where even so nothing can be read.
    """
    text = clean(data.decode("utf-8", "replace"))
    try:
        return _parse(text)
    except NotXml:
        mended = _CDATA_CONTENT.sub(_mend, text)
        if mended == text:
            raise
        return _parse(mended)


def _mend(found: re.Match[str]) -> str:
    """A person typed "]]>" and it was put into CDATA as it stood."""
    return found[1] + _split_end_marks(found[2]) + found[3]


def _parse(text: str) -> Fields:
    parser = expat.ParserCreate("utf-8")
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise NotXml("nested too deeply")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        raise NotXml("not well-formed") from error
    root = builder.close()
    if root.tag != "xml":
        raise NotXml("the outermost element is not <xml>")
    return Fields(root)


def _refuse_doctype(*_: object) -> None:
    """Entities can only be declared in a DTD; WeChat sends none."""
    raise NotXml("has a DTD")


def cdata(text: str) -> str:
    """The text as CDATA that reads back as itself, whatever is in it."""
    return f"<![CDATA[{_split_end_marks(clean(text))}]]>"


def _split_end_marks(text: str) -> str:
    return text.replace("]]>", "]]]]><![CDATA[>")
