"""Workbooks read: .xlsx → rows of text with their row numbers.

Knows the file format and what Excel does to numbers, dates and merged cells. Must not know what a
value means or must agree with: it reads the sheets and columns it is asked for as they stand.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl

from bot.core.roster.sheets import SHEETS, Fault, Row, Sheet, Workbook
from bot.excel import wording
from bot.excel.merged import merged_ranges
from bot.excel.wording import WorkbookError

MOST_ROWS: Final = 500_000
MOST_BYTES: Final = 400 * 1024 * 1024  # unpacked; 200,000 rows of the roster are about 60 MB

_OLE: Final = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx with a password
_ZIP: Final = b"PK"
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")
_ZEROS: Final = re.compile("0+")
_EXACT: Final = 10**15  # beyond 15 digits a spreadsheet's numbers are rounded (IEEE 754)


def read(path: Path) -> Workbook:
    """The workbook's sheets and rows; of sheets that the roster knows, its columns; empty rows
    left out. WorkbookError where the file is no readable .xlsx or is too large."""
    _check(path)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it leaves out (pictures, rules for input): nothing we read.
            warnings.simplefilter("ignore")
            return _read(path)
    except WorkbookError:
        raise
    except MemoryError:
        raise _too_large(path) from None
    except Exception as why:  # openpyxl has no error of its own: a broken file raises anything
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


def _read(path: Path) -> Workbook:
    merged = merged_ranges(path)
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    sheets: dict[str, Sheet] = {}
    left = MOST_ROWS
    try:
        for worksheet in book.worksheets:
            name = _plain(worksheet.title)
            worksheet.reset_dimensions()  # some programs write a wrong size, which cuts or pads
            sheet = _sheet(name, worksheet, merged.get(worksheet.title, ()), left)
            if sheet is None:
                raise _too_large(path)
            left -= len(sheet.rows)
            sheets[name] = sheet
    finally:
        book.close()
    return Workbook(sheets)


def _sheet(
    name: str, worksheet: Any, merged: Sequence[tuple[int, int, int, int]], most: int
) -> Sheet | None:
    """A sheet; None where it has more than `most` rows."""
    lines = worksheet.iter_rows()
    headings = tuple(_heading(cell) for cell in next(lines, ()))
    wanted = {column.heading for column in SHEETS.get(name, ())}
    columns = [(at, heading) for at, heading in enumerate(headings) if heading in wanted]
    if not wanted:  # nobody reads it; it is named in the remarks
        return Sheet(name, headings, ())
    odd = _merged_cells(columns, merged)
    rows: list[Row] = []
    for number, line in enumerate(lines, 2):
        row = _row(name, number, line, columns, odd)
        if row is not None:
            rows.append(row)
        if len(rows) > most:
            return None
    return Sheet(name, headings, tuple(rows))


def _row(
    sheet: str,
    number: int,
    line: Sequence[Any],
    columns: Iterable[tuple[int, str]],
    merged: Mapping[int, set[str]],
) -> Row | None:
    """A row; None where all its known columns are empty and none is part of a merged cell."""
    values: dict[str, str] = {}
    odd = dict.fromkeys(merged.get(number, ()), Fault.MERGED)
    for at, heading in columns:
        if at >= len(line) or line[at].value is None:
            continue
        text, fault = _text(line[at])
        if text:
            values[heading] = text
        if fault:
            odd.setdefault(heading, fault)
    return Row(sheet, number, values, odd) if values or odd else None


def _merged_cells(
    columns: Sequence[tuple[int, str]], merged: Sequence[tuple[int, int, int, int]]
) -> dict[int, set[str]]:
    """Row number → headings of the columns that are merged with another row or column there."""
    found: dict[int, set[str]] = {}
    for left, top, right, bottom in merged:
        headings = {heading for at, heading in columns if left <= at + 1 <= right}
        if headings:
            for number in range(max(top, 2), min(bottom, top + MOST_ROWS) + 1):
                found.setdefault(number, set()).update(headings)
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip()


def _heading(cell: Any) -> str:
    """A heading as the contract writes it; the star that marks it as required may be there."""
    return "" if cell.value is None else "".join(_plain(str(cell.value)).split()).strip("*")


def _text(cell: Any) -> tuple[str, Fault | None]:
    """A cell as its reader sees it, and what kept it from being plain text."""
    match cell.value:
        case str() as text if cell.data_type == "e":
            return text, Fault.ERROR_CELL
        case str() as text:
            return " ".join(_INVISIBLE.sub("", text).split()), None
        case bool() as flag:
            return str(flag).upper(), None
        case int() | float() as number:
            return _number(number, str(cell.number_format))
        case datetime() as moment:
            return (moment.date().isoformat() if moment.time() == time() else str(moment)), (
                Fault.DATE_CELL
            )
        case date() | time() | timedelta() as other:
            return str(other), Fault.DATE_CELL
        case other:
            return str(other), None


def _number(number: float, shown_as: str) -> tuple[str, Fault | None]:
    """A number without the `.0` and `E+10` of spreadsheets, with the zeros it is shown with."""
    if abs(number) >= _EXACT:
        return str(number), Fault.LONG_NUMBER
    if number != int(number):
        return f"{number:.10f}".rstrip("0"), None
    digits = str(int(number))
    return (digits.zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) else digits), None
