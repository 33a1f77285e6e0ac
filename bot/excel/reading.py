"""Workbooks read: .xlsx → rows of text with their row numbers.

Knows what Excel does to numbers, dates and merged cells. Must not know the parts of the file, nor
what a value means or must agree with: it reads the sheets and columns it is asked for.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Final

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from bot.core.roster.sheets import SHEETS, Fault, Row, Sheet, Workbook, WorkbookError
from bot.excel import wording
from bot.excel.lines import Cell, Line, Lines, Range
from bot.excel.package import Look, NotAWorkbookError, Package, SheetPart, Shown, plain, unescaped

MOST_ROWS: Final = 500_000
MOST_BYTES: Final = 400 * 1024 * 1024  # unpacked; 200,000 rows of the roster are about 60 MB

_OLE: Final = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx with a password
_ZIP: Final = b"PK"
_EXACT: Final = 10**15  # beyond 15 digits a spreadsheet's numbers are rounded (IEEE 754)

Told = Callable[[float], object]  # how much is read, from 0 to 1


def _nobody(_: float) -> None:
    """Nobody asked."""


def read(path: Path, told: Told = _nobody) -> Workbook:
    """The workbook's sheets and rows; of sheets that the roster knows, its columns; empty rows
    left out. WorkbookError where the file is no readable .xlsx or is too large."""
    _check(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, Package(archive), told)
    except WorkbookError:
        raise
    except NotAWorkbookError as why:
        raise WorkbookError(wording.NOT_A_WORKBOOK.format(path=path)) from why
    except MemoryError:
        raise _too_large(path) from None
    except Exception as why:  # a broken file raises anything: expat, zlib, a number that is none
        raise WorkbookError(wording.BROKEN.format(path=path)) from why


def _check(path: Path) -> None:
    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as why:
        raise WorkbookError(wording.NOT_A_FILE.format(path=path)) from why
    if begins == _OLE:
        raise WorkbookError(wording.OLD_OR_LOCKED.format(path=path))
    if not begins.startswith(_ZIP):
        raise WorkbookError(wording.NOT_A_WORKBOOK.format(path=path))
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
            is_workbook = "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile as why:
        raise WorkbookError(wording.BROKEN.format(path=path)) from why
    if size > MOST_BYTES:
        raise _too_large(path)
    if not is_workbook:
        raise WorkbookError(wording.NOT_A_WORKBOOK.format(path=path))


def _too_large(path: Path) -> WorkbookError:
    megabytes = MOST_BYTES // 1024**2
    return WorkbookError(wording.TOO_LARGE.format(path=path, rows=MOST_ROWS, megabytes=megabytes))


def _read(path: Path, package: Package, told: Told) -> Workbook:
    sheets: dict[str, Sheet] = {}
    repeated: list[str] = []
    parts = package.sheets()
    wanted = sum(package.size(part) for part in parts) or 1
    had, left = 0, MOST_ROWS

    def count(size: int) -> None:
        nonlocal had
        had += size
        told(had / wanted)

    for part in parts:
        name = _heading_text(part.title)
        if name in sheets:
            repeated.append(name)
            continue
        sheets[name] = _SheetReader(name, package).read(part, count, left)
        left -= len(sheets[name].rows)
        if left < 0:
            raise _too_large(path)
    return Workbook(sheets, tuple(repeated))


class _SheetReader:
    """One sheet: its first row's headings, and of each other row the cells under known ones."""

    def __init__(self, name: str, package: Package) -> None:
        self._name = name
        self._package = package
        self._known = {column.heading for column in SHEETS.get(name, ())}
        self._epoch = MAC_EPOCH if package.counts_from_1904 else WINDOWS_EPOCH
        self._columns: dict[int, str] = {}

    def read(self, part: SheetPart, count: Callable[[int], object], most: int) -> Sheet:
        """At most one row more than `most`, by which it is seen to be too large."""
        if not self._known:  # nobody reads it; it is named in the remarks
            most = 0
        headings: tuple[str, ...] = ()
        rows: dict[int, Row] = {}
        hidden = 0
        with self._package.open(part) as stream:
            lines = Lines(stream, count)
            for line in lines:
                if line.number == 1:
                    headings = self._headings(line)
                    if not self._known:
                        break
                elif row := self._row(line):
                    rows[line.number] = row
                    hidden += line.hidden
                    if len(rows) > most:
                        break
        self._mark(rows, lines.merged)
        return Sheet(self._name, headings, tuple(rows[at] for at in sorted(rows)), hidden)

    def _headings(self, line: Line) -> tuple[str, ...]:
        """As the contract writes them; the star that marks what is required may be there."""
        found = {cell.column: self._heading(cell) for cell in line.cells}
        self._columns = {at: heading for at, heading in found.items() if heading in self._known}
        return tuple(found[at] for at in sorted(found))

    def _heading(self, cell: Cell) -> str:
        return "".join(_heading_text(self._text(cell)[0]).split()).strip("*")

    def _row(self, line: Line) -> Row | None:
        """A row; None where all its known columns are empty."""
        values: dict[str, str] = {}
        odd: dict[str, Fault] = {}
        for cell in line.cells:
            heading = self._columns.get(cell.column)
            if heading is None:
                continue
            text, fault = self._text(cell)
            if text:
                values[heading] = text
            if fault:
                odd[heading] = fault
        return Row(self._name, line.number, values, odd) if values or odd else None

    def _mark(self, rows: dict[int, Row], merged: Sequence[Range]) -> None:
        """Says of each row which of its cells are merged; rows that are nothing else appear."""
        last = max(rows, default=0)
        for number, headings in _merged_cells(self._columns, merged, last).items():
            row = rows.get(number) or Row(self._name, number, {})
            odd = {**row.odd, **dict.fromkeys(headings, Fault.MERGED)}
            rows[number] = Row(self._name, number, row.values, odd)

    def _text(self, cell: Cell) -> tuple[str, Fault | None]:
        """A cell as its reader sees it, and what kept it from being plain text."""
        match cell.kind:
            case "s" if cell.text:
                return self._package.texts[int(cell.text)], None
            case "inlineStr" | "str":
                return plain(unescaped(cell.text)), None
            case "b":
                return ("TRUE" if cell.text == "1" else "FALSE"), Fault.BOOLEAN_CELL
            case "e":
                return cell.text, Fault.ERROR_CELL
            case "d":
                return plain(cell.text), Fault.DATE_CELL
            case _ if not cell.text.strip():
                return "", Fault.FORMULA if cell.is_formula else None
            case _:
                return self._number(float(cell.text), cell.style)

    def _number(self, number: float, style: int) -> tuple[str, Fault | None]:
        looks = self._package.looks
        look = looks[style] if style < len(looks) else Look()
        if look.shown is Shown.PLAIN:
            return _number(number, look.zeros)
        try:
            moment = from_excel(number, self._epoch, timedelta=look.shown is Shown.DURATION)
        except (OverflowError, ValueError):
            return _number(number, 0)[0], Fault.DATE_CELL
        if isinstance(moment, datetime) and moment.time() == time():
            return moment.date().isoformat(), Fault.DATE_CELL
        return str(moment), Fault.DATE_CELL


def _merged_cells(
    columns: Mapping[int, str], merged: Sequence[Range], last: int
) -> dict[int, set[str]]:
    """Row number → headings of the columns that are merged with another row or column there; of
    what reaches below the `last` row that holds something, its first row only."""
    found: dict[int, set[str]] = {}
    for left, top, right, bottom in merged:
        headings = {heading for at, heading in columns.items() if left <= at <= right}
        if headings:
            for number in range(max(top, 2), max(min(bottom, last), top) + 1):
                found.setdefault(number, set()).update(headings)
    return found


def _heading_text(text: str) -> str:
    return unicodedata.normalize("NFKC", plain(text)).strip()


def _number(number: float, zeros: int) -> tuple[str, Fault | None]:
    """A number without the `.0` and `E+10` of spreadsheets, with the zeros it is shown with."""
    if abs(number) >= _EXACT:
        return f"{number:.0f}", Fault.LONG_NUMBER
    if number != int(number):
        return f"{number:.10f}".rstrip("0"), None
    return str(int(number)).zfill(zeros), None
