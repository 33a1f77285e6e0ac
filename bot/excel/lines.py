"""A sheet's rows as they stand in the file, and its merged cells, read in one pass.

Knows the XML of a sheet (ECMA-376 part 1, §18.3.1). Must not know headings, what a value means, or
how a number is shown. Memory does not grow with the sheet, nor with the numbers of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

from openpyxl.utils import column_index_from_string, range_boundaries

from bot.excel.package import BLOCK, parser

Range = tuple[int, int, int, int]  # left, top, right, bottom, counted from 1, all inclusive


class Cell(NamedTuple):
    """`kind` is the file's own (§18.18.11); `text` is what stands there, "" for nothing;
    `is_formula`: there is a formula, of which `text` is the last result."""

    column: int
    kind: str
    style: int
    text: str
    is_formula: bool


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    hidden: bool
    cells: list[Cell]


class Lines:
    """Iterate once; `merged` is whole after that. `read` is told of the bytes as they are read."""

    def __init__(self, stream: IO[bytes], read: Callable[[int], object]) -> None:
        self.merged: list[Range] = []
        self._stream = stream
        self._read = read
        self._ready: list[Line] = []
        self._columns: dict[str, int] = {}
        self._row, self._hidden = 0, False
        self._cells: list[Cell] = []
        self._column = 0
        self._attributes: dict[str, str] = {}
        self._parts: list[str] = []
        self._is_formula = False
        self._aside = 0  # how deep in readings of Han signs, which are no text
        self._parser = parser(self._start, self._end)

    def __iter__(self) -> Iterator[Line]:
        while block := self._stream.read(BLOCK):
            self._parser.Parse(block, False)
            yield from self._ready
            self._ready.clear()
            self._read(len(block))
        self._parser.Parse(b"", True)
        yield from self._ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._attributes = attributes
            self._parts = []
            self._is_formula = False
        elif name == "v" or (name == "t" and not self._aside):
            self._parser.CharacterDataHandler = self._parts.append
        elif name == "row":
            self._row = int(float(attributes.get("r") or self._row + 1))
            self._hidden = attributes.get("hidden", "0") in ("1", "true")
            self._cells, self._column = [], 0
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._aside += 1
        elif name == "mergeCell":
            left, top, right, bottom = range_boundaries(attributes["ref"])
            if left and top and right and bottom:
                self.merged.append((left, top, right, bottom))

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._parser.CharacterDataHandler = None
        elif name == "c":
            self._add_cell()
        elif name == "row":
            self._ready.append(Line(self._row, self._hidden, self._cells))
        elif name == "rPh":
            self._aside -= 1

    def _add_cell(self) -> None:
        given = self._attributes
        letters = given.get("r", "").rstrip("0123456789")
        column = self._named(letters) if letters else self._column + 1
        self._column = column
        text = "".join(self._parts)
        if text or self._is_formula:
            kind = given.get("t", "n")
            self._cells.append(Cell(column, kind, int(given.get("s", 0)), text, self._is_formula))

    def _named(self, letters: str) -> int:
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_index_from_string(letters)
        return column
