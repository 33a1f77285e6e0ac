"""Writes down what a roster's plan says: people, units, households, liaisons, staff; and where open
issues are because of it.

Knows which row is which by code and phone. Decides nothing, deals no household and commits
nothing: the caller holds the transaction. A retired row stays, with the moment; what comes back
takes its own row up again. As many statements for many rows as for one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from bot.core.roster import DutyRow, HouseholdRow, LiaisonRow, StaffRow, UnitRow
from bot.core.roster.plan import Change, Changes, PersonChange, Plan
from bot.store.rosters import statements

T = TypeVar("T")

_TOGETHER: Final = 20_000  # households a statement
_REOPENED: Final = timedelta(days=7)  # so long a closed issue may be opened again (contract §4)


def apply(
    connection: Connection,
    plan: Plan,
    now: datetime,
    told: Callable[[float], object] = lambda part: None,
) -> None:
    """Make what is stored say what the plan's roster says; an empty plan writes nothing.

    `told`: how much is written, from 0 to 1.
    """
    if plan.is_empty:
        return
    connection.execute(statements.END_DUTIES, _on_duty(plan.duties.retired))
    _retire_liaisons(connection, plan.liaisons.retired, now)
    _retire_staff(connection, plan.staff.retired, now)
    _people(connection, plan.people)
    _serving_people(connection, (*_kept(plan.liaisons), *_kept(plan.staff)))
    _units(connection, plan.units, now)
    _households(connection, plan.households, now, told)
    _liaisons(connection, plan.liaisons)
    _staff(connection, plan.staff, now)
    connection.execute(statements.ADD_DUTIES, _on_duty(plan.duties.added))
    connection.execute(statements.END_DUTIES_OF_OTHERS)
    _issues(connection, plan, now)
    connection.execute(statements.END_INVITES, {"now": now})


def _kept(changes: Changes[T]) -> list[T]:
    """The rows as they are to be, of all that are added or differ."""
    pairs = (*changes.changed, *changes.moved)
    return [*changes.added, *(pair.after for pair in pairs)]


def _people(connection: Connection, changes: Sequence[PersonChange]) -> None:
    """All numbers that pass are laid down first, for they may pass in a ring."""
    were = [one.was for one in changes]
    known = {row.phone: row.id for row in connection.execute(statements.PEOPLE, {"phones": were})}
    found = [one for one in changes if one.was in known]
    passing = {phone for one in found if one.was != one.phone for phone in (one.was, one.phone)}
    connection.execute(statements.FREE_PHONES, {"phones": list(passing)})
    given: dict[str, Any] = {
        "ids": [known[one.was] for one in found],
        "phones": [one.phone for one in found],
        "names": [one.name for one in found],
    }
    connection.execute(statements.CHANGE_PEOPLE, given)


def _serving_people(connection: Connection, rows: Iterable[LiaisonRow | StaffRow]) -> None:
    named = {row.phone: row.name for row in rows}
    given = {"phones": list(named), "names": list(named.values())}
    connection.execute(statements.FREE_FORMER, given)
    connection.execute(statements.KEEP_PEOPLE, given)


def _units(connection: Connection, changes: Changes[UnitRow], now: datetime) -> None:
    rows = _kept(changes)
    codes = [row.code for row in rows]
    levels, names = [row.level.value for row in rows], [row.name for row in rows]
    connection.execute(statements.KEEP_UNITS, {"codes": codes, "levels": levels, "names": names})
    connection.execute(
        statements.HANG_UNITS, {"codes": codes, "parents": [row.parent for row in rows]}
    )
    connection.execute(
        statements.RETIRE_UNITS, {"now": now, "codes": [row.code for row in changes.retired]}
    )
    if changes:
        connection.execute(statements.DRAW_LINES)


def _households(
    connection: Connection,
    changes: Changes[HouseholdRow],
    now: datetime,
    told: Callable[[float], object],
) -> None:
    rows = _kept(changes)
    for at in range(0, len(rows), _TOGETHER):
        told(at / len(rows))
        _keep_households(connection, rows[at : at + _TOGETHER])
    retired = [row.code for row in changes.retired]
    connection.execute(statements.RETIRE_HOUSEHOLDS, {"now": now, "numbers": retired})


def _keep_households(connection: Connection, rows: Sequence[HouseholdRow]) -> None:
    given: dict[str, Any] = {
        "numbers": [row.code for row in rows],
        "units": [row.unit for row in rows],
        "rooms": [row.room for row in rows],
        "contacts": [row.contact for row in rows],
        "phones": [row.phone for row in rows],
    }
    connection.execute(statements.KEEP_HOUSEHOLDS, given)


def _issues(connection: Connection, plan: Plan, now: datetime) -> None:
    """They are where their household is, and wait for nobody who has gone elsewhere."""
    numbers = [pair.after.code for pair in plan.households.moved]
    connection.execute(statements.MOVE_ISSUES, {"numbers": numbers, "lately": now - _REOPENED})
    if numbers or plan.households.retired or plan.staff or plan.units.moved:
        connection.execute(statements.PASS_ISSUES, {"now": now})


def _liaisons(connection: Connection, changes: Changes[LiaisonRow]) -> None:
    rows = _kept(changes)
    given: dict[str, Any] = {
        "phones": [row.phone for row in rows],
        "units": [row.unit for row in rows],
        "leasts": [row.least for row in rows],
        "mosts": [row.most for row in rows],
        "standings": [row.standing.value for row in rows],
    }
    connection.execute(statements.KEEP_LIAISONS, given)


def _retire_liaisons(connection: Connection, rows: Iterable[LiaisonRow], now: datetime) -> None:
    """By the phone they had: another may have it next."""
    given = {"now": now, "phones": [row.phone for row in rows]}
    connection.execute(statements.RETIRE_LIAISONS, given)


def _staff(connection: Connection, changes: Changes[StaffRow], now: datetime) -> None:
    added = [Change(row, row) for row in changes.added]
    pairs = [*added, *changes.changed, *changes.moved]
    given: dict[str, Any] = {
        "phones": [pair.after.phone for pair in pairs],
        "units": [pair.after.unit for pair in pairs],
        "posts": [pair.after.post.value for pair in pairs],
        "positions": [pair.after.place for pair in pairs],
        "were_units": [pair.before.unit for pair in pairs],
        "were_posts": [pair.before.post.value for pair in pairs],
    }
    connection.execute(statements.KEEP_STAFF, given)
    left = [pair for pair in pairs if _post(pair.before) != _post(pair.after)]
    _retire_staff(connection, [replace(one.before, phone=one.after.phone) for one in left], now)


def _on_duty(rows: Sequence[DutyRow]) -> dict[str, Any]:
    """What has changed of a duty that stays is its person's name or phone."""
    return {
        "units": [row.unit for row in rows],
        "phones": [row.phone for row in rows],
        "days": [row.day for row in rows],
        "weekdays": [row.weekday for row in rows],
        "opens": [row.opens for row in rows],
        "closes": [row.closes for row in rows],
    }


def _post(row: StaffRow) -> tuple[str, str]:
    return row.unit, row.post


def _retire_staff(connection: Connection, rows: Sequence[StaffRow], now: datetime) -> None:
    given: dict[str, Any] = {
        "now": now,
        "phones": [row.phone for row in rows],
        "units": [row.unit for row in rows],
        "posts": [row.post.value for row in rows],
    }
    connection.execute(statements.RETIRE_STAFF, given)
