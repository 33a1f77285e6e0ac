"""What the clock reads and writes at each look: what is due since when, its heartbeat, old rows.

Knows which rows have a time that can come. Does not know who will see to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import DictRow

from bot.store import mornings
from bot.store.inbox import AFTER_REDIS
from bot.store.leases import LIVES
from bot.store.showing import DUE as _SHOWABLE

_TIERS = """
select tier, min(due_at) as since from issues
where state in ('waiting', 'in_hand', 'resolved') and due_at <= %(now)s group by tier
"""
# A notice behind a push in work is not due; one whose sender died is, to be put down as unknown.
_NOTICES = f"""
select least(
    (select o.next_at from outbox o join people p on p.id = o.person_id
    where o.state = 'pending' and o.lease_until is null and o.next_at <= %(now)s
        and (p.sending_until is null or p.sending_until not {LIVES})
    order by o.next_at limit 1),
    (select min(least(lease_until, %(now)s)) from outbox
    where state = 'pending' and lease_until not {LIVES})
) as since
"""
# What waits for a Redis that did not answer is looked after again and again: it may answer now.
_ACTS = f"""
select least(
    (select min(next_at) from inbox where state = 'waiting' and next_at <= %(now)s),
    (select min(received_at) from inbox where state = 'waiting' and why = '{AFTER_REDIS}')
) as since
"""
_REMINDERS = """
select least(
    (select min(remind_at) from issues
    where state = 'resolved' and remind_at <= %(now)s and due_at > %(now)s),
    (select min(day_due_at) from issues
    where state in ('waiting', 'in_hand') and day_due_at <= %(now)s),
    (select min(due_at) from memberships where state = 'pending' and due_at <= %(now)s),
    (select min(leave_until) from liaisons where leave_until <= %(now)s),
    (select min(leave_until) from staff where leave_until <= %(now)s)
) as since
"""
# Files to be fetched, and pieces that no notice is before.
_PIECES = f"""
select least(
    (select min(next_at) from media where state = 'waiting' and next_at <= %(now)s),
    (select min(s.next_at) from showings s join people p on p.id = s.person_id where {_SHOWABLE}),
    (select min(least(lease_until, %(now)s)) from showings
    where state = 'waiting' and lease_until not {LIVES})
) as since
"""
_CALENDAR = "select max(at) as since from beats where name = 'calendar'"
# By PostgreSQL's clock: of several hosts one may be ahead, and would hide that all are dead.
_BEAT = """
insert into beats (name, at) values ('clock', now())
on conflict (name) do update set at = excluded.at
"""
_KEPT = timedelta(days=7)
_DROP = """
delete from inbox where key in (
    select key from inbox where state = 'done' and received_at < %(before)s
    order by received_at limit %(most)s for update skip locked
)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Since when something of each kind is due, None where nothing is; tiers by their key.

    `calendar_at`: when the working calendar was last changed. `mornings`: when each tier had its
    last digest."""

    tiers: Mapping[str, datetime]
    notices: datetime | None = None
    acts: datetime | None = None
    reminders: datetime | None = None
    pieces: datetime | None = None
    calendar_at: datetime | None = None
    mornings: Mapping[str, datetime] = field(default_factory=dict)


def look(connection: psycopg.Connection[DictRow], now: datetime) -> Due:
    """What is due at `now`, and the heartbeat: one round trip."""
    values = {"now": now}
    with connection.pipeline():
        connection.execute(_BEAT)
        tiers = connection.execute(_TIERS, values)
        rest = [
            connection.execute(statement, values)
            for statement in (_NOTICES, _ACTS, _REMINDERS, _PIECES, _CALENDAR)
        ]
        given = connection.execute(mornings.GIVEN)
    since = [row["since"] for row in (cursor.fetchone() for cursor in rest) if row]
    due_tiers = {row["tier"]: row["since"] for row in tiers}
    return replace(Due(due_tiers, *since), mornings=mornings.given(given.fetchall()))


def drop_old_acts(connection: psycopg.Connection[DictRow], now: datetime, most: int) -> int:
    """Forget up to `most` handled acts older than a week, long after any repeat; how many."""
    return connection.execute(_DROP, {"before": now - _KEPT, "most": most}).rowcount
