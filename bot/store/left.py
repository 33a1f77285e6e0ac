"""What stays with somebody who is not there: rows → issues, and that it falls due. No decision."""

from collections.abc import Collection
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from bot.core.issue import Issue
from bot.store import places
from bot.store.issues import ISSUE, issue_of, spot_of
from bot.store.places import reached

_GOES_ON = """
update issues set due_at = %(now)s, version = version + 1
where no = any(%(left)s) and state in ('waiting', 'in_hand') and due_at > %(now)s
"""
# At the places this person serves; not what whoever types the code has said themself. Further ones
# go on by the hour.
_LEFT_TO = f"""{ISSUE}
where i.state in ('waiting', 'in_hand') and i.due_at > %(now)s
    and i.resident_id <> %(me)s and i.holder_id <> %(person)s
    and not ({reached("hp")})
    and i.no in (
        select one.no from assignments a join issues one on one.household_id = a.household_id
        where a.person_id = %(person)s and a.until is null
        union all
        select one.no from units u join issues one on one.unit_id = u.id
        where u.lineage && array(
            select unit_id from staff
            where person_id = %(person)s and retired_at is null and status = '在岗'
        )
    )
    and not exists (
        select leave_until from staff where person_id = %(person)s and leave_until > %(now)s
        union all
        select leave_until from liaisons where person_id = %(person)s and leave_until > %(now)s
    )
order by i.due_at limit 100
"""


def go_on(connection: psycopg.Connection[DictRow], left: Collection[int], now: datetime) -> int:
    """These issues are due now; how many were not."""
    return connection.execute(_GOES_ON, {"left": list(left), "now": now}).rowcount


def left_to(
    connection: psycopg.Connection[DictRow], person_id: int, me: int, now: datetime
) -> tuple[Issue, ...]:
    """What `person_id`, whose code `me` types, could have from holders whom nothing reaches."""
    rows = connection.execute(_LEFT_TO, {"person": person_id, "me": me, "now": now}).fetchall()
    there = places.ask(connection, [spot_of(row) for row in rows], now)
    return tuple(issue_of(row, there.at(spot_of(row))) for row in rows)
