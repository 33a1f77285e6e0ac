"""What a plan of a deal and the coverage of units look like in words' facts; what a plan rests on.

Knows how much a phone shows. Must not know how a deal is found, nor any sentence.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import psycopg
from psycopg.rows import DictRow

from bot.core.coverage import coverage, lacking
from bot.core.deals import Coverage, Deal, Load, Move, Why
from bot.core.leaving import shown
from bot.core.notice import Notice as Notice
from bot.core.notices.dealing import (
    Away,
    CoverageShown,
    Lacking,
    PlanLine,
    PlanShown,
    Share,
    UnitLine,
)
from bot.store import arranging, naming
from bot.store.deal_facts import Facts
from bot.store.naming import Units

Connection = psycopg.Connection[DictRow]

_LINES: Final = 10
_DOORS: Final = 6
_GRIDS: Final = 8


def fingerprint(facts: Facts) -> str:
    """The same for the same facts, as far as a deal depends on them; leave is no part of it."""
    households = [replace(one, cover=None) for one in facts.households]
    liaisons = [replace(one, away=False) for one in facts.liaisons]
    return sha256(repr((households, liaisons)).encode()).hexdigest()


def plan_shown(
    connection: Connection,
    facts: Facts,
    dealt: Deal,
    under: Sequence[int],
    until: datetime,
    now: datetime,
) -> PlanShown:
    """The moves, those of the same people in one line. `mine`: all lie under the units `under`."""
    people = {person for move in dealt.moved for person in (move.before, move.to) if person}
    known = arranging.known(connection, people)
    grouped: defaultdict[tuple[int | None, int | None, str], list[int]] = defaultdict(list)
    for move in dealt.moved:
        grouped[move.before, move.to, _why(move, known)].append(move.household)
    lines = list(grouped.items())[:_LINES]
    named = [household for _, some in lines for household in some[:_DOORS]]
    homes = arranging.homes(connection, named, now)
    first = sum(move.before is None for move in dealt.moved)
    moved = [move.household for move in dealt.moved]
    return PlanShown(
        lines=tuple(
            PlanLine(
                doors=tuple(homes[one].door for one in some[:_DOORS]),
                count=len(some),
                before=known[before].name if before else None,
                to=known[to].name if to else None,
                why=why,
            )
            for (before, to, why), some in lines
        ),
        more=len(grouped) - len(lines),
        moved=len(dealt.moved) - first,
        first=first,
        uncovered=len(dealt.uncovered),
        mine=naming.all_under(connection, moved, under),
        until=until,
        away=_away(connection, facts),
    )


def _away(connection: Connection, facts: Facts) -> tuple[Away, ...]:
    """Who of these liaisons is on leave, and who looks after their households meanwhile."""
    people = [one.person for one in facts.liaisons if one.serving and one.away]
    if not people:
        return ()
    homes: defaultdict[int, list[int]] = defaultdict(list)
    for one in facts.households:
        if one.liaison in people:
            homes[one.liaison].append(one.id)
    covered = arranging.covered(connection, [one for some in homes.values() for one in some])
    known = arranging.known(connection, {*people, *(one.by for one in covered.values())})
    return tuple(
        _away_line(known[person], until, homes[person], covered, known)
        for person in people[:_LINES]
        if (until := known[person].leave_until) is not None
    )


def _away_line(
    who: arranging.Known,
    until: datetime,
    homes: Sequence[int],
    covered: dict[int, arranging.Covered],
    known: dict[int, arranging.Known],
) -> Away:
    shares = Counter(known[covered[home].by].name for home in homes if home in covered)
    left = len(homes) - shares.total()
    return Away(who.name, shown(until), tuple(Share(*one) for one in shares.items()), left)


def _why(move: Move, known: dict[int, arranging.Known]) -> str:
    """A liaison who left is said to be stopped, exempt or gone."""
    if move.why is Why.LEFT and move.before in known:
        return known[move.before].standing or str(move.why)
    return str(move.why)


def coverage_shown(connection: Connection, facts: Facts, under: Sequence[int]) -> CoverageShown:
    """Grid by grid, as far as it lies under the units `under`; the worst first."""
    serving = {one.person for one in facts.liaisons if one.serving}
    assigned = {one.id: one.liaison for one in facts.households if one.liaison in serving}
    stands = coverage(facts.households, facts.liaisons, assigned)
    units = naming.units(connection, stands, under)
    top = [stands[unit] for unit in stands if units.is_top(unit)]
    grids = [stands[unit] for unit in stands if units.is_grid(unit)] or top
    worst = sorted(grids, key=lambda one: (-one.uncovered, -len(one.under) - len(one.over)))
    wanted = [one for one in worst if one.uncovered or one.under or one.over] or worst
    alone = [
        one for one in facts.households if one.id not in assigned and units.is_mine(one.place.unit)
    ]
    people = {load.person for one in wanted for load in (*one.under, *one.over)}
    names = arranging.known(connection, people)
    whole = sum(one.households for one in top)
    return CoverageShown(
        homes=whole,
        covered=whole - sum(one.uncovered for one in top),
        lines=tuple(_unit_line(one, stands, units, names) for one in wanted[:_GRIDS]),
        more=max(0, len(wanted) - _GRIDS),
        lacking=tuple(
            Lacking(
                units.name(lack.community),
                lack.liaisons,
                tuple(Share(units.door(want.unit), want.liaisons) for want in lack.wants[:_DOORS]),
            )
            for lack in lacking(alone)[:_GRIDS]
        ),
        away=_away(connection, facts),
    )


def _unit_line(
    one: Coverage,
    stands: dict[int, Coverage],
    units: Units,
    names: dict[int, arranging.Known],
) -> UnitLine:
    doors = [stands[unit] for unit in units.doors_of(one.unit) if unit in stands]
    return UnitLine(
        unit=units.name(one.unit),
        homes=one.households,
        liaisons=one.liaisons,
        uncovered=one.uncovered,
        alone=tuple(
            Share(units.door(door.unit), door.uncovered) for door in doors if door.uncovered
        )[:_GRIDS],
        under=_loads(one.under, names),
        over=_loads(one.over, names),
    )


def _loads(loads: Sequence[Load], names: dict[int, arranging.Known]) -> tuple[Share, ...]:
    return tuple(Share(names[one.person].name, one.households) for one in loads[:_GRIDS])
