"""Open issues whose due times rest on working days, read and put right when the days are known.

Knows which moment a wait began at. The reckoning is the core's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import DictRow

# What begins a wait; on a resolved issue also the resident's further words.
_BEGINNINGS = (
    *("opened", "escalated", "reminded", "accepted", "answered", "extended"),
    *("resolved", "reopened", "handed_over"),
)
# Urgent issues run on the wall clock. What is due already is not looked at any more.
_RESTING = """
select i.no, i.tier, i.place, i.due_at, i.handle_by, i.remind_at, i.estimated_after,
    i.unanswered_at, coalesce(h.at, i.opened_at) as since,
    coalesce(h.kind = 'extended', false) as put_off
from issues i left join lateral (
    select h.at, h.kind from history h where h.issue_no = i.no
        and (h.kind = any(%(beginnings)s) or i.state = 'resolved' and h.kind = 'said')
    order by h.at desc, h.id desc limit 1
) h on true
where i.state in ('waiting', 'in_hand', 'resolved') and not i.urgent and i.due_at > %(now)s
    and (i.estimated_after < %(horizon)s or greatest(i.due_at, i.handle_by) >= %(changed)s)
order by i.no for update of i
"""
_RESTATE = """
update issues set due_at = %(due_at)s, handle_by = %(handle_by)s, remind_at = %(remind_at)s,
    estimated_after = %(estimated_after)s, version = version + 1
where no = %(no)s
"""


@dataclass(frozen=True, slots=True)
class Resting:
    """An open issue's waits, estimated with the horizon `estimated_after`.

    Begun at `since`, by words not answered yet at `unanswered_at`. `put_off`: 延期 set its end.
    """

    no: int
    tier: str
    place: int
    since: datetime
    put_off: bool
    unanswered_at: datetime | None
    due_at: datetime
    handle_by: datetime | None
    remind_at: datetime | None
    estimated_after: date | None


def resting(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    horizon: date | None,
    changed: datetime | None,
) -> list[Resting]:
    """Issues estimated before `horizon` was known, and those due from `changed` on; locked."""
    values = {"now": now, "horizon": horizon, "changed": changed, "beginnings": [*_BEGINNINGS]}
    return [Resting(**row) for row in connection.execute(_RESTING, values)]


def restate(connection: psycopg.Connection[DictRow], rows: Sequence[Resting]) -> None:
    """Write the due times of these."""
    values = [
        {
            "no": row.no,
            "due_at": row.due_at,
            "handle_by": row.handle_by,
            "remind_at": row.remind_at,
            "estimated_after": row.estimated_after,
        }
        for row in rows
    ]
    connection.cursor().executemany(_RESTATE, values)
