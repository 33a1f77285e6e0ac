"""Where a workbook's cells are merged, which a streaming reader does not tell.

Knows the parts of an .xlsx package (ECMA-376 part 1, §18.3.1.55 mergeCell). Must not know rows,
columns' meaning, or what is done about merged cells.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final
from xml.etree import ElementTree

from openpyxl.utils import range_boundaries

Range = tuple[int, int, int, int]  # left, top, right, bottom, counted from 1, all inclusive

_BLOCK: Final = 1 << 20
_LONGEST_TAG: Final = 256
_MERGE: Final = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:]+)[\"']")
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def merged_ranges(path: Path) -> dict[str, tuple[Range, ...]]:
    """Sheet title → its merged ranges; read in blocks, so that size costs time and no memory."""
    with zipfile.ZipFile(path) as archive:
        present = set(archive.namelist())
        return {
            title: tuple(_ranges(archive, part))
            for title, part in _sheet_parts(archive)
            if part in present
        }


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The workbook's sheets by title, each with the name of its part in the package."""
    # The expat of every supported Python refuses entity bombs; the parts are small.
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in book.iter():
        if element.tag.endswith("}sheet"):
            target = targets.get(element.get(_RELATION) or element.get(_STRICT), "")
            part = PurePosixPath("xl") / target
            yield element.get("name", ""), str(part).lstrip("/")


def _ranges(archive: zipfile.ZipFile, part: str) -> Iterator[Range]:
    """Scans a sheet for its mergeCell tags, keeping enough of each block for a tag cut in two."""
    kept = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            text = kept + block
            end = 0
            for match in _MERGE.finditer(text):
                end = match.end()
                left, top, right, bottom = range_boundaries(match.group(1).decode())
                if left and top and right and bottom:
                    yield left, top, right, bottom
            kept = text[max(end, len(text) - _LONGEST_TAG) :]
