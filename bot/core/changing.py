"""Who is told what when households change hands or are covered: each person one message.

Knows who may hear of which household; not how a deal was found, no wording.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.core.decision import Tell
from bot.core.leaving import shown
from bot.core.notices import Contact, Notice
from bot.core.notices.dealing import (
    BackAgain,
    Cover,
    CoverBegun,
    CoverOver,
    GridHas,
    HouseholdsChanged,
    NewLiaison,
    NowCovered,
)
from bot.core.people import Place, Role, Server
from bot.core.standing import Terms

# A phone shows no more homes at once.
SHOWN: Final = 12


class Turn(StrEnum):
    """What happened to a household."""

    MOVED = "moved"  # another liaison, or none, for good
    COVERED = "covered"  # its liaison is away: another, or its grid, meanwhile
    BACK = "back"  # its liaison is there again


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the household who has WeChat."""

    person_id: int
    pending: bool


@dataclass(frozen=True, slots=True)
class Turned:
    """A household as it is now, and what it was: `was` the liaison before, or who covered.

    `until`: how long its liaison is away, where they are. `silent`: its residents hear of it
    otherwise. `away`: the name of whom `was` covered.
    """

    turn: Turn
    place: Place
    was: Server | None = None
    until: datetime | None = None
    members: tuple[Member, ...] = ()
    silent: bool = False
    away: str | None = None


def tells(turned: Sequence[Turned], terms: Terms, but: frozenset[int]) -> tuple[Tell, ...]:
    """To residents, to liaisons old and new, to who covers, to grids; not to those in `but`."""
    told = (*_to_residents(turned), *_to_liaisons(turned), *_to_grids(turned, terms))
    return tuple(tell for tell in told if tell.person_id not in but)


def _to_residents(turned: Iterable[Turned]) -> Iterator[Tell]:
    for one in turned:
        looking_after = {server.person_id for server in one.place.liaisons}
        for member in one.members:
            notice = None if one.silent else _for_resident(one, member)
            if notice and member.person_id not in looking_after:
                yield Tell(member.person_id, Role.RESIDENT, notice)


def _for_resident(one: Turned, member: Member) -> Notice | None:
    place, own = one.place, one.place.liaison
    cover = place.cover.named if place.cover else None
    match one.turn:
        case Turn.MOVED:
            until = shown(one.until) if one.until else None
            phone = None if member.pending or own is None else own.phone
            contact = Contact(own.named, phone) if own else None
            return NewLiaison(place.door, contact, cover, until)
        case Turn.COVERED if own and one.until:
            return NowCovered(place.door, own.named, shown(one.until), cover)
        case Turn.BACK if own:
            return BackAgain(place.door, own.named)
    return None


@dataclass(slots=True)
class _Heap:
    """What one liaison is told of, by kind."""

    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    to: dict[str, None] = field(default_factory=dict)


_Doors = dict[tuple[str | None, datetime | None], list[str]]
_ByPerson = defaultdict[int, _Doors]


def _to_liaisons(turned: Sequence[Turned]) -> Iterator[Tell]:
    yield from _of_changes(one for one in turned if one.turn is Turn.MOVED)
    begun: _ByPerson = defaultdict(dict)
    over: _ByPerson = defaultdict(dict)
    for one in turned:
        own, cover = one.place.liaison, one.place.cover
        if one.turn is Turn.MOVED:
            continue
        if one.turn is Turn.COVERED and cover and own:
            _lay(begun, cover, own.name, one.until, one)
        if one.was and one.was.person_id != (own.person_id if own else None):
            _lay(over, one.was, one.away or (own.name if own else None), None, one)
    for person, doors in begun.items():
        yield Tell(person, Role.LIAISON, CoverBegun(_covers(doors)))
    for person, doors in over.items():
        yield Tell(person, Role.LIAISON, CoverOver(_covers(doors)))


def _of_changes(moved: Iterable[Turned]) -> Iterator[Tell]:
    heaps: defaultdict[int, _Heap] = defaultdict(_Heap)
    for one in moved:
        own = one.place.liaison
        if own:
            heaps[own.person_id].gained.append(one.place.door)
        if one.was:
            heaps[one.was.person_id].lost.append(one.place.door)
            heaps[one.was.person_id].to |= {own.name: None} if own else {}
    for person, heap in heaps.items():
        yield Tell(person, Role.LIAISON, _changed(heap))


def _changed(heap: _Heap) -> Notice:
    return HouseholdsChanged(
        gained=tuple(heap.gained[:SHOWN]),
        gained_count=len(heap.gained),
        lost=tuple(heap.lost[:SHOWN]),
        lost_count=len(heap.lost),
        to=tuple(heap.to)[:SHOWN],
    )


def _to_grids(turned: Iterable[Turned], terms: Terms) -> Iterator[Tell]:
    """Households that the grid looks after from now on: to who would hold their issues."""
    alone: _ByPerson = defaultdict(dict)
    for one in turned:
        own = one.place.liaison
        if one.turn is Turn.BACK or one.place.cover or (own and not one.until):
            continue
        holder = _grid(one.place, terms)
        if holder is not None:
            _lay(alone, holder, own.name if own else None, one.until if own else None, one)
    for person, doors in alone.items():
        yield Tell(person, Role.STAFF, GridHas(_covers(doors)))


def _lay(
    heap: _ByPerson, whose: Server, name: str | None, until: datetime | None, one: Turned
) -> None:
    heap[whose.person_id].setdefault((name, until), []).append(one.place.door)


def _covers(doors: _Doors) -> tuple[Cover, ...]:
    return tuple(
        Cover(name, shown(until) if until else None, tuple(named[:SHOWN]), len(named))
        for (name, until), named in doors.items()
    )


def _grid(place: Place, terms: Terms) -> Server | None:
    """Who would hold what comes from there, above the household's own tier."""
    standing = terms.settle(place, terms.at_level("楼"), frozenset())
    return standing.holder if standing else None
