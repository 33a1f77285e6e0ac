"""The roster workbook of contract §5: its sheets and columns, its rows, and what can be wrong.

Knows headings and kinds of cells. Must not know the .xlsx format, what a value must agree with, or
the sentences that tell people of a fault: here are facts and codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.core.roster import WEEKDAYS, DutyRow, Level, Roster, StaffRow, UnitRow

UNITS, HOUSEHOLDS, LIAISONS, STAFF = "单位", "住户", "联络员", "工作人员"
DUTY, SERVICES = "值班", "便民服务"


class Kind(StrEnum):
    """What a cell must hold."""

    WORDS = "words"
    NAME = "name"
    CODE = "code"
    PHONE = "phone"
    COUNT = "count"
    LEVEL = "level"
    POST = "post"
    STANDING = "standing"
    DATE = "date"
    WEEKDAY = "weekday"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    kind: Kind
    required: bool = False


def _must(heading: str, kind: Kind) -> Column:
    return Column(heading, kind, required=True)


SHEETS: Final[Mapping[str, tuple[Column, ...]]] = {
    UNITS: (
        _must("编号", Kind.CODE),
        Column("上级编号", Kind.CODE),
        _must("层级", Kind.LEVEL),
        _must("名称", Kind.WORDS),
    ),
    HOUSEHOLDS: (
        _must("户号", Kind.CODE),
        _must("单位编号", Kind.CODE),
        _must("房号", Kind.CODE),
        Column("联系人", Kind.NAME),
        Column("电话", Kind.PHONE),
    ),
    LIAISONS: (
        _must("姓名", Kind.NAME),
        _must("电话", Kind.PHONE),
        _must("单位编号", Kind.CODE),
        Column("最少户数", Kind.COUNT),
        Column("最多户数", Kind.COUNT),
        Column("状态", Kind.STANDING),
    ),
    STAFF: (
        _must("姓名", Kind.NAME),
        _must("电话", Kind.PHONE),
        _must("单位编号", Kind.CODE),
        _must("职务", Kind.POST),
    ),
    DUTY: (
        _must("单位编号", Kind.CODE),
        _must("姓名", Kind.NAME),
        Column("日期", Kind.DATE),
        Column("星期", Kind.WEEKDAY),
        _must("时段", Kind.HOURS),
    ),
    SERVICES: (
        _must("事项", Kind.WORDS),
        _must("单位编号", Kind.CODE),
        _must("姓名", Kind.NAME),
        _must("电话", Kind.PHONE),
        Column("时间", Kind.WORDS),
    ),
}
REQUIRED_SHEETS: Final = (UNITS, HOUSEHOLDS, LIAISONS, STAFF)


class Fault(StrEnum):
    """What is wrong, or worth saying; each has its sentence where people read it."""

    # the workbook's shape
    MISSING_SHEET = "missing_sheet"
    DUPLICATE_SHEET = "duplicate_sheet"
    MISSING_HEADING = "missing_heading"
    DUPLICATE_HEADING = "duplicate_heading"
    # one cell
    EMPTY = "empty"
    MERGED = "merged"
    DATE_CELL = "date_cell"
    ERROR_CELL = "error_cell"
    BOOLEAN_CELL = "boolean_cell"
    FORMULA = "formula"
    LONG_NUMBER = "long_number"
    TOO_LONG = "too_long"
    BAD_PHONE = "bad_phone"
    BAD_COUNT = "bad_count"
    BAD_LEVEL = "bad_level"
    BAD_POST = "bad_post"
    BAD_STANDING = "bad_standing"
    BAD_DATE = "bad_date"
    BAD_WEEKDAY = "bad_weekday"
    BAD_HOURS = "bad_hours"
    # cells against each other
    DUPLICATE = "duplicate"
    UNKNOWN_UNIT = "unknown_unit"
    NO_PARENT = "no_parent"
    CYCLE = "cycle"
    NOT_BELOW_PARENT = "not_below_parent"
    LEVEL_CHANGED = "level_changed"
    WRONG_LEVEL = "wrong_level"
    OUTSIDE_COMMUNITY = "outside_community"
    NOT_NAMED = "not_named"
    ELSEWHERE = "elsewhere"
    LEAST_OVER_MOST = "least_over_most"
    PHONE_OF_ANOTHER = "phone_of_another"
    PHONE_ELSEWHERE = "phone_elsewhere"
    NOT_STAFF = "not_staff"
    SAME_NAME = "same_name"
    NOT_THAT_DAY = "not_that_day"
    # no fault of a row: remarks
    UNKNOWN_SHEET = "unknown_sheet"
    UNKNOWN_COLUMN = "unknown_column"
    UNUSED_SHEET = "unused_sheet"
    HIDDEN_ROWS = "hidden_rows"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as text by heading, known columns only. `odd` are cells that did not hold text."""

    sheet: str
    number: int
    values: Mapping[str, str]
    odd: Mapping[str, Fault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`headings` as they stand in the first row, unknown and repeated ones included; `hidden` is
    how many of the rows are hidden from whoever looks at the sheet."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Workbook:
    """`repeated` are names that a further sheet has too, which was not read."""

    sheets: Mapping[str, Sheet]
    repeated: tuple[str, ...] = ()


class WorkbookError(Exception):
    """A file cannot be read or written; its text is one line for people."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A fact about a wrong cell.

    `row` is None where a whole sheet is meant. `value` is what stood there; `about` is what it is
    set against, by the fault: another row's place, a level, a list of what may stand there.
    """

    sheet: str
    row: int | None
    column: str | None
    fault: Fault
    value: str = ""
    about: str = ""


def shape_errors(workbook: Workbook) -> list[RowError]:
    """Sheets and headings that are missing, or there twice."""
    errors = [
        RowError(name, None, None, Fault.MISSING_SHEET)
        for name in REQUIRED_SHEETS
        if name not in workbook.sheets
    ]
    errors += [
        RowError(name, None, None, Fault.DUPLICATE_SHEET)
        for name in SHEETS
        if name in workbook.repeated
    ]
    for name, columns in SHEETS.items():
        if (sheet := workbook.sheets.get(name)) is not None:
            errors += _heading_errors(sheet, columns)
    return errors


def _heading_errors(sheet: Sheet, columns: Iterable[Column]) -> Iterable[RowError]:
    for column in columns:
        count = sheet.headings.count(column.heading)
        if count > 1:
            yield RowError(sheet.name, 1, column.heading, Fault.DUPLICATE_HEADING)
        elif not count and column.required:
            yield RowError(sheet.name, 1, column.heading, Fault.MISSING_HEADING)


def remarks(workbook: Workbook) -> list[RowError]:
    """What the file holds and nobody reads: sheets and columns unknown or not used yet."""
    found = []
    for name, sheet in workbook.sheets.items():
        if name not in SHEETS:
            if not any(sheet.headings):
                continue  # the empty sheets that come with a new workbook
            found.append(RowError(name, None, None, Fault.UNKNOWN_SHEET))
            continue
        known = {column.heading for column in SHEETS[name]}
        strange = [heading for heading in sheet.headings if heading and heading not in known]
        found += [RowError(name, 1, heading, Fault.UNKNOWN_COLUMN) for heading in strange]
        if sheet.hidden:
            found.append(RowError(name, None, None, Fault.HIDDEN_ROWS, about=str(sheet.hidden)))
        if name == SERVICES and sheet.rows:
            found.append(RowError(name, None, None, Fault.UNUSED_SHEET))
    return found


Cell = str | int | None


def sheets_of(roster: Roster) -> dict[str, list[tuple[Cell, ...]]]:
    """The roster's rows sheet by sheet, in the order of the columns in `SHEETS`, to be written.

    Parents stand before their children, staff in their unit's order, so that reading them again
    gives the same roster.
    """
    sheets: dict[str, list[tuple[Cell, ...]]] = {
        UNITS: [(u.code, u.parent, u.level.value, u.name) for u in from_top(roster.units)],
        HOUSEHOLDS: [(h.code, h.unit, h.room, h.contact, h.phone) for h in roster.households],
        LIAISONS: [
            (one.name, one.phone, one.unit, one.least, one.most, one.standing.value)
            for one in roster.liaisons
        ],
        STAFF: [(s.name, s.phone, s.unit, s.post.value) for s in _in_order(roster.staff)],
    }
    if roster.says_duty:
        sheets[DUTY] = [_duty_cells(one) for one in roster.duties]
    return sheets


def _duty_cells(one: DutyRow) -> tuple[Cell, ...]:
    weekday = None if one.weekday is None else WEEKDAYS[one.weekday]
    day = one.day.isoformat() if one.day else None
    return one.unit, one.name, day, weekday, one.typed_hours


def from_top(units: Iterable[UnitRow]) -> list[UnitRow]:
    depth = {level: level.depth for level in Level}
    return sorted(units, key=lambda unit: depth[unit.level])


def _in_order(staff: Iterable[StaffRow]) -> list[StaffRow]:
    return sorted(staff, key=lambda one: (one.unit, one.place))
