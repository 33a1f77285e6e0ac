"""Which tiers had their morning's digest, and what falls due today. Decides nothing."""

from collections.abc import Mapping
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from bot.core.issue import Issue
from bot.store import places
from bot.store.issues import ISSUE, issue_of, spot_of

GIVEN = "select substr(name, 9) as tier, at from beats where name like 'morning:%'"
_TAKE = """
insert into beats (name, at) values ('morning:' || %(tier)s, %(began)s)
on conflict (name) do update set at = excluded.at where beats.at < excluded.at
returning name
"""
# All that is held by whoever holds some of this tier; but what its holder is about to be told of
# anyway is not told twice.
_DUE_TODAY = f"""{ISSUE}
where i.state in ('waiting', 'in_hand') and i.due_at < %(until)s and i.holder_id in (
        select holder_id from issues
        where state in ('waiting', 'in_hand') and due_at < %(until)s and tier = %(tier)s
    )
    and not exists (
        select from outbox o
        where o.person_id = i.holder_id and o.issue_no = i.no and o.state = 'pending'
    )
order by i.due_at limit 20000
"""


def given(rows: list[DictRow]) -> Mapping[str, datetime]:
    """The rows of GIVEN: when each tier had its last."""
    return {row["tier"]: row["at"] for row in rows}


def take(connection: psycopg.Connection[DictRow], tier: str, began: datetime) -> bool:
    """Whether this tier's digest of the day that began then is the caller's to give: once."""
    values = {"tier": tier, "began": began}
    return connection.execute(_TAKE, values).fetchone() is not None


def due_today(
    connection: psycopg.Connection[DictRow], tier: str, until: datetime, now: datetime
) -> list[Issue]:
    """What falls due before `until` of those who hold some of it at the tier."""
    rows = connection.execute(_DUE_TODAY, {"tier": tier, "until": until}).fetchall()
    there = places.ask(connection, [spot_of(row) for row in rows], now)
    return [issue_of(row, there.at(spot_of(row))) for row in rows]
