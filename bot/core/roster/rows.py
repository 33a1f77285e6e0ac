"""The workbook's rows → a roster, or every wrong row at once.

Knows how the rows of each sheet become units, households, liaisons and staff. What rows must agree
on among themselves is `checks`; what a single cell holds is `cells`. Must not know
the .xlsx format, storage or sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from bot.core.roster import (
    DutyRow,
    HouseholdRow,
    LiaisonRow,
    Post,
    Present,
    Roster,
    StaffRow,
    Standing,
    UnitRow,
)
from bot.core.roster.cells import WrongCellError, read_cell
from bot.core.roster.checks import check
from bot.core.roster.reach import Found, Lists, Reach
from bot.core.roster.sheets import (
    DUTY,
    HOUSEHOLDS,
    LIAISONS,
    SERVICES,
    SHEETS,
    STAFF,
    UNITS,
    Column,
    Fault,
    Kind,
    Row,
    RowError,
    Workbook,
    shape_errors,
)

T = TypeVar("T")
Cells = Mapping[str, Any]

USUAL_LEAST: Final = 5  # 最少户数 and 最多户数 left empty (contract §5)
USUAL_MOST: Final = 10


def parse(workbook: Workbook, present: Present | None = None) -> Roster | list[RowError]:
    """The roster a workbook holds, or all that is wrong with it in the order of its rows.

    `present` is what is stored: units above a community may be known from there alone, and what
    belongs to communities that the file does not name is out of its reach.
    """
    shape = shape_errors(workbook)
    errors: list[RowError] = []
    lists = Lists(
        units=_found(workbook, UNITS, _unit, errors),
        households=_found(workbook, HOUSEHOLDS, _household, errors),
        liaisons=_found(workbook, LIAISONS, _liaison, errors),
        staff=_found(workbook, STAFF, _staff_member, errors),
        duties=_found(workbook, DUTY, _duty, errors),
        others=_found(workbook, SERVICES, _unit_named, errors),
    )
    reach = Reach(lists, present or Present())
    if not shape:  # without a sheet or a heading every row would be wrong for that reason alone
        errors += check(lists, reach)
    if shape or errors:
        return shape + _in_order(errors)
    return replace(_roster(lists, reach), says_duty=DUTY in workbook.sheets)


def _roster(lists: Lists, reach: Reach) -> Roster:
    return Roster(
        units=tuple(found.value for found in lists.units),
        households=tuple(found.value for found in lists.households),
        liaisons=tuple(found.value for found in lists.liaisons),
        staff=_placed(found.value for found in lists.staff),
        unsaid=frozenset(
            found.value.phone for found in lists.liaisons if found.cells["状态"] is None
        ),
        duties=tuple(
            replace(one, phone=reach.phones_of(one.unit, one.name)[0])
            for one in (found.value for found in lists.duties)
        ),
    )


def _placed(staff: Iterable[StaffRow]) -> tuple[StaffRow, ...]:
    """Each with its place among the staff of the same unit, in the order of the sheet."""
    met: Counter[str] = Counter()
    placed = []
    for one in staff:
        placed.append(StaffRow(one.name, one.phone, one.unit, one.post, met[one.unit]))
        met[one.unit] += 1
    return tuple(placed)


def _in_order(errors: Iterable[RowError]) -> list[RowError]:
    """By sheet, row and column, and of one cell only the first trouble found."""
    first: dict[tuple[str, int | None, str | None], RowError] = {}
    for error in errors:
        first.setdefault((error.sheet, error.row, error.column), error)
    sheets = list(SHEETS)
    columns = {name: [c.heading for c in found] for name, found in SHEETS.items()}

    def place(error: RowError) -> tuple[int, int, int]:
        column = columns[error.sheet].index(error.column) if error.column else -1
        return sheets.index(error.sheet), error.row or 0, column

    return sorted(first.values(), key=place)


def _found(
    workbook: Workbook, name: str, build: Callable[[Cells], T], errors: list[RowError]
) -> list[Found[T]]:
    """A sheet's rows, each built where all its cells are right, else with no value."""
    sheet = workbook.sheets.get(name)
    if sheet is None:
        return []
    missing = {column.heading for column in SHEETS[name] if column.heading not in sheet.headings}
    columns = [column for column in SHEETS[name] if column.heading not in missing]
    lacking = any(column.required for column in SHEETS[name] if column.heading in missing)
    found: list[Found[T]] = []
    for row in sheet.rows:
        cells: dict[str, Any] = dict.fromkeys(missing)
        wrong = _read_row(row, columns, cells)
        errors += wrong
        found.append(Found(row, cells, None if wrong or lacking else build(cells)))
    return found


def _read_row(row: Row, columns: Iterable[Column], cells: dict[str, Any]) -> list[RowError]:
    """Reads the cells into `cells`, None where empty or wrong, and returns what is wrong."""
    wrong: list[RowError] = []
    for column in columns:
        text = row.values.get(column.heading, "")
        cells[column.heading] = None
        try:
            cells[column.heading] = _cell(row, column, text)
        except WrongCellError as why:
            wrong.append(
                RowError(row.sheet, row.number, column.heading, why.fault, text, why.about)
            )
    return wrong


def _cell(row: Row, column: Column, text: str) -> Any:
    odd = row.odd.get(column.heading)
    if odd is not None and not (odd is Fault.DATE_CELL and column.kind is Kind.DATE):
        raise WrongCellError(odd)
    if text:
        return read_cell(column.kind, text)
    if column.required:
        raise WrongCellError(Fault.EMPTY)
    return None


def _unit(cells: Cells) -> UnitRow:
    return UnitRow(cells["编号"], cells["上级编号"], cells["层级"], cells["名称"])


def _household(cells: Cells) -> HouseholdRow:
    return HouseholdRow(
        cells["户号"], cells["单位编号"], cells["房号"], cells["联系人"], cells["电话"]
    )


def _liaison(cells: Cells) -> LiaisonRow:
    least, most = cells["最少户数"], cells["最多户数"]
    if least is None:  # a small 最多户数 alone is no contradiction
        least = USUAL_LEAST if most is None else min(USUAL_LEAST, most)
    if most is None:
        most = max(USUAL_MOST, least)
    return LiaisonRow(
        name=cells["姓名"],
        phone=cells["电话"],
        unit=cells["单位编号"],
        least=least,
        most=most,
        standing=cells["状态"] or Standing.SERVING,
    )


def _staff_member(cells: Cells) -> StaffRow:
    return StaffRow(cells["姓名"], cells["电话"], cells["单位编号"], Post(cells["职务"]), place=0)


def _duty(cells: Cells) -> DutyRow:
    """Still without the phone, which the sheet of staff has. A day named is that day alone."""
    hours, day = cells["时段"], cells["日期"]
    minutes = (int(at.total_seconds()) // 60 for at in (hours.opens, hours.closes))
    weekday = cells["星期"] if day is None else None
    return DutyRow(cells["单位编号"], cells["姓名"], "", day, weekday, *minutes)


def _unit_named(cells: Cells) -> str:
    """All that is checked of a sheet not used yet, beyond its cells: the unit it speaks of."""
    return str(cells["单位编号"])
