"""Files still at WeChat's: who fetches which, and what became of it.

Knows the rows of media. Does not know how a file is fetched.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import DictRow

from bot.core.media import Missing
from bot.core.messages import Kind

# Whoever takes one puts it off by their lease: if they die, it is taken again.
_TAKE = """
update media set attempts = attempts + 1, next_at = %(until)s
where message_id in (
    select message_id from media where state = 'waiting' and next_at <= %(now)s
    order by next_at limit %(most)s for update skip locked
)
returning message_id, kind, media_id, expires_at, attempts
"""
_KEPT = """
update media set state = 'kept', stored = %(stored)s, content_type = %(content_type)s,
    bytes = %(bytes)s, next_at = null, why = null
where message_id = %(message_id)s and state = 'waiting'
"""
# Who waited for the file need not wait longer.
_SHOW_NOW = """
update showings set next_at = %(now)s
where message_id = %(message_id)s and state = 'waiting' and next_at > %(now)s
"""
_MISSED = """
update media set state = %(state)s, next_at = %(next_at)s, why = %(why)s
where message_id = %(message_id)s and state = 'waiting' and attempts = %(attempts)s
"""


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A file to be fetched; `attempts` counts this attempt."""

    message_id: str
    kind: Kind
    media_id: str
    expires_at: datetime
    attempts: int


def take(
    connection: psycopg.Connection[DictRow], now: datetime, lease: timedelta, most: int
) -> list[ToFetch]:
    """Up to `most` files whose time has come; commit before fetching."""
    rows = connection.execute(_TAKE, {"now": now, "until": now + lease, "most": most})
    return [ToFetch(**row | {"kind": Kind(row["kind"])}) for row in rows]


def kept(
    connection: psycopg.Connection[DictRow],
    fetched: ToFetch,
    stored: str,
    content_type: str,
    size: int,
    now: datetime,
) -> bool:
    """The file lies in our store under the name `stored`; False: another was quicker."""
    values = {
        "message_id": fetched.message_id,
        "stored": stored,
        "content_type": content_type,
        "bytes": size,
        "now": now,
    }
    first = connection.execute(_KEPT, values).rowcount == 1
    connection.execute(_SHOW_NOW, values)
    return first


def missed(
    connection: psycopg.Connection[DictRow], fetched: ToFetch, missing: Missing, now: datetime
) -> None:
    values = {
        "message_id": fetched.message_id,
        "attempts": fetched.attempts,
        "state": str(missing.state),
        "next_at": missing.next_at,
        "why": missing.why,
        "now": now,
    }
    connection.execute(_MISSED, values)
    if missing.next_at is None:
        connection.execute(_SHOW_NOW, values)
