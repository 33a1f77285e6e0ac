"""Leave, 停用, 指派 and cover as rows: what an order changes, and who is concerned by it.

Knows tables and which rows are current. Decides nothing, and commits nothing: the caller holds the
transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.changing import Member
from bot.core.issue import Issue
from bot.core.people import Place, Role, Server
from bot.store import places
from bot.store.issues import ISSUE, issue_of, spot_of
from bot.store.places import REACHED, Spot

Connection = psycopg.Connection[DictRow]

_LEAVE = (
    "update liaisons set leave_until = %(until)s where person_id = %(person)s"
    " and retired_at is null",
    "update staff set leave_until = %(until)s where person_id = %(person)s and retired_at is null",
)
_LEAVE_OF = """
select max(leave_until) as until from (
    select person_id, leave_until, retired_at from liaisons
    union all select person_id, leave_until, retired_at from staff
) parts where person_id = %(person)s and retired_at is null and leave_until > %(now)s
"""
_EXTEND = "update covers set ends_at = %(until)s where for_id = %(person)s and until is null"
_ENDED_LEAVES = """
with liaison as (
    update liaisons set leave_until = null where leave_until <= %(now)s
    returning person_id, retired_at is null and status <> '停用' as serves
), member as (
    update staff set leave_until = null where leave_until <= %(now)s
    returning person_id, retired_at is null and status <> '停用' as serves
)
select person_id from liaison where serves
union select person_id from member where serves order by 1
"""
_BACK = """
select 1 as one where exists (select 1 from liaisons where leave_until <= %(now)s)
    or exists (select 1 from staff where leave_until <= %(now)s)
"""
_STATUS = """
update liaisons set status = %(status)s, leave_until = null
where person_id = %(person)s and retired_at is null
"""
_COVERED = """
select household_id, person_id, for_id, ends_at from covers
where until is null and household_id = any(%(households)s)
"""
_END_COVERS = """
update covers set until = least(ends_at, %(now)s)
where until is null and household_id = any(%(households)s)
"""
_END_COVERS_OF_RETIRED = """
update covers set until = least(ends_at, %(now)s) from households h
where until is null and h.id = household_id and h.retired_at is not null
"""
_BEGIN_COVERS = """
insert into covers (household_id, person_id, for_id, since, ends_at)
select household, person, away, %(now)s, ends_at from unnest(
    %(households)s::bigint[], %(people)s::bigint[], %(away)s::bigint[], %(ends)s::timestamptz[]
) given (household, person, away, ends_at)
"""
_END_ASSIGNMENT = """
update assignments set until = %(now)s where household_id = %(household)s and until is null
"""
_GIVE = """
insert into assignments (household_id, person_id, since, why, by, by_id, fixed)
values (%(household)s, %(person)s, %(now)s, %(why)s, %(by)s, %(by_id)s, true)
"""
_FREE = """
update assignments set fixed = false
where household_id = %(household)s and until is null and fixed returning 1
"""
_BY = """
update assignments set by_id = %(by_id)s
where household_id = any(%(households)s) and until is null and since = %(now)s
"""
_THERE = f"select p.id from people p where p.id = any(%(people)s) and {REACHED}"
_JOINED = "select id from people where id = any(%(people)s) and openid is not null"
_ANY_STAFF = """
select 1 as one from staff s join people p on p.id = s.person_id
where s.retired_at is null and p.openid is not null limit 1
"""
_MEMBERS = """
select m.household_id, m.person_id, m.state = 'pending' as pending
from memberships m join people p on p.id = m.person_id
where m.household_id = any(%(households)s) and m.until is null
    and m.state in ('pending', 'recognised') and p.openid is not null
order by m.id
"""
_SPOTS = "select id as household_id, unit_id from households where id = any(%(households)s)"
_PEOPLE = """
select p.id, coalesce(p.name, '') as name, p.phone, l.leave_until,
    case when l.retired_at is not null then 'gone' when l.status = '停用' then 'stopped'
        when l.status = '豁免' then 'exempt' else '' end as standing
