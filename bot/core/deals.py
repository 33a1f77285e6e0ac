"""What goes into dealing households to liaisons, and what comes out: facts, a deal, its cost.

Knows what a place, a distance and a cost are (contract section 7). Must not know how a deal is
found, nor storage, names or sentences.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

USUAL_ROOM: Final = 10  # 最多户数 of a liaison the roster says nothing about (contract section 5)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's id with those above it (or itself) that distance counts by; None where skipped.

    A door needs no column of its own: nothing is below it, so one door is one unit.
    """

    unit: int
    building: int | None = None
    grid: int | None = None
    community: int | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """`liaison` is the person who has it now, serving or not."""

    id: int
    place: Place
    liaison: int | None = None


@dataclass(frozen=True, slots=True)
class Liaison:
    """`serving`: of the roster and neither 豁免 nor 停用; being on leave is serving."""

    person: int
    place: Place
    at_least: int = 5
    at_most: int = USUAL_ROOM
    serving: bool = True


class Why(StrEnum):
    """Why a household changes hands."""

    FIRST = "first"
    LEFT = "left"  # the own liaison no longer serves
    ELSEWHERE = "elsewhere"  # household and own liaison are no longer in one community
    FULL = "full"  # the own liaison has more than they take
    SHARED = "shared"  # another has fewer than their least


@dataclass(frozen=True, slots=True)
class Move:
    """`to` is None where nobody has room; `before` is None at a first deal."""

    household: int
    before: int | None
    to: int | None
    why: Why


@dataclass(frozen=True, slots=True)
class Load:
    person: int
    households: int


@dataclass(frozen=True, slots=True)
class Lack:
    """The smallest number more liaisons that would cover the community, each taking USUAL_ROOM."""

    community: int
    liaisons: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a deal costs, to be compared in this order (contract section 7, `assign --json`)."""

    uncovered: int
    shortfall: int
    moved: int
    distance: int


@dataclass(frozen=True)
class Deal:
    """A whole deal: `assigned` is household id → person id, in the order of the households."""

    assigned: Mapping[int, int]
    moved: tuple[Move, ...]
    uncovered: tuple[int, ...]
    under: tuple[Load, ...]
    over: tuple[Load, ...]
    lacking: tuple[Lack, ...]
    cost: Cost


def distance(one: Place, other: Place) -> int:
    """0 the same unit (so the same door), 1 the same building, 2 the same grid, 3 farther."""
    same = (
        reach
        for reach in range(3)
        if at(one, reach) is not None and at(one, reach) == at(other, reach)
    )
    return next(same, 3)


def at(place: Place, reach: int) -> int | None:
    """What two places share that are no farther from each other than `reach`."""
    return (place.unit, place.building, place.grid, place.community)[reach]
