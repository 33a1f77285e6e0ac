"""Writes what a deal changes, and says what everybody in it is called.

Knows households, liaisons and assignments as rows. Decides nothing, and commits nothing:
the caller holds the transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import psycopg
from sqlalchemy import Connection, text

from bot.core.deals import Deal
from bot.store.deal_facts import Facts
from bot.store.engine import UNHURRIED

# All who change assignments wait for each other on it until their transaction ends.
_DEALING_LOCK: Final = 4_811_503

_VERY_MANY: Final = 1_000
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
_BEGIN: Final = "copy assignments (household_id, person_id, since, why, by) from stdin"
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


_UNITS: Final = text(
    """
    select unit.id, unit.code, coalesce((
        select string_agg(line.name, '' order by line.at)
        from (
            select above.name, above.level, place.at
            from unnest(unit.lineage) with ordinality place (id, at)
            join units above on above.id = place.id
        ) line
        where line.level not in ('街道', '社区')
    ), unit.name) as name
    from units unit
    where unit.id = any(cast(:ids as bigint[]))
    """
)
_LEAVES: Final = text(
    "select person_id, leave_until from liaisons"
    " where person_id = any(cast(:ids as bigint[])) and leave_until is not null"
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
class NamedPerson:
    name: str
    phone: str | None


@dataclass(frozen=True)
class Names:
    """What a deal's ids are called: households by number, people, and the units where somebody
    is lacking by (code, name); a unit below a community is called by its way down from it. Until
    when those who serve and are away are on leave."""

    households: dict[int, str]
    people: dict[int, NamedPerson]
    units: dict[int, tuple[str, str]]
    leaves: dict[int, datetime]


def take_time(connection: Connection) -> None:
    """Let statements of this transaction last: a whole roster may take longer than a message."""
    connection.execute(text("set local statement_timeout = 0"))
    connection.exec_driver_sql(UNHURRIED)


def wait_for_turn(connection: Connection) -> None:
    """Wait until nobody else changes the roster or the deal; held until the transaction ends."""
    take_time(connection)
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _DEALING_LOCK})


def take_turn(connection: Connection) -> bool:
    """The same without waiting: False where somebody else changes them at this moment.

    For one change: the planner stays with its indexes, and statements stay short.
    """
    query = text("select pg_try_advisory_xact_lock(:key)")
    return bool(connection.execute(query, {"key": _DEALING_LOCK}).scalar_one())


def let_go(connection: Connection, now: datetime) -> None:
    """What those hold who serve nowhere any more is looked at on the next tick: it goes on at
    once (contract §6 promise 1)."""
    connection.execute(_LET_GO, {"now": now})


def end_of_retired(connection: Connection, now: datetime) -> None:
    """The assignments of households that the roster has retired end."""
    connection.execute(_END_OF_RETIRED, {"now": now})


def write(connection: Connection, deal: Deal, now: datetime, by: str) -> None:
    """End the assignments the deal changes and begin the new ones; who is dealt anew is not fixed.

    Two statements, whatever the number, and after very many a look at the table: until then the
    planner takes it for as small as it was, and goes through all of it for each household.
    """
    moved = [move.household for move in deal.moved if move.before is not None]
    if moved:
        connection.execute(_END, {"now": now, "households": moved})
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with raw.cursor() as cursor, cursor.copy(_BEGIN) as copy:
        for move in deal.moved:
            if move.to is not None:
                copy.write_row((move.household, move.to, now, move.why.value, by))
    if len(deal.moved) > _VERY_MANY:
        connection.execute(text("analyze assignments"))


def dealt_to(connection: Connection) -> dict[str, tuple[str, ...]]:
    """A liaison's phone → the numbers of the households they have now."""
    return {row.phone: tuple(row.numbers) for row in connection.execute(_DEALT)}


def names(connection: Connection, facts: Facts, deal: Deal) -> Names:
    """What to call everybody and everything that the facts and the deal speak of."""
    households = [one.id for one in facts.households]
    people = {one.person for one in facts.liaisons}
    people |= {one.liaison for one in facts.households if one.liaison is not None}
    lacking = {lack.community for lack in deal.lacking}
    lacking |= {want.unit for lack in deal.lacking for want in lack.wants}
    left = set(deal.uncovered)
    alone = [one.place for one in facts.households if one.id in left]
    lacking |= {unit for place in alone for unit in (place.unit, place.grid) if unit is not None}
    away = [one.person for one in facts.liaisons if one.serving and one.away]
    return Names(
        households={
            row.id: row.number
            for row in _picked(connection, "select id, number from households", households)
        },
        people={
            row.id: NamedPerson(row.name or "", row.phone)
            for row in _picked(connection, "select id, name, phone from people", people)
        },
        units={
            row.id: (row.code, row.name)
            for row in connection.execute(_UNITS, {"ids": list(lacking)})
        },
        leaves={
            row.person_id: row.leave_until for row in connection.execute(_LEAVES, {"ids": away})
        },
    )


def _picked(connection: Connection, query: str, ids: Iterable[int]) -> Any:
    chosen = text(f"{query} where id = any(cast(:ids as bigint[]))")
    return connection.execute(chosen, {"ids": list(ids)})