from people p left join liaisons l on l.person_id = p.id where p.id = any(%(people)s)
"""
# Whether the holder is there at all in the part they hold it in, at whatever place.
_CONCERNED = f"""
select concerned.*, (
    case when holder_role = 'liaison' then exists (
        select 1 from liaisons l join people p on p.id = l.person_id
        where l.person_id = holder_id and l.retired_at is null and l.status <> '停用'
            and coalesce(l.leave_until <= %(now)s, true) and {REACHED}
    ) else exists (
        select 1 from staff s join people p on p.id = s.person_id
        where s.person_id = holder_id and s.retired_at is null and s.status = '在岗'
            and coalesce(s.leave_until <= %(now)s, true) and {REACHED}
    ) end
) as holder_is_there from ({ISSUE}) concerned
where state in ('waiting', 'in_hand')
    and (household_id = any(%(households)s) or holder_id = any(%(people)s))
order by no
"""
# They are not to move while it is decided what becomes of them.
_HELD_STILL = """
select no from issues where state in ('waiting', 'in_hand')
    and (household_id = any(%(households)s) or holder_id = any(%(people)s))
order by no for no key update
"""
_PLAN = """
insert into plans (person_id, communities, fingerprint, made_at, expires_at)
values (%(person)s, %(communities)s, %(fingerprint)s, %(now)s, %(expires_at)s)
on conflict (person_id) do update set communities = excluded.communities,
    fingerprint = excluded.fingerprint, made_at = excluded.made_at,
    expires_at = excluded.expires_at
"""
_DROP_PLAN = "delete from plans where person_id = %(person)s"


@dataclass(frozen=True, slots=True)
class Covered:
    """A cover as it stands: by whom, for whom, until when at the latest."""

    by: int
    away: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A person by name; `standing` says why they serve no more: stopped, exempt, gone, or ""."""

    id: int
    name: str
    phone: str | None
    leave_until: datetime | None
    standing: str

    @property
    def server(self) -> Server:
        return Server(self.id, self.name, self.phone, Role.LIAISON, "联络员", there=True)


def leave_of(connection: Connection, person: int, now: datetime) -> datetime | None:
    """Until when somebody is away; None where they are not."""
    row = connection.execute(_LEAVE_OF, {"person": person, "now": now}).fetchone()
    return row["until"] if row else None


def set_leave(connection: Connection, person: int, until: datetime | None) -> None:
    """In every part they play; what is covered for them is covered as long."""
    for statement in _LEAVE:
        connection.execute(statement, {"person": person, "until": until})
    if until is not None:
        connection.execute(_EXTEND, {"person": person, "until": until})


def is_somebody_back(connection: Connection, now: datetime) -> bool:
    """Whether a leave is over that was not put down as over."""
    return connection.execute(_BACK, {"now": now}).fetchone() is not None


def end_leaves(connection: Connection, now: datetime) -> list[int]:
    """Who is back: their leave is over and was not put down as over; it is now."""
    return [row["person_id"] for row in connection.execute(_ENDED_LEAVES, {"now": now})]


def set_status(connection: Connection, person: int, *, serving: bool) -> None:
    status = "在岗" if serving else "停用"
    connection.execute(_STATUS, {"person": person, "status": status})


def covered(connection: Connection, households: Collection[int]) -> dict[int, Covered]:
    """Household id → its current cover, over or not."""
    rows = connection.execute(_COVERED, {"households": list(households)})
    return {
        row["household_id"]: Covered(row["person_id"], row["for_id"], row["ends_at"])
        for row in rows
    }


