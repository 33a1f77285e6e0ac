"""What the rows of a roster must agree on: among themselves, and with what the file may speak for.

Knows the tree's rules, duplicates, limits, and who is known by which phone. Must not know cells,
the .xlsx format or sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from bot.core.roster import WEEKDAYS, DutyRow, Level, UnitRow
from bot.core.roster.reach import ROOTS, Found, Lists, Reach
from bot.core.roster.sheets import Fault, RowError

T = TypeVar("T")

_HOMES = (Level.BUILDING, Level.DOOR)


def check(lists: Lists, reach: Reach) -> Iterator[RowError]:
    """Every disagreement, in no particular order."""
    yield from _units(lists, reach)
    yield from _households(lists, reach)
    yield from _liaisons(lists, reach)
    yield from _staff(lists, reach)
    for found in lists.others:
        if found.whole is not None:
            yield from reach.unit_errors(found, found.whole)
    yield from _duties(lists, reach)
    yield from _people(lists, reach)


def _repeats(rows: list[Found[T]], column: str, *more: str) -> Iterator[RowError]:
    """Rows whose key stands in an earlier row already."""
    first: dict[tuple[Any, ...], str] = {}
    for found in rows:
        key = tuple(found.cells[heading] for heading in (column, *more))
        if None in key:
            continue
        if key in first:
            yield found.error(column, Fault.DUPLICATE, first[key])
        first.setdefault(key, found.place)


def _units(lists: Lists, reach: Reach) -> Iterator[RowError]:
    yield from _repeats(lists.units, "编号")
    beyond_reach = {unit.code for unit in reach.beyond.units}
    has_street = any(unit.level is Level.SUBDISTRICT for unit in reach.above) or any(
        found.cells["层级"] is Level.SUBDISTRICT for found in lists.units
    )
    for found in lists.units:
        unit = found.whole
        if unit is None:
            continue
        if unit.code in beyond_reach:
            yield found.error("编号", Fault.ELSEWHERE, reach.stored.community(unit.code) or "")
        elif unit.parent is None:
            yield from _root(found, unit, has_street)
        else:
            yield from _child(found, unit, unit.parent, reach)
        yield from _level_kept(found, unit, reach)


def _root(found: Found[UnitRow], unit: UnitRow, has_street: bool) -> Iterator[RowError]:
    """Streets need nothing above them; a community does where there is a street to belong to."""
    if unit.level not in ROOTS or (unit.level is Level.COMMUNITY and has_street):
        yield found.error("上级编号", Fault.NO_PARENT, unit.level)


def _child(found: Found[UnitRow], unit: UnitRow, above: str, reach: Reach) -> Iterator[RowError]:
    parent = reach.tree.unit(above)
    if parent is None:
        yield from reach.unit_errors(found, above, "上级编号")
    elif reach.tree.is_in_cycle(unit.code):
        yield found.error("上级编号", Fault.CYCLE)
    elif not unit.level.is_below(parent.level):
        yield found.error("层级", Fault.NOT_BELOW_PARENT, parent.level)


def _level_kept(found: Found[UnitRow], unit: UnitRow, reach: Reach) -> Iterator[RowError]:
    """What lies under a street or a community hangs on its being one."""
    before = reach.stored.unit(unit.code)
    if before and before.level is not unit.level and {before.level, unit.level} & set(ROOTS):
        yield found.error("层级", Fault.LEVEL_CHANGED, before.level)


def _households(lists: Lists, reach: Reach) -> Iterator[RowError]:
    yield from _repeats(lists.households, "户号")
    elsewhere = {one.code: one.unit for one in reach.beyond.households}
    for found in lists.households:
        if (home := found.whole) is None:
            continue
        unit = reach.tree.unit(home.unit)
        if home.code in elsewhere:
            at = reach.stored.community(elsewhere[home.code]) or ""
            yield found.error("户号", Fault.ELSEWHERE, at)
        elif unit is None:
            yield from reach.unit_errors(found, home.unit)
        elif unit.level not in _HOMES:
            yield found.error("单位编号", Fault.WRONG_LEVEL, "、".join(_HOMES))
        else:
            yield from _in_community(found, unit, reach)


def _in_community(found: Found[Any], unit: UnitRow, reach: Reach) -> Iterator[RowError]:
    if reach.tree.community(unit.code) is None and not reach.is_troubled(unit.code):
        yield found.error("单位编号", Fault.OUTSIDE_COMMUNITY)


def _liaisons(lists: Lists, reach: Reach) -> Iterator[RowError]:
    yield from _repeats(lists.liaisons, "电话")
    elsewhere = {one.phone: one.unit for one in reach.beyond.liaisons}
    for found in lists.liaisons:
        if (liaison := found.whole) is None:
            continue
        if liaison.least > liaison.most:
            yield found.error("最多户数", Fault.LEAST_OVER_MOST, str(liaison.least))
        unit = reach.tree.unit(liaison.unit)
        if liaison.phone in elsewhere:
            at = reach.stored.community(elsewhere[liaison.phone]) or ""
            yield found.error("电话", Fault.ELSEWHERE, at)
        elif unit is None:
            yield from reach.unit_errors(found, liaison.unit)
        else:
            yield from _in_community(found, unit, reach)


def _staff(lists: Lists, reach: Reach) -> Iterator[RowError]:
    yield from _repeats(lists.staff, "电话", "单位编号", "职务")
    for found in lists.staff:
        if (one := found.whole) is None:
            continue
        unit = reach.tree.unit(one.unit)
        if unit is None:
            yield from reach.unit_errors(found, one.unit)
        elif unit.level is Level.DOOR:  # no tier is served from a door
            above = "、".join(level for level in Level if level is not Level.DOOR)
            yield found.error("单位编号", Fault.WRONG_LEVEL, above)


def _duties(lists: Lists, reach: Reach) -> Iterator[RowError]:
    """On duty is somebody of the unit's own staff, on a day or on a weekday, each time once."""
    first: dict[DutyRow, str] = {}
    for found in lists.duties:
        if (duty := found.whole) is None:
            continue
        if duty.unit in reach.tree:
            yield from _on_staff(found, reach)
        else:
            yield from reach.unit_errors(found, duty.unit)
        day, weekday = found.cells["日期"], found.cells["星期"]
        if day is None and weekday is None:
            yield found.error("日期", Fault.EMPTY)
        elif day is not None and weekday is not None and day.weekday() != weekday:
            yield found.error("星期", Fault.NOT_THAT_DAY, WEEKDAYS[day.weekday()])
        elif duty in first:
            yield found.error("姓名", Fault.DUPLICATE, first[duty])
        first.setdefault(duty, found.place)


def _on_staff(found: Found[DutyRow], reach: Reach) -> Iterator[RowError]:
    phones = reach.phones_of(found.value.unit, found.value.name)
    if not phones:
        yield found.error("姓名", Fault.NOT_STAFF, found.value.unit)
    elif len(phones) > 1:
        yield found.error("姓名", Fault.SAME_NAME)


def _people(lists: Lists, reach: Reach) -> Iterator[RowError]:
    """A person is known by phone: one phone, one name, in the file and beyond its reach."""
    met: dict[str, tuple[str, str]] = {}
    for found, column in _named_rows(lists):
        phone, name = found.cells["电话"], found.cells[column]
        if phone is None or name is None:
            continue
        first, where = met.setdefault(phone, (name, found.place))
        if name != first:
            yield found.error("电话", Fault.PHONE_OF_ANOTHER, where)
        elif reach.taken.get(phone, name) != name:
            yield found.error("电话", Fault.PHONE_ELSEWHERE)


def _named_rows(lists: Lists) -> Iterator[tuple[Found[Any], str]]:
    yield from ((found, "姓名") for found in lists.liaisons)
    yield from ((found, "姓名") for found in lists.staff)
    yield from ((found, "联系人") for found in lists.households)
