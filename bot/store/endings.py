"""How pushed notices ended, told by the platform after it had taken them → rows.

A refusal sends them on to the next channel, trouble of the platform's own lets them go again.
May be told before the sender has put down the reference: then it is kept until that is there.
"""

from collections.abc import Sequence
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from bot.core.delivery import gap
from bot.core.messages import Ending, Report, Said
from bot.store import consents

# Only while it was not read: what rode on a reply meanwhile has arrived.
_OF = """
select o.id, o.person_id, o.channel, o.attempts, o.unread from outbox o
where o.reference = %(reference)s and o.state = 'sent' order by o.id for update
"""
_AGAIN = """
update outbox set state = 'pending', channel = null, settled_at = null, unread = false,
    next_at = %(next_at)s, why = %(why)s
where id = any(%(ids)s)
"""
_REFUSED_BY = """
insert into sends (person_id, at, channel, outcome, about, messages)
values (%(person)s, %(now)s, %(channel)s, 'refused', 'person', 0)
"""
_KEEP = """
insert into endings (reference, ending, why, template_id, at)
values (%(reference)s, %(ending)s, %(why)s, %(template)s, %(now)s)
on conflict (reference) do nothing
"""
_KEPT = """
delete from endings where reference = any(%(references)s)
returning reference, ending, why, template_id
"""


def note(
    connection: psycopg.Connection[DictRow], said: Said, person_id: int, now: datetime
) -> None:
    """What is told with this act of notices: how they ended, and to which people say yes."""
    _told(connection, said.reports, now)
    consents.answered(connection, person_id, said.consents, now)


def _told(
    connection: psycopg.Connection[DictRow], reports: Sequence[Report], now: datetime
) -> None:
    for report in reports:
        if report.ending is not Ending.DELIVERED and not _ended(connection, report, now):
            values = {
                "reference": report.reference,
                "ending": str(report.ending),
                "why": report.why,
                "template": report.template_id,
                "now": now,
            }
            connection.execute(_KEEP, values)


def catch_up(
    connection: psycopg.Connection[DictRow], references: Sequence[str], now: datetime
) -> None:
    """Endings that were told before these references were put down."""
    if not references:
        return
    kept = connection.execute(_KEPT, {"references": list(references)}).fetchall()
    for row in kept:
        ending, why, template_id = Ending(row["ending"]), row["why"], row["template_id"]
        _ended(connection, Report(row["reference"], ending, why, template_id), now)


def _ended(connection: psycopg.Connection[DictRow], report: Report, now: datetime) -> bool:
    """Whether there are notices of this reference."""
    rows = connection.execute(_OF, {"reference": report.reference}).fetchall()
    if not rows:
        return False
    refused = report.ending is Ending.REFUSED
    if refused:
        person, channel = rows[0]["person_id"], rows[0]["channel"]
        connection.execute(_REFUSED_BY, {"person": person, "channel": channel, "now": now})
        consents.withdraw(connection, person, report.template_id, now)
    wait = gap(max(row["attempts"] for row in rows))
    values = {
        "ids": [row["id"] for row in rows if row["unread"]],
        "next_at": now if refused else now + wait,
        "why": f"{rows[0]['channel']}: {report.why}",
    }
    connection.execute(_AGAIN, values)
    return True
