"""Rows of duty by unit, as far as they matter for the days to come, and which gaps were told.

Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import psycopg
from psycopg.rows import DictRow

from bot.core.duty import Gap
from bot.core.roster import DutyRow
from bot.store.places import REACHED

# What a unit covered so long ago no longer says what it means to cover.
_LATELY: Final = timedelta(days=14)
_DUTIES: Final = f"""
select u.id, u.code, u.name as unit, coalesce(p.name, '') as name, coalesce(p.phone, '') as phone,
    d.day, d.weekday, d.opens, d.closes,
    (s.leave_until at time zone 'Asia/Shanghai')::date as back,
    not ({REACHED}) as out_of_reach
from duties d join units u on u.id = d.unit_id join people p on p.id = d.person_id
join lateral (
    select max(leave_until) as leave_until from staff
    where person_id = d.person_id and unit_id = d.unit_id
        and retired_at is null and status <> '停用'
    having count(*) > 0
) s on true
where u.retired_at is null and (d.day is null or d.day >= %(since)s)
order by u.code, d.id
"""
_TOLD: Final = """
select unit_id, day, opens, closes, told_on from duty_gaps where unit_id = any(%(units)s)
order by told_on
"""
# Who else tells of the same at this moment is waited for, and has it.
_NOTE: Final = """
insert into duty_gaps (unit_id, day, opens, closes, told_on)
values (%(unit)s, %(day)s, %(opens)s, %(closes)s, %(today)s)
on conflict do nothing returning day
"""
_FORGET: Final = "delete from duty_gaps where day < %(since)s"


@dataclass(frozen=True, slots=True)
class Told:
    """The gaps that a unit knows of, and when it last heard of one."""

    gaps: tuple[Gap, ...] = ()
    on: date | None = None


@dataclass(frozen=True, slots=True)
class UnitDuties:
    """All duty of one unit. `away`: by phone, the day on which somebody is back from leave, never
    where nothing reaches them."""

    unit_id: int
    name: str
    rows: tuple[DutyRow, ...]
    away: Mapping[str, date]


def by_unit(connection: psycopg.Connection[DictRow], today: date) -> tuple[UnitDuties, ...]:
    """Every unit that has a duty roster."""
    found: dict[int, list[DutyRow]] = {}
    names: dict[int, str] = {}
    away: dict[str, date] = {}
    for row in connection.execute(_DUTIES, {"since": today - _LATELY}):
        names[row["id"]] = row["unit"]
        if row["out_of_reach"]:
            away[row["phone"]] = date.max
        elif row["back"] is not None:
            away[row["phone"]] = row["back"]
        found.setdefault(row["id"], []).append(
            DutyRow(
                row["code"],
                row["name"],
                row["phone"],
                row["day"],
                row["weekday"],
                row["opens"],
                row["closes"],
            )
        )
    return tuple(UnitDuties(unit, names[unit], tuple(rows), away) for unit, rows in found.items())


def told(connection: psycopg.Connection[DictRow], units: Iterable[int]) -> Mapping[int, Told]:
    """By unit; nothing for those who were told of none."""
    found: dict[int, Told] = {}
    for row in connection.execute(_TOLD, {"units": list(units)}):
        before = found.get(row["unit_id"], Told())
        gap = Gap(row["day"], row["opens"], row["closes"])
        found[row["unit_id"]] = Told((*before.gaps, gap), row["told_on"])
    return found


def note(
    connection: psycopg.Connection[DictRow], unit: int, gaps: Sequence[Gap], today: date
) -> tuple[Gap, ...]:
    """Those of the gaps that nobody else has told the unit of; it counts as told of all."""
    values = ({"day": gap.day, "opens": gap.opens, "closes": gap.closes} for gap in gaps)
    common = {"unit": unit, "today": today}
    return tuple(
        gap
        for gap, one in zip(gaps, values, strict=True)
        if connection.execute(_NOTE, common | one).rowcount
    )


def forget(connection: psycopg.Connection[DictRow], today: date) -> None:
    """What is long over."""
    connection.execute(_FORGET, {"since": today - _LATELY})
