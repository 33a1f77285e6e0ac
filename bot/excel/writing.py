"""Workbooks written: rows → .xlsx, every text a text.

Knows the file format. Must not know what a row means or where it came from.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.core.roster.sheets import SHEETS, Cell, WorkbookError
from bot.excel import wording

# What would be read as a sign that XML cannot hold (ECMA-376 part 1, §22.4.2.4).
_ESCAPES: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_TEXT: Final = ("=", "+", "-", "@", "\t", "\r")


def write(path: Path, sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> None:
    """Writes rows in the order of the roster's columns, with their headings; whole or not at all.

    Every text is a text cell, so nothing in it is taken for a formula (CWE-1236) and codes keep
    their zeros. WorkbookError where the place cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(_saved(sheets))
        beside.replace(path)
    except OSError as why:
        reason = why.strerror or "磁盘错误"
        raise WorkbookError(wording.NOT_WRITABLE.format(path=path, reason=reason)) from why
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _saved(sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> bytes:
    """In memory first: openpyxl leaves its rows half written, loudly, where a file cannot be."""
    saved = io.BytesIO()
    _book(sheets).save(saved)
    return saved.getvalue()


def _book(sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        worksheet = book.create_sheet(name)
        worksheet.freeze_panes = "A2"
        headings = [column.heading for column in SHEETS[name]]
        for at in range(1, len(headings) + 1):
            worksheet.column_dimensions[get_column_letter(at)].width = 18
        worksheet.append(list(_cells(worksheet, headings, bold=True)))
        for row in rows:
            worksheet.append(list(_cells(worksheet, row)))
    return book


def _cells(worksheet: Any, values: Iterable[Cell], *, bold: bool = False) -> Iterator[Any]:
    for value in values:
        if value is None or isinstance(value, int):
            yield value
            continue
        text = _ESCAPES.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", value))
        cell: Any = WriteOnlyCell(worksheet, text)
        cell.data_type = "s"  # also where it begins with "="
        cell.number_format = "@"
        if text.startswith(_NOT_TEXT):
            cell.quotePrefix = True
        if bold:
            cell.font = Font(bold=True)
        yield cell
