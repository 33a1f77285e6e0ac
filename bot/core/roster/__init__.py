"""What a roster says: units in a tree, households, liaisons and staff. The glossary is the sheet's.

Knows the shape of the four lists and where a unit stands in the tree. Must not know cells, sheets,
rows' numbers, what is stored, or what follows from a change.

The same shape serves a roster read from a file and `Present`, the snapshot of what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.core.workdays import Span

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = 24 * 60


class Level(StrEnum):
    """From the top down; a unit's level is always below its parent's, levels may be skipped."""

    SUBDISTRICT = "街道"
    COMMUNITY = "社区"
    GRID = "网格"
    BUILDING = "楼"
    DOOR = "门"

    def is_below(self, other: Level) -> bool:
        return self.depth > other.depth

    @property
    def depth(self) -> int:
        return list(Level).index(self)


class Post(StrEnum):
    GRID_HEAD = "网格长"
    SECRETARY = "社区书记"
    SOCIAL_WORKER = "社工"
    PROPERTY = "物业"
    OFFICER = "街道专员"
    ADMINISTRATOR = "管理员"


class Standing(StrEnum):
    SERVING = "在岗"
    EXEMPT = "豁免"
    STOPPED = "停用"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit, known by its code; `parent` is None at a root."""

    code: str
    parent: str | None
    level: Level
    name: str


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household, known by its code; `unit` is its door or building.

    `contact` and `phone` are the sheet's own words about the household, to be kept as such: they
    stay as they are when the person behind them changes their phone in another role.
    """

    code: str
    unit: str
    room: str
    contact: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class LiaisonRow:
    """A liaison, known by phone; `least` and `most` are households."""

    name: str
    phone: str
    unit: str
    least: int
    most: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One post of a person, known by phone, unit and post: a person may hold several.

    `place` counts from 0 in the sheet's order among the staff of the same unit: who stands first
    holds what reaches the tier.
    """

    name: str
    phone: str
    unit: str
    post: Post
    place: int


@dataclass(frozen=True, slots=True)
class DutyRow:
    """Somebody of a unit's staff, known by phone, on duty on `day` or every `weekday` (0: Monday).

    `opens` and `closes` are minutes since midnight, `closes` beyond 1440 on the next day.
    """

    unit: str
    name: str
    phone: str
    day: date | None
    weekday: int | None
    opens: int
    closes: int

    @property
    def hours(self) -> Span:
        return Span(self.opens * _MINUTE, self.closes * _MINUTE)

    @property
    def typed_hours(self) -> str:
        """ "20:00-08:00", as the sheet has it."""
        closes = self.closes if self.closes <= _DAY else self.closes - _DAY
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.opens, closes))

    @property
    def when(self) -> str:
        """ "2026-12-01" or "周六"."""
        return self.day.isoformat() if self.day else WEEKDAYS[self.weekday or 0]


@dataclass(frozen=True, slots=True)
class Roster:
    """`unsaid` are phones of liaisons whose standing the file leaves open: 在岗 if they are new.
    `says_duty`: it has a sheet of duties, if only an empty one; else they stay as they are."""

    units: tuple[UnitRow, ...] = ()
    households: tuple[HouseholdRow, ...] = ()
    liaisons: tuple[LiaisonRow, ...] = ()
    staff: tuple[StaffRow, ...] = ()
    unsaid: frozenset[str] = frozenset()
    duties: tuple[DutyRow, ...] = ()
    says_duty: bool = False

    @property
    def serving(self) -> tuple[LiaisonRow | StaffRow, ...]:
        """Everybody with a task, once for each."""
        return (*self.liaisons, *self.staff)


Present = Roster


class Tree:
    """Where units stand. Bears a broken tree (unknown parents, cycles) without failing."""

    def __init__(self, units: Iterable[UnitRow]) -> None:
        self._units = {unit.code: unit for unit in units}
        self._communities: dict[str, str | None] = {}

    def __contains__(self, code: str) -> bool:
        return code in self._units

    def unit(self, code: str) -> UnitRow | None:
        return self._units.get(code)

    def community(self, code: str) -> str | None:
        """The code of the community a unit is or lies in; None above them, or where unknown."""
        if code not in self._communities:
            path = self.upwards(code)
            found = next((unit.code for unit in path if unit.level is Level.COMMUNITY), None)
            self._communities[code] = found
        return self._communities[code]

    def upwards(self, code: str) -> list[UnitRow]:
        """The unit and all above it, nearest first, each once even where they form a cycle."""
        path: dict[str, UnitRow] = {}
        at: str | None = code
        while at is not None and at not in path and (unit := self._units.get(at)):
            path[at] = unit
            at = unit.parent
        return list(path.values())

    def is_in_cycle(self, code: str) -> bool:
        """Whether a unit lies above itself."""
        path = self.upwards(code)
        return bool(path) and path[-1].parent == code
