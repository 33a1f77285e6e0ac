"""What a file may speak for: its rows, beside what is stored.

A file speaks only for the communities whose rows stand in its sheet of units, and of what lies
above communities it may add and change. Everything else that is stored is out of its reach: a row
that would touch it is wrong.

Knows rows and the tree of units. Must not know cells, the .xlsx format, sentences, or which rows
disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, TypeVar

from bot.core.roster import (
    DutyRow,
    HouseholdRow,
    Level,
    LiaisonRow,
    Present,
    Roster,
    StaffRow,
    Tree,
    UnitRow,
)
from bot.core.roster.sheets import Fault, Row, RowError

T = TypeVar("T")

ROOTS = (Level.SUBDISTRICT, Level.COMMUNITY)  # what may stand at the top of the tree


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A row with its cells (None where wrong or empty) and, where all are right, its value."""

    row: Row
    cells: Mapping[str, Any]
    whole: T | None

    @property
    def value(self) -> T:
        if self.whole is None:
            raise ValueError("a wrong row has no value")
        return self.whole

    def error(self, column: str, fault: Fault, about: str = "") -> RowError:
        value = self.row.values.get(column, "")
        return RowError(self.row.sheet, self.row.number, column, fault, value, about)

    @property
    def place(self) -> str:
        return f"{self.row.sheet}!{self.row.number}"


@dataclass(frozen=True, slots=True)
class Lists:
    """The workbook's rows; `others` are of sheets not used yet, by the unit they speak of.
    Who is on duty has no phone yet."""

    units: list[Found[UnitRow]] = field(default_factory=list)
    households: list[Found[HouseholdRow]] = field(default_factory=list)
    liaisons: list[Found[LiaisonRow]] = field(default_factory=list)
    staff: list[Found[StaffRow]] = field(default_factory=list)
    duties: list[Found[DutyRow]] = field(default_factory=list)
    others: list[Found[str]] = field(default_factory=list)


class Reach:
    """What the file may speak for: its own units, and the stored ones above all communities."""

    def __init__(self, lists: Lists, present: Present) -> None:
        units = [found.whole for found in lists.units if found.whole]
        self.stored = Tree(present.units)
        self.above = [unit for unit in present.units if self.stored.community(unit.code) is None]
        self.tree = Tree([*self.above, *units])
        self.named = {unit.code for unit in units if unit.level is Level.COMMUNITY}
        # Codes of wrong rows: what refers to them is not wrong for that.
        self.troubled = {found.cells["编号"] for found in lists.units if not found.whole}
        self.beyond = beyond(present, self.stored, self.named)
        self.taken = self._taken(lists, present)
        self._staff = _by_unit(present, lists)

    def unit_errors(
        self, found: Found[Any], code: str, column: str = "单位编号"
    ) -> Iterator[RowError]:
        """Whether a row may refer to this unit."""
        if code in self.tree or code in self.troubled:
            return
        community = self.stored.community(code)
        if community is not None and community not in self.named:
            yield found.error(column, Fault.NOT_NAMED, community)
        else:
            yield found.error(column, Fault.UNKNOWN_UNIT)

    def _taken(self, lists: Lists, present: Present) -> dict[str, str]:
        """Phone → name of people whom this file cannot rename: others speak for them."""
        above = {unit.code for unit in self.above} - {
            found.cells["单位编号"] for found in lists.staff
        }
        contacts = {one.phone: one.contact for one in self.beyond.households}
        return {
            **{phone: name for phone, name in contacts.items() if phone and name},
            **{one.phone: one.name for one in present.staff if one.unit in above},
            **{one.phone: one.name for one in self.beyond.serving},
        }

    def phones_of(self, unit: str, name: str) -> list[str]:
        """The phones under which a unit's staff has somebody of this name; where the file has no
        staff of that unit, the stored ones count."""
        return list(dict.fromkeys(p for n, p in self._staff.get(unit, ()) if n == name))

    def is_troubled(self, code: str) -> bool:
        """Whether the line above a unit is broken by another row, which is told of already."""
        path = self.tree.upwards(code)
        if not path or path[-1].parent is not None or path[-1].level not in ROOTS:
            return True
        return any(not one.level.is_below(above.level) for one, above in pairwise(path))


def _by_unit(present: Present, lists: Lists) -> dict[str, list[tuple[str, str]]]:
    """Unit → (name, phone) of its staff, in order."""
    stored: dict[str, list[tuple[str, str]]] = {}
    for one in present.staff:
        stored.setdefault(one.unit, []).append((one.name, one.phone))
    told: dict[str, list[tuple[str, str]]] = {}
    for found in lists.staff:
        cells = found.cells
        if cells["单位编号"] and cells["姓名"]:
            told.setdefault(cells["单位编号"], []).append((cells["姓名"], cells["电话"] or ""))
    return stored | told


def beyond(present: Present, stored: Tree, named: set[str]) -> Roster:
    """What is stored of communities that are not named."""

    def is_beyond(code: str) -> bool:
        community = stored.community(code)
        return community is not None and community not in named

    return Roster(
        units=tuple(one for one in present.units if is_beyond(one.code)),
        households=tuple(one for one in present.households if is_beyond(one.unit)),
        liaisons=tuple(one for one in present.liaisons if is_beyond(one.unit)),
        staff=tuple(one for one in present.staff if is_beyond(one.unit)),
    )
