"""The parts of an .xlsx package: which sheets there are, the texts they share, how cells are shown.

Knows the package's layout (ECMA-376 parts 1 and 2). Must not know rows, columns or what a value
means. The expat of every supported Python refuses entity bombs; here no part may declare a document
type at all.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import IO, Final
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

BLOCK: Final = 1 << 18  # bytes of a part that are looked at together

_WORKBOOK: Final = "xl/workbook.xml"
# What the lists of built-in formats leave to the language: dates and times in Chinese ones
# (ECMA-376 part 1, §18.8.30, numFmt, zh-cn). Excel gives them to "5-2" typed as a room.
_CHINESE_DATES: Final = frozenset({*range(27, 37), *range(50, 59)})
_ZEROS: Final = re.compile("0+")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")


class NotAWorkbookError(Exception):
    """A zip archive, but of something else."""


class Shown(Enum):
    """How a number is shown, so far as it says what the number is."""

    PLAIN = "plain"
    DATE = "date"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Look:
    """`zeros`: the number of digits that leading zeros fill up to."""

    shown: Shown = Shown.PLAIN
    zeros: int = 0


@dataclass(frozen=True, slots=True)
class SheetPart:
    title: str
    name: str


class Package:
    """An open workbook. Its sheets are read one by one; texts and looks are common to them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}
        self._at = self._workbook_name()
        self._book = self._tree(self._at)
        self._links = self._relations(self._at)

    def sheets(self) -> list[SheetPart]:
        """The sheets of cells in the workbook's order; no charts."""
        found = []
        for element in _all(self._book, "sheet"):
            identity = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            kind, target = self._links.get(identity, ("", ""))
            if kind == "worksheet" and self._has(target):
                found.append(SheetPart(element.get("name", ""), target))
        return found

    def size(self, part: SheetPart) -> int:
        """In bytes, unpacked."""
        return self._archive.getinfo(self._names[part.name.lower()]).file_size

    def open(self, part: SheetPart) -> IO[bytes]:
        return self._open(part.name)

    @cached_property
    def counts_from_1904(self) -> bool:
        """Whether dates are counted as the first Macintosh did."""
        given = [element.get("date1904", "") for element in _all(self._book, "workbookPr")]
        return any(one in ("1", "true") for one in given)

    @cached_property
    def texts(self) -> list[str]:
        """The texts that cells refer to by number, as `plain` leaves them."""
        target = next((at for kind, at in self._links.values() if kind == "sharedStrings"), "")
        if not self._has(target):
            return []
        with self._open(target) as stream:
            return list(_shared_texts(stream))

    @cached_property
    def looks(self) -> list[Look]:
        """The cells' styles by number."""
        target = next((at for kind, at in self._links.values() if kind == "styles"), "")
        if not self._has(target):
            return []
        tree = self._tree(target)
        codes = {
            int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in _all(tree, "numFmt")
        }
        known: dict[int, Look] = {}
        styles = next(_all(tree, "cellXfs"), ElementTree.Element("none"))
        formats = [int(one.get("numFmtId", "0")) for one in _all(styles, "xf")]
        return [known.setdefault(one, _look(one, codes.get(one))) for one in formats]

    def _workbook_name(self) -> str:
        links = self._relations("")
        name = next((at for kind, at in links.values() if kind == "officeDocument"), _WORKBOOK)
        if not self._has(name) or not name.endswith(".xml"):
            raise NotAWorkbookError
        return name

    def _relations(self, of: str) -> dict[str, tuple[str, str]]:
        """Id → the last word of its kind, and the part's name, of what a part refers to."""
        folder, name = posixpath.split(of)
        at = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self._has(at):
            return {}
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/"),
            )
            for one in _all(self._tree(at), "Relationship")
        }

    def _tree(self, name: str) -> ElementTree.Element:
        with self._open(name) as stream:
            return ElementTree.parse(stream).getroot()  # noqa: S314

    def _has(self, name: str) -> bool:
        return name.lower() in self._names

    def _open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._names[name.lower()])


def plain(text: str) -> str:
    """One line, single blanks, nothing that cannot be seen."""
    return text if text.isalnum() else " ".join(_INVISIBLE.sub("", text).split())


def unescaped(text: str) -> str:
    """`_x000D_` and the like stand for signs that XML cannot hold (§22.4.2.4)."""
    return _ESCAPED.sub(lambda met: chr(int(met[1], 16)), text) if "_x" in text else text


def parser(
    start: Callable[[str, dict[str, str]], object], end: Callable[[str], object]
) -> expat.XMLParserType:
    """An expat parser with these handlers; names come with whatever prefix the file gives them."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartElementHandler = start
    made.EndElementHandler = end
    return made


def _all(tree: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Elements of this name, in whichever of the two namespaces (transitional, strict)."""
    return (one for one in tree.iter() if one.tag.rpartition("}")[2] == name)


def _look(number: int, code: str | None) -> Look:
    if code is None and number in _CHINESE_DATES:
        return Look(Shown.DATE)
    code = BUILTIN_FORMATS.get(number, "General") if code is None else code
    if is_timedelta_format(code):
        return Look(Shown.DURATION)
    if is_date_format(code):
        return Look(Shown.DATE)
    return Look(zeros=len(code) if _ZEROS.fullmatch(code) else 0)


def _shared_texts(stream: IO[bytes]) -> Iterator[str]:
    texts: list[str] = []
    parts: list[str] = []
    reading = 0  # how deep in what is said aside: readings of Han signs, which are no text

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal reading
        match name.rpartition(":")[2]:
            case "si":
                parts.clear()
            case "rPh":
                reading += 1
            case "t" if not reading:
                made.CharacterDataHandler = parts.append

    def end(name: str) -> None:
        nonlocal reading
        match name.rpartition(":")[2]:
            case "t":
                made.CharacterDataHandler = None
            case "rPh":
                reading -= 1
            case "si":
                texts.append(plain(unescaped("".join(parts))))

    made = parser(start, end)
    while block := stream.read(BLOCK):
        made.Parse(block, False)
        yield from texts
        texts.clear()
    made.Parse(b"", True)
    yield from texts