def write_covers(
    connection: Connection,
    ended: Iterable[int],
    begun: Mapping[int, Covered],
    now: datetime,
) -> None:
    """End the covers of these households and of retired ones, then begin the new ones."""
    connection.execute(_END_COVERS_OF_RETIRED, {"now": now})
    connection.execute(_END_COVERS, {"households": list(ended), "now": now})
    given = {
        "households": list(begun),
        "people": [one.by for one in begun.values()],
        "away": [one.away for one in begun.values()],
        "ends": [one.ends_at for one in begun.values()],
        "now": now,
    }
    connection.execute(_BEGIN_COVERS, given)


def give(connection: Connection, household: int, person: int, by_id: int, now: datetime) -> None:
    """By hand, until it is lifted."""
    values = {"household": household, "person": person, "by_id": by_id, "now": now}
    connection.execute(_END_ASSIGNMENT, values)
    connection.execute(_GIVE, values | {"why": "chosen", "by": "hand"})


def free(connection: Connection, household: int) -> bool:
    """Whether it was fixed by hand until now."""
    return connection.execute(_FREE, {"household": household}).rowcount > 0


def sign(connection: Connection, households: Collection[int], by_id: int, now: datetime) -> None:
    """Put down who had these households dealt at this moment."""
    connection.execute(_BY, {"households": list(households), "by_id": by_id, "now": now})


def there(connection: Connection, people: Collection[int]) -> set[int]:
    """Those of them whom WeChat reaches; on leave or not is another question."""
    return {row["id"] for row in connection.execute(_THERE, {"people": list(people)})}


def joined(connection: Connection, people: Collection[int]) -> set[int]:
    return {row["id"] for row in connection.execute(_JOINED, {"people": list(people)})}


def any_staff_joined(connection: Connection) -> bool:
    return connection.execute(_ANY_STAFF).fetchone() is not None


def members(connection: Connection, households: Collection[int]) -> dict[int, tuple[Member, ...]]:
    """Household id → those of it who have WeChat."""
    found: dict[int, tuple[Member, ...]] = {}
    for row in connection.execute(_MEMBERS, {"households": list(households)}):
        member = Member(row["person_id"], row["pending"])
        found[row["household_id"]] = (*found.get(row["household_id"], ()), member)
    return found


def homes(connection: Connection, households: Collection[int], now: datetime) -> dict[int, Place]:
    """Household id → its place as it is now."""
    if not households:
        return {}
    rows = connection.execute(_SPOTS, {"households": list(households)}).fetchall()
    spots = {row["household_id"]: Spot(row["unit_id"], row["household_id"]) for row in rows}
    found = places.ask(connection, spots.values(), now)
    return {household: found.at(spot) for household, spot in spots.items()}


def known(connection: Connection, people: Collection[int]) -> dict[int, Known]:
    return {
        row["id"]: Known(row["id"], row["name"], row["phone"], row["leave_until"], row["standing"])
        for row in connection.execute(_PEOPLE, {"people": list(people)})
    }


def concerned(
    connection: Connection, households: Collection[int], people: Collection[int], now: datetime
) -> Sequence[tuple[Issue, bool]]:
    """Unresolved issues of these households or held by these people, each with whether its holder
    is there, in the part they hold it in."""
    values: dict[str, Any] = {"households": list(households), "people": list(people), "now": now}
    connection.execute(_HELD_STILL, values)
    rows = connection.execute(_CONCERNED, values).fetchall()
    there = places.ask(connection, [spot_of(row) for row in rows], now)
    return [(issue_of(row, there.at(spot_of(row))), row["holder_is_there"]) for row in rows]


def keep_plan(
    connection: Connection,
    person: int,
    communities: Sequence[str],
    fingerprint: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """The plan that waits for this person's 确认; it takes the place of any earlier one."""
    values = {"person": person, "communities": list(communities), "fingerprint": fingerprint}
    connection.execute(_PLAN, values | {"now": now, "expires_at": expires_at})


def drop_plan(connection: Connection, person: int) -> None:
    connection.execute(_DROP_PLAN, {"person": person})
