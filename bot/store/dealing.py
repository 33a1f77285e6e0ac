"""Reads the facts a deal is made from, and writes what a deal changes.

Knows units, households, liaisons and assignments as rows. Decides nothing, and commits nothing:
the caller holds the transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from bot.core.deals import Deal, Household, Liaison, Place
from bot.store.engine import UNHURRIED

# All who change assignments wait for each other on it until their transaction ends.
_DEALING_LOCK: Final = 4_811_503

_NOWHERE: Final = -1  # no unit's id
_PLACES: Final = text("select id, code, level, lineage from units")
_HOUSEHOLDS: Final = text(
    """
    select household.id, household.unit_id, assignment.person_id,
        coalesce(assignment.fixed, false) as fixed
    from households household
    left join assignments assignment
        on assignment.household_id = household.id and assignment.until is null
    where household.retired_at is null
    order by household.id
    """
)
_LIAISONS: Final = text(
    """
    select person_id, unit_id, at_least, at_most, status = '在岗' as serving,
        coalesce(leave_until > :now, false) as away
    from liaisons
    where retired_at is null
    order by id
    """
)
_END: Final = text(
    """
    update assignments set until = :now
    where until is null and household_id = any(cast(:households as bigint[]))
    """
)
_END_OF_RETIRED: Final = text(
    """
    update assignments set until = :now
    from households
    where until is null and household_id = households.id and households.retired_at is not null
    """
)
_BEGIN: Final = text(
    """
    insert into assignments (household_id, person_id, since, why, by)
    select household, person, :now, why, :by
    from unnest(
        cast(:households as bigint[]), cast(:people as bigint[]), cast(:whys as text[])
    ) as dealt (household, person, why)
    """
)


_DEALT: Final = text(
    """
    select person.phone, array_agg(household.number) as numbers
    from assignments assignment
    join people person on person.id = assignment.person_id
    join households household on household.id = assignment.household_id
    where assignment.until is null and person.phone is not null
    group by person.phone
    """
)


_LET_GO = text("""
    update issues set due_at = :now, version = version + 1
    where state in ('waiting', 'in_hand')
        and not exists (
            select 1 from liaisons l
            where l.person_id = holder_id and l.retired_at is null and l.status <> '停用'
        )
        and not exists (
            select 1 from staff s
            where s.person_id = holder_id and s.retired_at is null and s.status <> '停用'
        )
""")


@dataclass(frozen=True)
class Facts:
    """Of whole communities: every household and every liaison in them."""

    households: tuple[Household, ...]
    liaisons: tuple[Liaison, ...]


@dataclass(frozen=True)
class NamedPerson:
    name: str
    phone: str | None


@dataclass(frozen=True)
class Names:
    """What a deal's ids are called: households by number, people, communities by (code, name)."""

    households: dict[int, str]
    people: dict[int, NamedPerson]
    communities: dict[int, tuple[str, str]]


def take_time(connection: Connection) -> None:
    """Let statements of this transaction last: a whole roster may take longer than a message."""
    connection.execute(text("set local statement_timeout = 0"))
    connection.exec_driver_sql(UNHURRIED)


def wait_for_turn(connection: Connection) -> None:
    """Wait until nobody else changes the roster or the deal; held until the transaction ends."""
    take_time(connection)
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _DEALING_LOCK})


def facts(
    connection: Connection, now: datetime, communities: Collection[str] | None = None
) -> Facts:
    """Of all communities, or of those with these codes and wherever the deal is out of joint.

    A household and its liaison may by now be in two communities: both are then dealt.
    """
    units = connection.execute(_PLACES).all()
    places = _places(units)
    liaisons = [
        Liaison(
            row.person_id, places[row.unit_id], row.at_least, row.at_most, row.serving, row.away
        )
        for row in connection.execute(_LIAISONS, {"now": now})
    ]
    households = [
        Household(row.id, places[row.unit_id], row.person_id, row.fixed)
        for row in connection.execute(_HOUSEHOLDS)
    ]
    if communities is None:
        return Facts(tuple(households), tuple(liaisons))
    named = {unit.id for unit in units if unit.code in communities}
    touched = named | _torn(households, liaisons)
    return Facts(
        tuple(one for one in households if one.place.community in touched),
        tuple(one for one in liaisons if one.place.community in touched),
    )


def let_go(connection: Connection, now: datetime) -> None:
    """What those hold who serve nowhere any more is looked at on the next tick: it goes on at
    once (contract §6 promise 1)."""
    connection.execute(_LET_GO, {"now": now})


def write(connection: Connection, deal: Deal, now: datetime, by: str) -> None:
    """End the assignments the deal changes and begin the new ones; those of retired rows end."""
    connection.execute(_END_OF_RETIRED, {"now": now})
    moved = [move for move in deal.moved if move.before is not None]
    connection.execute(_END, {"now": now, "households": [move.household for move in moved]})
    begun = [move for move in deal.moved if move.to is not None]
    connection.execute(
        _BEGIN,
        {
            "now": now,
            "by": by,
            "households": [move.household for move in begun],
            "people": [move.to for move in begun],
            "whys": [move.why.value for move in begun],
        },
    )


def dealt_to(connection: Connection) -> dict[str, tuple[str, ...]]:
    """A liaison's phone → the numbers of the households they have now."""
    return {row.phone: tuple(row.numbers) for row in connection.execute(_DEALT)}


def names(connection: Connection, facts: Facts) -> Names:
    """What to call everybody and everything the facts speak of."""
    households = [one.id for one in facts.households]
    people = {one.person for one in facts.liaisons}
    people |= {one.liaison for one in facts.households if one.liaison is not None}
    communities = connection.execute(text("select id, code, name from units where level = '社区'"))
    return Names(
        households={
            row.id: row.number
            for row in _picked(connection, "select id, number from households", households)
        },
        people={
            row.id: NamedPerson(row.name or "", row.phone)
            for row in _picked(connection, "select id, name, phone from people", people)
        },
        communities={row.id: (row.code, row.name) for row in communities},
    )


def _picked(connection: Connection, query: str, ids: Iterable[int]) -> Any:
    chosen = text(f"{query} where id = any(cast(:ids as bigint[]))")
    return connection.execute(chosen, {"ids": list(ids)})


def _places(units: Sequence[Row[Any]]) -> dict[int, Place]:
    level = {unit.id: unit.level for unit in units}
    return {
        unit.id: _place({level[above]: above for above in unit.lineage}, unit.id) for unit in units
    }


def _place(line: dict[str, int], unit: int) -> Place:
    return Place(unit, line.get("楼"), line.get("网格"), line.get("社区"))


def _torn(households: Iterable[Household], liaisons: Iterable[Liaison]) -> set[int | None]:
    """Communities of households whose liaison serves them no longer, and of those liaisons."""
    home = {one.person: one.place.community for one in liaisons if one.serving}
    apart: set[int | None] = set()
    for one in households:
        if one.liaison is not None and home.get(one.liaison, _NOWHERE) != one.place.community:
            apart |= {one.place.community, home.get(one.liaison)}
    return apart
