"""Issues and joining requests whose time has come: rows → what the rules of time need.

Rows are locked and locked ones passed over, so that two who look at once share the work.
Decides nothing.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from bot.core.issue import Issue
from bot.core.people import JoinRequest
from bot.store import places
from bot.store.issues import ISSUE, issue_of, spot_of

_DUE = f"""{ISSUE}
where i.state in ('waiting', 'in_hand', 'resolved') and i.due_at <= %(now)s
    and (%(tier)s::text is null or i.tier = %(tier)s) and not i.no = any(%(but)s)
order by i.due_at limit %(most)s for update of i skip locked
"""
_REMIND = f"""{ISSUE}
where i.state = 'resolved' and i.remind_at <= %(now)s and i.due_at > %(now)s
    and not i.no = any(%(but)s)
order by i.remind_at limit %(most)s for update of i skip locked
"""
_DAY_OVER = f"""{ISSUE}
where i.state in ('waiting', 'in_hand') and i.day_due_at <= %(now)s and not i.no = any(%(but)s)
order by i.day_due_at limit %(most)s for update of i skip locked
"""
_REQUESTS = """
select m.no, m.person_id, m.household_id, m.introduced_as, m.tier, m.asked_at, h.unit_id
from memberships m join households h on h.id = m.household_id
where m.state = 'pending' and m.due_at <= %(now)s and not m.no = any(%(but)s)
order by m.due_at limit %(most)s for update of m skip locked
"""
_REQUESTS_OF = """
select m.no, m.person_id, m.household_id, m.introduced_as, m.tier, m.asked_at, h.unit_id
from memberships m join households h on h.id = m.household_id
where m.state = 'pending' and m.until is null and m.household_id = any(%(households)s)
order by m.no
"""


def due(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    tier: str | None,
    but: Collection[int],
    most: int,
) -> list[Issue]:
    """Open issues past their time, of one tier or of all; without the numbers in `but`."""
    values = {"now": now, "tier": tier, "but": list(but), "most": most}
    return _issues(connection, _DUE, values, now)


def to_remind(
    connection: psycopg.Connection[DictRow], now: datetime, but: Collection[int], most: int
) -> list[Issue]:
    """Resolved issues whose resident is due a reminder of the verdict."""
    values = {"now": now, "but": list(but), "most": most}
    return _issues(connection, _REMIND, values, now)


def day_over(
    connection: psycopg.Connection[DictRow], now: datetime, but: Collection[int], most: int
) -> list[Issue]:
    """Unresolved issues to be looked at because the day on which they came is over."""
    found = _issues(connection, _DAY_OVER, {"now": now, "but": list(but), "most": most}, now)
    return sorted(found, key=lambda issue: issue.no)  # all of a day are due in the same minute


def unanswered_requests(
    connection: psycopg.Connection[DictRow], now: datetime, but: Collection[int], most: int
) -> list[JoinRequest]:
    """Joining requests that nobody answered in time."""
    values = {"now": now, "but": list(but), "most": most}
    return _requests(connection, _REQUESTS, values, now)


def requests_of(
    connection: psycopg.Connection[DictRow], households: Collection[int], now: datetime
) -> list[JoinRequest]:
    """Joining requests to these households that nobody has answered."""
    return _requests(connection, _REQUESTS_OF, {"households": list(households)}, now)


def _requests(
    connection: psycopg.Connection[DictRow],
    statement: str,
    values: Mapping[str, object],
    now: datetime,
) -> list[JoinRequest]:
    rows = connection.execute(statement, values).fetchall()
    if not rows:
        return []
    there = places.ask(connection, [spot_of(row) for row in rows], now)
    return [
        JoinRequest(
            row["no"],
            row["person_id"],
            there.at(spot_of(row)),
            row["introduced_as"],
            row["tier"],
            row["asked_at"],
        )
        for row in rows
    ]


def _issues(
    connection: psycopg.Connection[DictRow],
    statement: str,
    values: Mapping[str, object],
    now: datetime,
) -> list[Issue]:
    rows = connection.execute(statement, values).fetchall()
    there = places.ask(connection, [spot_of(row) for row in rows], now)
    return [issue_of(row, there.at(spot_of(row))) for row in rows]
