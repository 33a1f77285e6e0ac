"""Where issues and households are, and who serves there: rows → `Place`. Decides nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.people import Household, Place, Role, Server, Unit
from bot.store.engine import Rows

# Joined from WeChat, following, reachable; on leave or 停用 is asked of the part they play.
REACHED = "p.openid is not null and p.unfollowed_at is null and p.unreachable_since is null"

_LINES = """
select t.id as of, u.id, u.code, u.level, u.name
from units t
cross join lateral unnest(t.lineage) with ordinality as step(id, place)
join units u on u.id = step.id
where t.id = any(%(units)s)
order by t.id, step.place
"""

_STAFF = f"""
select s.unit_id, u.level, s.post, p.id, coalesce(p.name, '') as name, p.phone,
    ({REACHED} and s.status = '在岗' and coalesce(s.leave_until <= %(now)s, true)) as there
from staff s
join people p on p.id = s.person_id
join units u on u.id = s.unit_id
where s.retired_at is null and s.status <> '停用'
    and s.unit_id in (select unnest(lineage) from units where id = any(%(units)s))
order by s.position, s.id
"""

_HOUSEHOLDS = f"""
select h.id as household_id, h.number, h.room, p.id, coalesce(p.name, '') as name, p.phone,
    ({REACHED} and l.status <> '停用' and l.retired_at is null
        and coalesce(l.leave_until <= %(now)s, true)) as there
from households h
left join assignments a on a.household_id = h.id and a.until is null
left join people p on p.id = a.person_id
left join liaisons l on l.person_id = p.id
where h.id = any(%(households)s)
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A unit, or a household in it: what a `Place` is asked for by."""

    unit_id: int
    household_id: int | None = None


class Places:
    """The places of one reading, by spot. Ask for them in `ask`, then take them with `at`.

    Three statements for any number of spots; in a pipeline, one round trip.
    """

    def __init__(self, spots: Iterable[Spot], lines: Rows, staff: Rows, homes: Rows) -> None:
        self._spots = set(spots)
        self._lines, self._staff, self._homes = lines, staff, homes
        self._made: dict[Spot, Place] | None = None

    def at(self, spot: Spot) -> Place:
        if self._made is None:
            self._made = _make(self._spots, self._lines, self._staff, self._homes)
        return self._made[spot]

    def all(self) -> tuple[Place, ...]:
        """Every place asked for, in the order of their household numbers."""
        places = [self.at(spot) for spot in self._spots]
        return tuple(sorted(places, key=_by_number))


def ask(spots: Iterable[Spot], cursors: tuple[Rows, Rows, Rows], now: datetime) -> Places:
    """Send the three statements; their answers are read when the first place is taken."""
    wanted = set(spots)
    values = {
        "units": [spot.unit_id for spot in wanted],
        "households": [spot.household_id for spot in wanted if spot.household_id],
        "now": now,
    }
    lines, staff, homes = cursors
    lines.execute(_LINES, values)
    staff.execute(_STAFF, values)
    homes.execute(_HOUSEHOLDS, values)
    return Places(wanted, lines, staff, homes)


def _make(spots: set[Spot], lines: Rows, staff: Rows, homes: Rows) -> dict[Spot, Place]:
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
            liaison=_liaison(home) if home and home["id"] else None,
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
    )


def _liaison(row: dict[str, Any]) -> Server:
    return Server(
        person_id=row["id"],
        name=row["name"],
        phone=row["phone"],
        role=Role.LIAISON,
        post="联络员",
        there=row["there"],
    )


def _household(row: dict[str, Any]) -> Household:
    return Household(row["household_id"], row["number"], str(row["room"]))


def _by_number(place: Place) -> tuple[str, str]:
    return (place.unit.code, place.household.number if place.household else "")
