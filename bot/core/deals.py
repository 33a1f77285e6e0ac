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
    """`liaison` is the person who has it now, serving or not.

    `fixed`: chosen by hand; it stays with that liaison while they serve its community and have
    room for it. `cover` is who looks after it now while its liaison is away.
    """

    id: int
    place: Place
    liaison: int | None = None
    fixed: bool = False
    cover: int | None = None


@dataclass(frozen=True, slots=True)
class Liaison:
    """`serving`: of the roster and neither 豁免 nor 停用; being on leave (`away`) is serving."""

    person: int
    place: Place
    at_least: int = 5
    at_most: int = USUAL_ROOM
    serving: bool = True
    away: bool = False


class Why(StrEnum):
    """Why a household changes hands."""

    FIRST = "first"
    LEFT = "left"  # the own liaison no longer serves
    ELSEWHERE = "elsewhere"  # household and own liaison are no longer in one community
    FULL = "full"  # the own liaison has more than they take
    CHOSEN = "chosen"  # staff decided it by hand; the dealer itself never gives this reason
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
class Want:
    """So many further liaisons, best found in this unit: a door, a building, a grid, or all."""

    unit: int
    liaisons: int


@dataclass(frozen=True, slots=True)
class Lack:
    """The smallest number more liaisons that would cover the community, each taking USUAL_ROOM.

    `wants` says where: the numbers in it add up to `liaisons`.
    """

    community: int
    liaisons: int
    wants: tuple[Want, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How things stand in a unit and all below it. `under`, `over`: liaisons with fewer or more
    households than they take, wherever those households are."""

    unit: int
    households: int
    liaisons: int
    uncovered: int
    under: tuple[Load, ...]
    over: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    """Another looks after a household from now on. `to` is None where its own liaison is back,
    or where nobody has room and its grid does it; `before` is None where nobody did."""

    household: int
    before: int | None
    to: int | None


@dataclass(frozen=True)
class Covering:
    """Who looks after the households of liaisons who are away: household id → person id.

    `left` are those that nobody has room for: their grid looks after them.
    """

    covers: Mapping[int, int]
    changed: tuple[Cover, ...]
    left: tuple[int, ...]


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
    if one.unit == other.unit:
        return 0
    if one.building is not None and one.building == other.building:
        return 1
    return 2 if one.grid is not None and one.grid == other.grid else 3


def at(place: Place, reach: int) -> int | None:
    """What two places share that are no farther from each other than `reach`."""
    return (place.unit, place.building, place.grid, place.community)[reach]
