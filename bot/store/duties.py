"""Rows of duty by unit, as far as they matter for the days to come. Decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import psycopg
from psycopg.rows import DictRow

from bot.core.roster import DutyRow

# What a unit covered so long ago no longer says what it means to cover.
_LATELY: Final = timedelta(days=14)
_DUTIES: Final = """
select u.id, u.code, u.name as unit, coalesce(p.name, '') as name, coalesce(p.phone, '') as phone,
    d.day, d.weekday, d.opens, d.closes,
    (s.leave_until at time zone 'Asia/Shanghai')::date as back
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


@dataclass(frozen=True, slots=True)
class UnitDuties:
    """All duty of one unit. `away`: by phone, the day on which somebody is back from leave."""

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
        if row["back"] is not None:
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
