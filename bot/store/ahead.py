"""Waits that a clock began which was ahead: set right, it would let them last as long as that.

Knows when rows were made: what was due when it was made, and was made in the future, is due now.
Due times of issues stay as they were told, and so does the wait after several failed attempts,
which is no longer than it might be anyway. Does not know whose clock it was.
"""

from datetime import datetime, timedelta
from typing import Final

import psycopg
from psycopg.rows import DictRow

_APART: Final = timedelta(minutes=1)  # more than clocks that are kept right differ by


def _mended(table: str, key: str, waits: str, made: str) -> str:
    return f"""
        update {table} set next_at = %(now)s where {key} in (
            select {key} from {table}
            where {waits} and attempts <= 1 and next_at > %(soon)s and {made} > %(soon)s
                and next_at <= {made} + interval '1 minute'
            for update skip locked
        ) returning {key}
    """


_MEND: Final = f"""
with notices as ({_mended("outbox", "id", "state = 'pending' and lease_until is null", "made_at")}),
acts as ({_mended("inbox", "key", "state = 'waiting'", "received_at")}),
files as ({_mended("media", "message_id", "state = 'waiting'", "received_at")}),
pieces as ({
    _mended(
        "showings",
        "id",
        "state = 'waiting' and lease_until is null",
        "greatest(made_at, asked_at)",
    )
})
select (select count(*) from notices) + (select count(*) from acts)
    + (select count(*) from files) + (select count(*) from pieces) as number
"""


def mend(connection: psycopg.Connection[DictRow], now: datetime) -> int:
    """Ends such waits at `now`; how many."""
    (row,) = connection.execute(_MEND, {"now": now, "soon": now + _APART}).fetchall()
    return int(row["number"])
