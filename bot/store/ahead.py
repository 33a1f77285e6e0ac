"""Waits that a clock began which was ahead: set right, it would let them last as long as that.

Knows when rows were made: what was due when it was made, and was made in the future, is due now.
What was tried in the future and waits to be tried again waits as long from now as it did from
then. Due times of issues stay as they were told. Does not know whose clock it was.
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
# What is the future is PostgreSQL's to say: by the clock of a host that is behind, every wait would
# be cut short, again and again. The attempts are dated anew, so that a wait is mended once.
_MEND_RETRIES: Final = """
with late as (
    select o.id, o.person_id, o.next_at - tried.at as rest
    from outbox o cross join lateral (
        select at from sends s
        where s.person_id = o.person_id and s.at > now() + %(apart)s and s.at <= o.next_at
        order by at desc limit 1
    ) tried
    where o.state = 'pending' and o.lease_until is null and o.attempts > 0
        and o.next_at > now() + %(apart)s
    order by o.id for update of o skip locked
), dated as (
    update sends set at = now()
    where person_id in (select person_id from late) and at > now() + %(apart)s
), mended as (
    update outbox o set next_at = now() + late.rest from late where o.id = late.id
)
select count(*) as number from late
"""


def mend(connection: psycopg.Connection[DictRow], now: datetime) -> int:
    """Ends such waits at `now`, or as long after it as they were to last; how many."""
    with connection.pipeline():
        begun = connection.execute(_MEND, {"now": now, "soon": now + _APART})
        tried = connection.execute(_MEND_RETRIES, {"apart": _APART})
    return sum(int(row["number"]) for cursor in (begun, tried) for row in cursor.fetchall())
