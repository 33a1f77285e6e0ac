"""Whether the service lives and keeps up, in a few numbers; for /health and /metrics.

Knows which rows tell lateness. Names nobody, decides nothing and writes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from bot.store.push_faults import push_faults

T = TypeVar("T")

# A notice that was tried and put off is still undelivered, though its next attempt is to come; one
# that rests until the morning is not late before.
_PULSE: Final = text(
    """
    select current_setting('transaction_read_only')::boolean as read_only,
        (select at from beats where name = 'clock') as beat_at,
        (select min(due_at) from issues
            where state in ('waiting', 'in_hand') and due_at < :now) as overdue_since,
        (select min(case when attempts > 0 then made_at else next_at end) from outbox
            where state = 'pending' and (next_at <= :now or attempts > 0)) as undelivered_since
    """
)
# What is done (issues closed, notices sent) is not counted: it grows for ever.
_COUNTS: Final = text(
    """
    select 'issues' as what, state, tier, count(*) as number from issues
        where state in ('waiting', 'in_hand', 'resolved') group by state, tier
    union all
    select 'overdue', '', tier, count(*) from issues
        where state in ('waiting', 'in_hand') and due_at < :now group by tier
    union all
    select 'outbox', state, '', count(*) from outbox where state <> 'sent' group by state
    union all
    select 'inbox', state, '', count(*) from inbox where state <> 'done' group by state
    """
)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Signs of life as moments in UTC.

    `beat_at` is the clock's last tick, None where none ever ran; `overdue_since` the earliest
    due time missed by an issue that waits or is in hand; `undelivered_since` when the oldest
    notice was made that should have gone out. `read_only`: nothing can be written.
    """

    read_only: bool
    beat_at: datetime | None
    overdue_since: datetime | None
    undelivered_since: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows there are: open issues by (state, tier's key), the rest by state or tier.
    `shut`: the push channels whose last word was that our settings or rights are wrong."""

    issues: Mapping[tuple[str, str], int]
    overdue: Mapping[str, int]
    outbox: Mapping[str, int]
    inbox: Mapping[str, int]
    shut: Mapping[str, int]


def pulse(connection: Connection, now: datetime) -> Pulse:
    return Pulse(**connection.execute(_PULSE, {"now": now}).mappings().one())


def counts(connection: Connection, now: datetime) -> Counts:
    rows = connection.execute(_COUNTS, {"now": now}).all()
    return Counts(
        issues={(row.state, row.tier): row.number for row in rows if row.what == "issues"},
        overdue={row.tier: row.number for row in rows if row.what == "overdue"},
        outbox={row.state: row.number for row in rows if row.what == "outbox"},
        inbox={row.state: row.number for row in rows if row.what == "inbox"},
        shut={fault.channel: 1 for fault in push_faults(connection)},
    )


def looked_up(engine: Engine, query: Callable[[Connection], T]) -> T:
    """What `query` reads; once more on a new connection where a pooled one proves dead."""
    try:
        with engine.connect() as connection:
            return query(connection)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    with engine.connect() as connection:
        return query(connection)
