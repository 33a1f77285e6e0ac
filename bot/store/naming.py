"""Who and what staff name when they decide: liaisons, communities, units; and the plan they saw.

Rows → what the core and the desk look at. Decides nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.people import Community, Listed, ShownPlan, Unit
from bot.store import places
from bot.store.places import Spot

Connection = psycopg.Connection[DictRow]

_LISTED = """
select l.person_id, coalesce(p.name, '') as name, coalesce(p.phone, '') as phone, l.unit_id,
    l.status = '在岗' as serving, l.status = '停用' as stopped, l.at_most,
    coalesce(l.leave_until > %(now)s, false) as away,
    (select count(*) from assignments a where a.person_id = l.person_id and a.until is null) as held
from people p join liaisons l on l.person_id = p.id
where (p.name = any(%(names)s) or p.phone = any(%(names)s)) and l.retired_at is null
order by p.phone limit 100
"""
# Communities that lie under the speaker's units or hold them.
_COMMUNITIES = """
select c.id, c.code, c.level, c.name, (
    select count(*) from units u join households h on h.unit_id = u.id
    where u.lineage @> array[c.id] and h.retired_at is null
) as households
from units c
where c.level = '社区' and c.retired_at is null and (
    c.lineage && %(units)s::bigint[]
    or c.id in (select unnest(lineage) from units where id = any(%(units)s::bigint[]))
)
order by c.code
"""
_PLAN = "select communities, fingerprint, expires_at from plans where person_id = %(person)s"
_UNITS = "select id, level, name, lineage from units where id = any(%(units)s)"
_ELSEWHERE = """
select 1 as one from households h join units u on u.id = h.unit_id
where h.id = any(%(households)s) and not u.lineage && %(units)s::bigint[] limit 1
"""


def listed(connection: Connection, names: Collection[str], now: datetime) -> tuple[Listed, ...]:
    """Liaisons of these names or phones, wherever they serve."""
    rows = connection.execute(_LISTED, {"names": list(names), "now": now}).fetchall()
    there = places.ask(connection, [Spot(row["unit_id"]) for row in rows], now)
    return tuple(
        Listed(
            person_id=row["person_id"],
            name=row["name"],
            phone=row["phone"],
            place=there.at(Spot(row["unit_id"])),
            serving=row["serving"],
            stopped=row["stopped"],
            away=row["away"],
            held=row["held"],
            most=row["at_most"],
        )
        for row in rows
    )


def communities(connection: Connection, units: Sequence[int]) -> tuple[Community, ...]:
    rows = connection.execute(_COMMUNITIES, {"units": list(units)})
    return tuple(
        Community(Unit(row["id"], row["code"], row["level"], row["name"]), row["households"])
        for row in rows
    )


def plan(connection: Connection, person: int) -> ShownPlan | None:
    row = connection.execute(_PLAN, {"person": person}).fetchone()
    if row is None:
        return None
    return ShownPlan(tuple(row["communities"]), row["fingerprint"], row["expires_at"])


def all_under(connection: Connection, households: Collection[int], units: Sequence[int]) -> bool:
    """Whether all these households lie under one of these units."""
    values: dict[str, Any] = {"households": list(households), "units": list(units)}
    return connection.execute(_ELSEWHERE, values).fetchone() is None


@dataclass(frozen=True, slots=True)
class _Unit:
    level: str
    name: str
    lineage: tuple[int, ...]


class Units:
    """Units by id, with what of them lies under the asker's own."""

    def __init__(self, known: dict[int, _Unit], under: Sequence[int]) -> None:
        self._known, self._under = known, set(under)

    def is_mine(self, unit: int) -> bool:
        return not self._under.isdisjoint(self._known[unit].lineage)

    def is_top(self, unit: int) -> bool:
        """Mine, and no other of mine is above it."""
        above = self._known[unit].lineage[:-1]
        return self.is_mine(unit) and not any(
            one in self._known and self.is_mine(one) for one in above
        )

    def is_grid(self, unit: int) -> bool:
        return self._known[unit].level == "网格" and self.is_mine(unit)

    def doors_of(self, unit: int) -> list[int]:
        """What people live in under a unit, or the unit itself: whatever has nothing below it."""
        here = [one for one, known in self._known.items() if unit in known.lineage]
        parents = {self._known[one].lineage[-2] for one in here if one != unit}
        return [one for one in here if one not in parents]

    def name(self, unit: int) -> str:
        return self._known[unit].name

    def door(self, unit: int) -> str:
        """ "1号楼2单元"; of what is larger its name."""
        known = self._known[unit]
        near = (self._known[one] for one in known.lineage if one in self._known)
        return "".join(one.name for one in near if one.level in ("楼", "门")) or known.name


def units(connection: Connection, known: Iterable[int], under: Sequence[int]) -> Units:
    rows = connection.execute(_UNITS, {"units": list(known)})
    found = {row["id"]: _Unit(row["level"], row["name"], tuple(row["lineage"])) for row in rows}
    return Units(found, under)
