"""The plan that makes what is stored say what a roster says.

Knows the parts of a plan (added, changed, moved, retired) and when it retires so much that somebody
must mean it. Must not know how a plan is found or carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bot.core.roster import DutyRow, HouseholdRow, LiaisonRow, StaffRow, UnitRow

T = TypeVar("T")

MOST_RETIRED: Final = 10  # one in so many may be retired unasked (contract §1)


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    before: T
    after: T


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """What becomes of one list. Each row stands in one part only; `moved` rows may have changed
    otherwise too."""

    added: tuple[T, ...] = ()
    changed: tuple[Change[T], ...] = ()
    moved: tuple[Change[T], ...] = ()
    retired: tuple[T, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.moved or self.retired)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """The person stored under phone `was` has now this phone and name."""

    was: str
    phone: str
    name: str


@dataclass(frozen=True, slots=True)
class Retiring:
    """How many would be retired, of how many that the file speaks for."""

    households: int = 0
    of_households: int = 0
    people: int = 0
    of_people: int = 0

    @property
    def is_many(self) -> bool:
        """Whether it is more than a tenth of either: then somebody must mean it."""
        return (
            self.households * MOST_RETIRED > self.of_households
            or self.people * MOST_RETIRED > self.of_people
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """To be applied in this order: people, units (from the top down; retired ones last), and then
    households, liaisons, staff and duties, whose `after` rows carry the new phones."""

    people: tuple[PersonChange, ...] = ()
    units: Changes[UnitRow] = Changes()
    households: Changes[HouseholdRow] = Changes()
    liaisons: Changes[LiaisonRow] = Changes()
    staff: Changes[StaffRow] = Changes()
    duties: Changes[DutyRow] = Changes()
    retiring: Retiring = Retiring()

    @property
    def is_empty(self) -> bool:
        lists = (self.units, self.households, self.liaisons, self.staff, self.duties)
        return not self.people and not any(lists)

    @property
    def needs_retire_flag(self) -> bool:
        return self.retiring.is_many
