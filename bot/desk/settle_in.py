"""After households changed hands: covers are found anew, open issues follow, people are told.

Knows which rows to look at. Must not know why hands changed, how a cover is found, or who is told
what.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import psycopg
from psycopg.rows import DictRow

from bot import flow
from bot.bootstrap import Bot
from bot.core.changing import Member, Turn, Turned, tells
from bot.core.covering import cover
from bot.core.deals import Cover, Move
from bot.core.decision import Decision
from bot.core.handing import ask_on, hand_on
from bot.core.standing import Terms
from bot.store import arranging, overdue
from bot.store.arranging import Covered
from bot.store.deal_facts import Facts

Connection = psycopg.Connection[DictRow]

_WHY: Final = {Turn.MOVED: "followed", Turn.COVERED: "covered", Turn.BACK: "returned"}


@dataclass(frozen=True)
class Upheaval:
    """What changed, and is written: `facts` of whole communities, of before `moved` or since.

    `about`: people whose leave or standing has just changed.
    """

    facts: Facts
    moved: tuple[Move, ...] = ()
    about: tuple[int, ...] = ()

    @property
    def assigned(self) -> dict[int, int]:
        """Household id → its liaison now."""
        now = {one.id: one.liaison for one in self.facts.households}
        now |= {move.household: move.to for move in self.moved}
        return {household: person for household, person in now.items() if person is not None}


def settle_in(
    bot: Bot, connection: Connection, upheaval: Upheaval, but: frozenset[int] = frozenset()
) -> Decision:
    """Covers are written here; what is to be written and told besides is the decision. `but`: who
    hears of it otherwise."""
    now = bot.now()
    before = arranging.covered(connection, [one.id for one in upheaval.facts.households])
    assigned = upheaval.assigned
    covers = _cover(connection, upheaval, assigned, before, now)
    turns = dict(_turns(upheaval, assigned, covers, now))
    if not turns and not upheaval.about:
        return Decision()
    terms = Terms(bot.ladder, bot.calendar, now)
    turned = tuple(_turned(connection, upheaval, covers, before, turns, now))
    decisions = [Decision(tells=tells(turned, terms, but))]
    for issue, holder_is_there in arranging.concerned(connection, turns, upheaval.about, now):
        household = issue.place.household
        turn = turns.get(household.id) if household else None
        why = _WHY[turn] if turn else "left"
        decisions.append(hand_on(issue, terms, why, holder_is_there=holder_is_there))
    anew = [home for home in turns if home in covers or home not in before]
    if anew:
        requests = overdue.requests_of(connection, anew, now)
        decisions += [ask_on(request, terms) for request in requests]
    return Decision(
        tuple(change for one in decisions for change in one.changes),
        tuple(tell for one in decisions for tell in one.tells),
    )


def _cover(
    connection: Connection,
    upheaval: Upheaval,
    assigned: Mapping[int, int],
    before: Mapping[int, Covered],
    now: datetime,
) -> dict[int, Cover]:
    """Find and write who covers whom; by household, what is new in it."""
    liaisons = upheaval.facts.liaisons
    away = {one.person for one in liaisons if one.serving and one.away}
    if not away and not before:
        return {}
    households = [
        replace(
            one,
            liaison=assigned.get(one.id),
            cover=before[one.id].by if one.id in before else None,
        )
        for one in upheaval.facts.households
    ]
    # Who cannot be told cannot cover: no room.
    there = arranging.there(connection, [one.person for one in liaisons if one.serving])
    able = [one if one.person in there else replace(one, at_most=0) for one in liaisons]
    found = cover(households, able, flow.solve)
    changed = {one.household: one for one in found.changed}
    # The same person may go on covering for somebody else.
    anew = {
        household
        for household, by in found.covers.items()
        if household in changed or before[household].away != assigned[household]
    }
    leaves = arranging.known(connection, away)
    begun = {
        household: Covered(found.covers[household], assigned[household], until)
        for household in anew
        if (until := leaves[assigned[household]].leave_until) is not None
    }
    arranging.write_covers(connection, {*changed, *anew}, begun, now)
    return changed


def _turns(
    upheaval: Upheaval, assigned: Mapping[int, int], covers: Mapping[int, Cover], now: datetime
) -> Iterator[tuple[int, Turn]]:
    """Every household that something happened to, and what."""
    away = {one.person for one in upheaval.facts.liaisons if one.serving and one.away}
    moved = {move.household for move in upheaval.moved}
    for household in upheaval.facts.households:
        own = assigned.get(household.id)
        if household.id in moved:
            yield household.id, Turn.MOVED
        elif household.id in covers or own in upheaval.about:
            yield household.id, Turn.COVERED if own in away else Turn.BACK


def _turned(
    connection: Connection,
    upheaval: Upheaval,
    covers: Mapping[int, Cover],
    before: Mapping[int, Covered],
    turns: Mapping[int, Turn],
    now: datetime,
) -> Iterator[Turned]:
    """Those households of which somebody can be told, as they are now."""
    members = arranging.members(connection, turns)
    moves = {move.household: move for move in upheaval.moved}
    people = _people(upheaval, covers, before)
    known = arranging.known(connection, people) if turns else {}
    told = _worth_telling(connection, turns, moves, covers, members, people)
    homes = arranging.homes(connection, told, now)
    for household, place in homes.items():
        turn, move, cover = turns[household], moves.get(household), covers.get(household)
        own = known.get(place.liaison.person_id) if place.liaison else None
        until = own.leave_until if own and own.leave_until and own.leave_until > now else None
        was_cover = known[cover.before].server if cover and cover.before else None
        was_away = known[before[household].away].name if household in before else None
        if move is not None:
            was = known[move.before].server if move.before else None
            yield Turned(Turn.MOVED, place, was, until, members.get(household, ()))
        if move is None or cover is not None:
            yield Turned(
                turn if move is None else Turn.COVERED if until else Turn.BACK,
                place,
                was_cover,
                until,
                members.get(household, ()),
                silent=move is not None,
                away=was_away,
            )


def _people(
    upheaval: Upheaval, covers: Mapping[int, Cover], before: Mapping[int, Covered]
) -> set[int]:
    """Everybody who is spoken of."""
    people = {person for move in upheaval.moved for person in (move.before, move.to) if person}
    people |= {person for one in covers.values() for person in (one.before, one.to) if person}
    people |= {one.away for one in before.values()} | set(upheaval.about)
    own = upheaval.assigned
    return people | {own[household] for household in covers if household in own}


def _worth_telling(
    connection: Connection,
    turns: Mapping[int, Turn],
    moves: Mapping[int, Move],
    covers: Mapping[int, Cover],
    members: Mapping[int, Sequence[Member]],
    people: set[int],
) -> list[int]:
    """A first deal of a whole city has nobody yet who could be told."""
    if not turns:
        return []
    joined = arranging.joined(connection, people)
    staff = arranging.any_staff_joined(connection)

    def concerns(household: int) -> bool:
        move, cover = moves.get(household), covers.get(household)
        if move is None and cover is None:
            return True
        named = (
            *((move.before, move.to) if move else ()),
            *((cover.before, cover.to) if cover else ()),
        )
        alone = (move is not None and move.to is None) or (cover is not None and cover.to is None)
        return household in members or any(one in joined for one in named) or (alone and staff)

    return [household for household in turns if concerns(household)]
