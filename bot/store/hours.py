"""Since when the tiers have the hours they have now, so that due times can be held against them.

Knows one row among the heartbeats. Must not know what hours mean.
"""

from datetime import datetime
from hashlib import sha256

import psycopg
from psycopg.rows import DictRow

from bot.core.ladder import Ladder

_PREFIX = "hours:"
_NOTE = """
with gone as (delete from beats where name like 'hours:%%' and name <> %(name)s)
insert into beats (name, at) values (%(name)s, %(now)s) on conflict (name) do nothing
"""
_SINCE = "select at from beats where name = %(name)s"


def note(connection: psycopg.Connection[DictRow], ladder: Ladder, now: datetime) -> None:
    """From now on these hours hold, unless they did before. Hours that come back begin anew."""
    connection.execute(_NOTE, {"name": _name(ladder), "now": now})


def since(connection: psycopg.Connection[DictRow], ladder: Ladder) -> datetime | None:
    """None: no clock has run with these hours yet."""
    row = connection.execute(_SINCE, {"name": _name(ladder)}).fetchone()
    return row["at"] if row else None


def _name(ladder: Ladder) -> str:
    hours = repr([(tier.key, tier.clock) for tier in ladder.tiers])
    return _PREFIX + sha256(hours.encode()).hexdigest()[:16]
