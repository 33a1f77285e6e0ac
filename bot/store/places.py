"""Where issues and households are, and who serves there: rows → `Place`. Decides nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.people import Household, Place, Role, Server, Unit


def reached(person: str) -> str:
    """That the row of `people` with this alias joined from WeChat, follows and can be reached; on
    leave or 停用 is asked of the part they play."""
    columns = ("openid is not null", "unfollowed_at is null", "unreachable_since is null")
    return " and ".join(f"{person}.{column}" for column in columns)


REACHED = reached("p")

_LINES = """
select t.id as of, u.id, u.code, u.level, u.name
from units t
cross join lateral unnest(t.lineage) with ordinality as step(id, place)
join units u on u.id = step.id
where t.id {units}
order by t.id, step.place
"""

# 2 where a day was named, 1 where a weekday was, 0 off duty; a duty may run over midnight.
_ON_DUTY = """coalesce((
        select max(case when d.day is null then 1 else 2 end)
        from duties d cross join lateral (
            select ({now} at time zone 'Asia/Shanghai')::date as today,
                extract(hour from {now} at time zone 'Asia/Shanghai')::int * 60
                    + extract(minute from {now} at time zone 'Asia/Shanghai')::int as minute
        ) it
        where d.person_id = s.person_id and d.unit_id = s.unit_id and (
            it.minute >= d.opens and it.minute < d.closes
                and (d.day = it.today or d.weekday = extract(isodow from it.today) - 1)
            or it.minute + 1440 < d.closes
                and (d.day = it.today - 1 or d.weekday = extract(isodow from it.today - 1) - 1)
        )
    ), 0)"""
_STAFF = f"""
select s.unit_id, u.level, s.post, p.id, coalesce(p.name, '') as name, p.phone,
    ({REACHED} and s.status = '在岗' and coalesce(s.leave_until <= {{now}}, true)) as there,
    {_ON_DUTY} as duty
from (select distinct unnest(lineage) as id from units where id {{units}}) line
join units u on u.id = line.id
cross join lateral (
    select * from staff where unit_id = line.id and retired_at is null and status <> '停用' offset 0
) s
join people p on p.id = s.person_id
order by s.position, s.id
"""

# Who covers, until the leave ends, whether or not anybody has put that down yet.
_COVER = f"""
select p.id, coalesce(p.name, '') as name, p.phone,
    ({REACHED} and l.status = '在岗' and l.retired_at is null
        and coalesce(l.leave_until <= {{now}}, true)) as there
from covers c join people p on p.id = c.person_id join liaisons l on l.person_id = c.person_id
where c.household_id = h.id and c.until is null and c.ends_at > {{now}}
limit 1
"""

_HOUSEHOLDS = f"""
select h.id as household_id, h.number, h.room, p.id, coalesce(p.name, '') as name, p.phone,
    ({REACHED} and l.status <> '停用' and l.retired_at is null
        and coalesce(l.leave_until <= {{now}}, true)) as there,
    c.id as cover_id, c.name as cover_name, c.phone as cover_phone, c.there as cover_there
from households h
left join lateral (
    -- By itself, or the planner may go through everybody's to find one.
    select person_id from assignments where household_id = h.id and until is null limit 1
) a on true
left join people p on p.id = a.person_id
left join liaisons l on l.person_id = p.id
left join lateral ({_COVER}) c on true
where h.id {{households}}
"""
_ANY = {
    "units": "= any(%(units)s)",
    "households": "= any(%(households)s)",
    "now": "%(now)s",
}
_STATEMENTS = tuple(statement.format(**_ANY) for statement in (_LINES, _STAFF, _HOUSEHOLDS))


def within(units: str, households: str, now: str) -> tuple[str, str, str]:
    """The three statements for the ids that these subqueries find, to be part of another."""
    found = {"units": f"in ({units})", "households": f"in ({households})", "now": now}
    return (_LINES.format(**found), _STAFF.format(**found), _HOUSEHOLDS.format(**found))


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A unit, or a household in it: what a `Place` is asked for by."""

    unit_id: int
    household_id: int | None = None


class Places:
    """The places of one reading, by spot.

    Made of rows: the units of every line, who is on their staff, and the households; each as the
    statements of this file return them.
    """

    def __init__(
        self,
        spots: Iterable[Spot],
        lines: Sequence[Row],
        staff: Sequence[Row],
        homes: Sequence[Row],
    ) -> None:
        self._made = _make(set(spots), lines, staff, homes)

    def at(self, spot: Spot) -> Place:
        return self._made[spot]


def ask(connection: psycopg.Connection[DictRow], spots: Iterable[Spot], now: datetime) -> Places:
    """Three statements for any number of spots, in one round trip."""
    wanted = set(spots)
    values = {
        "units": [spot.unit_id for spot in wanted],
        "households": [spot.household_id for spot in wanted if spot.household_id],
        "now": now,
    }
    with connection.pipeline():
        lines, staff, homes = (connection.execute(statement, values) for statement in _STATEMENTS)
    return Places(wanted, lines.fetchall(), staff.fetchall(), homes.fetchall())


def _make(
    spots: set[Spot], lines: Sequence[Row], staff: Sequence[Row], homes: Sequence[Row]
) -> dict[Spot, Place]:
    line_of: dict[int, list[Unit]] = defaultdict(list)
    for row in lines:
        line_of[row["of"]].append(Unit(row["id"], row["code"], row["level"], row["name"]))
    # By unit, but numbered through, so that a place's staff stay in the order of the sheet.
    servers = [(row["unit_id"], _staff_member(row)) for row in staff]
    home_of = {row["household_id"]: row for row in homes}
    made = {}
    for spot in spots:
        line = tuple(line_of[spot.unit_id])
        units = {unit.id for unit in line}
        home = home_of.get(spot.household_id)
        made[spot] = Place(
            unit=line[-1],
            line=line,
            household=_household(home) if home else None,
            liaison=_liaison(home, "") if home and home["id"] else None,
            cover=_liaison(home, "cover_") if home and home["cover_id"] else None,
            staff=tuple(server for unit_id, server in servers if unit_id in units),
        )
    return made


def _staff_member(row: dict[str, Any]) -> Server:
    return Server(
        person_id=row["id"],
        name=row["name"],
        phone=row["phone"],
        role=Role.STAFF,
        post=row["post"],
        there=row["there"],
        level=row["level"],
        unit_id=row["unit_id"],
        duty=row["duty"],
    )


def _liaison(row: dict[str, Any], part: str) -> Server:
    return Server(
        person_id=row[f"{part}id"],
        name=row[f"{part}name"],
        phone=row[f"{part}phone"],
        role=Role.LIAISON,
        post="联络员",
        there=row[f"{part}there"],
    )


def _household(row: dict[str, Any]) -> Household:
    return Household(row["household_id"], row["number"], str(row["room"]))
