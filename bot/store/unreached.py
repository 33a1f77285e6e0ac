"""Who serves and is out of reach: joined once, and now no channel reaches them.

Knows rows; not what is done about it. They hold nothing until they write again (contract section
5), so those above them are shown who it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

_MOST = 20
_SERVING = """
select person_id, unit_id, '联络员' as post from liaisons
where retired_at is null and status <> '停用'
union all
select person_id, unit_id, post from staff where retired_at is null and status <> '停用'
"""
# Below these units, or at them; nobody is shown to themselves.
_UNREACHED = f"""
select distinct on (p.id) p.id, coalesce(p.name, '') as name, s.post, p.phone, u.name as unit,
    least(p.unreachable_since, p.unfollowed_at) as since
from people p
join ({_SERVING}) s on s.person_id = p.id
join units u on u.id = s.unit_id
where p.openid is not null and (p.unreachable_since is not null or p.unfollowed_at is not null)
    and (%(units)s::bigint[] is null or u.lineage && %(units)s::bigint[]) and p.id <> %(me)s
order by p.id limit {_MOST}
"""
_STUCK = """
select distinct issue_no as no from outbox
where state = %(state)s and issue_no is not null order by no limit 11
"""


@dataclass(frozen=True, slots=True)
class Unreached:
    """`unit` is where they serve, by name; `since` when it was found."""

    name: str
    post: str
    phone: str | None
    unit: str
    since: datetime


def below(
    connection: psycopg.Connection[DictRow], units: Sequence[int] | None, me: int = 0
) -> tuple[Unreached, ...]:
    """Those who serve at or below these units, without `me`; None: everywhere."""
    values = {"units": None if units is None else list(units), "me": me}
    rows = connection.execute(_UNREACHED, values).fetchall()
    return tuple(
        Unreached(row["name"], row["post"], row["phone"], row["unit"], row["since"]) for row in rows
    )


def issues_with(connection: psycopg.Connection[DictRow], state: str) -> tuple[int, ...]:
    """Numbers of the issues that have notices in this state; eleven at most."""
    return tuple(row["no"] for row in connection.execute(_STUCK, {"state": state}))
