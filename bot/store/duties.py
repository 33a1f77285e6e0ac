"""Rows of duty by unit, as far as they matter for the days to come. Decides nothing."""

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
    d.day, d.weekday, d.opens, d.closes
from duties d join units u on u.id = d.unit_id join people p on p.id = d.person_id
where u.retired_at is null and (d.day is null or d.day >= %(since)s) and exists (
    select from staff s
    where s.person_id = d.person_id and s.unit_id = d.unit_id
        and s.retired_at is null and s.status <> '停用'
)
order by u.code, d.id
"""


@dataclass(frozen=True, slots=True)
class UnitDuties:
    """All duty of one unit."""

    unit_id: int
    name: str
    rows: tuple[DutyRow, ...]


def by_unit(connection: psycopg.Connection[DictRow], today: date) -> tuple[UnitDuties, ...]:
    """Every unit that has a duty roster."""
    found: dict[int, list[DutyRow]] = {}
    names: dict[int, str] = {}
    for row in connection.execute(_DUTIES, {"since": today - _LATELY}):
        names[row["id"]] = row["unit"]
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
    return tuple(UnitDuties(unit, names[unit], tuple(rows)) for unit, rows in found.items())
