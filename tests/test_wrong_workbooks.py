"""Workbooks as people get them wrong (contract section 5): what is said, and where.

Each changes the sample as somebody in an office would, with a program's own cells.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from bot.core.roster import Roster
from bot.core.roster.rows import parse
from bot.core.roster.sheets import HOUSEHOLDS, LIAISONS, STAFF, UNITS, Fault, RowError, remarks
from bot.desk.sample import WORKBOOK
from bot.excel import read
from bot.excel.wording import remedy, sentence

Change = Callable[[openpyxl.Workbook], object]
Place = tuple[str, int | None, str | None, Fault]


def put(sheet: str, cell: str, value: Any, shown_as: str = "General") -> Change:
    def change(book: openpyxl.Workbook) -> None:
        book[sheet][cell] = value
        book[sheet][cell].number_format = shown_as

    return change


def copied(sheet: str, cell: str, of: str) -> Change:
    return lambda book: put(sheet, cell, book[sheet][of].value)(book)


def found(path: Path, change: Change) -> Roster | list[RowError]:
    book = openpyxl.load_workbook(WORKBOOK)
    change(book)
    book.save(path)
    return parse(read(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.xlsx"


def _headings_a_row_too_low(book: openpyxl.Workbook) -> None:
    book[LIAISONS].insert_rows(1)
    book[LIAISONS]["A1"] = "瑞景苑联络员名单"


WRONG: Final[dict[str, tuple[Change, list[Place]]]] = {
    "a unit nobody knows": (
        put(HOUSEHOLDS, "B3", "LY09"),
        [(HOUSEHOLDS, 3, "单位编号", Fault.UNKNOWN_UNIT)],
    ),
    "a code in other letters": (
        put(HOUSEHOLDS, "B3", "ly01-b1-d1"),
        [(HOUSEHOLDS, 3, "单位编号", Fault.UNKNOWN_UNIT)],
    ),
    "a household twice": (
        copied(HOUSEHOLDS, "A4", of="A3"),
        [(HOUSEHOLDS, 4, "户号", Fault.DUPLICATE)],
    ),
    "a liaison's phone at a household of another name": (
        lambda book: put(HOUSEHOLDS, "E3", book[LIAISONS]["B3"].value)(book),
        [(HOUSEHOLDS, 3, "电话", Fault.PHONE_OF_ANOTHER)],
    ),
    "two units above each other": (
        put(UNITS, "B2", "LY01"),
        [(UNITS, 2, "上级编号", Fault.CYCLE), (UNITS, 3, "上级编号", Fault.CYCLE)],
    ),
    "a unit above itself": (put(UNITS, "B3", "LY01"), [(UNITS, 3, "上级编号", Fault.CYCLE)]),
    "a community that is called a door, told only where grids hang on it": (
        put(UNITS, "C4", "门"),
        [
            (UNITS, 7, "层级", Fault.NOT_BELOW_PARENT),
            (UNITS, 8, "层级", Fault.NOT_BELOW_PARENT),
            *((STAFF, row, "单位编号", Fault.WRONG_LEVEL) for row in (13, 14, 15, 16)),
        ],
    ),
    "a liaison of the whole subdistrict": (
        put(LIAISONS, "C2", "LY"),
        [(LIAISONS, 2, "单位编号", Fault.OUTSIDE_COMMUNITY)],
    ),
    "a household in a grid": (
        put(HOUSEHOLDS, "B3", "LY01-G1"),
        [(HOUSEHOLDS, 3, "单位编号", Fault.WRONG_LEVEL)],
    ),
    "an empty cell": (put(LIAISONS, "B3", None), [(LIAISONS, 3, "电话", Fault.EMPTY)]),
    "a cell of blanks": (put(LIAISONS, "A3", " \u3000 "), [(LIAISONS, 3, "姓名", Fault.EMPTY)]),
    "a number in words": (put(LIAISONS, "D3", "五"), [(LIAISONS, 3, "最少户数", Fault.BAD_COUNT)]),
    "half a household": (put(LIAISONS, "D3", 5.5), [(LIAISONS, 3, "最少户数", Fault.BAD_COUNT)]),
    "a limit that became a date": (
        put(LIAISONS, "D3", date(2026, 5, 10), "yyyy-mm-dd"),
        [(LIAISONS, 3, "最少户数", Fault.DATE_CELL)],
    ),
    "a room that became a date": (
        put(HOUSEHOLDS, "C3", date(2026, 5, 2), 'm"月"d"日"'),
        [(HOUSEHOLDS, 3, "房号", Fault.DATE_CELL)],
    ),
    "a truth as a room": (
        put(HOUSEHOLDS, "C3", True),
        [(HOUSEHOLDS, 3, "房号", Fault.BOOLEAN_CELL)],
    ),
    "a formula nobody has worked out": (
        put(HOUSEHOLDS, "D3", "=A3"),
        [(HOUSEHOLDS, 3, "联系人", Fault.FORMULA)],
    ),
    "a formula's error": (
        put(HOUSEHOLDS, "C3", "#N/A"),
        [(HOUSEHOLDS, 3, "房号", Fault.ERROR_CELL)],
    ),
    "a phone that lost its nought": (
        put(HOUSEHOLDS, "E3", 1069546688),
        [(HOUSEHOLDS, 3, "电话", Fault.BAD_PHONE)],
    ),
    "two phones in a cell": (
        put(HOUSEHOLDS, "E3", "13900000001/13900000002"),
        [(HOUSEHOLDS, 3, "电话", Fault.BAD_PHONE)],
    ),
    "merged cells": (
        lambda book: book[HOUSEHOLDS].merge_cells("B3:B5"),
        [(HOUSEHOLDS, row, "单位编号", Fault.MERGED) for row in (3, 4, 5)],
    ),
    "merged headings": (
        lambda book: book[LIAISONS].merge_cells("A1:B1"),
        [(LIAISONS, 1, "电话", Fault.MISSING_HEADING)],
    ),
    "a title above the headings": (
        _headings_a_row_too_low,
        [(LIAISONS, 1, heading, Fault.MISSING_HEADING) for heading in ("姓名", "电话", "单位编号")],
    ),
    "a column twice": (
        put(HOUSEHOLDS, "F1", "电话"),
        [(HOUSEHOLDS, 1, "电话", Fault.DUPLICATE_HEADING)],
    ),
    "a column with another name": (
        put(HOUSEHOLDS, "C1", "房间"),
        [(HOUSEHOLDS, 1, "房号", Fault.MISSING_HEADING)],
    ),
    "a sheet that is gone": (
        lambda book: book.remove(book[STAFF]),
        [(STAFF, None, None, Fault.MISSING_SHEET)],
    ),
    "an unknown post": (put(STAFF, "D2", "主任"), [(STAFF, 2, "职务", Fault.BAD_POST)]),
    "an unknown standing": (
        put(LIAISONS, "F3", "离职"),
        [(LIAISONS, 3, "状态", Fault.BAD_STANDING)],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_where_it_is_with_what_to_do(path: Path, what: str) -> None:
    change, places = WRONG[what]
    errors = found(path, change)
    assert isinstance(errors, list)
    assert [(one.sheet, one.row, one.column, one.fault) for one in errors] == places
    for error in errors:
        assert remedy(error)
        assert f"「{error.sheet}」" in sentence(error)


RIGHT: Final[dict[str, Change]] = {
    "a phone as a number": put(HOUSEHOLDS, "E3", 13900000001),
    "a phone as a decimal number": put(HOUSEHOLDS, "E3", 13900000001.0),
    "a phone in full width": put(HOUSEHOLDS, "E3", "１３９ ００００ ０００１"),
    "a phone with dashes": put(HOUSEHOLDS, "E3", "139-0000-0001"),
    "a phone with its country": put(HOUSEHOLDS, "E3", "+86 13900000001"),
    "a count as text": put(LIAISONS, "D3", "5"),
    "a room as a number": put(HOUSEHOLDS, "C3", 102.0),
    "a code in full width": put(HOUSEHOLDS, "B3", "ＬＹ０１－Ｂ１－Ｄ１"),
    "rows left empty": lambda book: book[HOUSEHOLDS].insert_rows(5, 4),
    "an unknown column": put(HOUSEHOLDS, "F1", "备注"),
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_can_be_meant_one_way_only_is_taken(path: Path, what: str) -> None:
    roster = found(path, RIGHT[what])
    assert isinstance(roster, Roster)
    assert len(roster.households) == 152
    assert roster.households[1].unit == "LY01-B1-D1"
    assert roster.households[1].phone in {"13900000001", "13800000202"}


def test_fifty_wrong_rows_are_all_told_beside_what_was_not_read(path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book[HOUSEHOLDS]["F1"] = "备注"
        for row in range(2, 52):
            book[HOUSEHOLDS].cell(row, 5, f"电话{row}")

    errors = found(path, change)
    assert isinstance(errors, list)
    assert [one.row for one in errors] == list(range(2, 52))
    assert {one.fault for one in errors} == {Fault.BAD_PHONE}
    assert [one.fault for one in remarks(read(path))] == [Fault.UNKNOWN_COLUMN]
