"""How pushed notices ended, told by the platform after it had taken them → rows.

A refusal sends them on to the next channel, trouble of the platform's own lets them go again.
May be told before the sender has put down the reference: then it is kept until that is there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.delivery import gap
from bot.core.messages import Ending, Report, Said
from bot.store import consents

# By the platform's reference; a subscription notice bears none when it is taken, so there it is
# what was announced to this person last.
_OF = """
select o.id, o.person_id, o.channel, o.attempts, o.unread from outbox o
where o.state = 'sent' and o.reference = %(reference)s order by o.id for update
"""
_LAST_TO = """
select o.id, o.person_id, o.channel, o.attempts, o.unread from outbox o
where o.person_id = %(person)s and o.unread and o.state = 'sent'
    and o.channel = 'subscription' and o.settled_at = (
        select max(settled_at) from outbox
        where person_id = %(person)s and unread and channel = 'subscription'
    )
order by o.id for update
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
insert into endings (reference, person_id, ending, why, template_id, at)
values (%(reference)s, %(person)s, %(ending)s, %(why)s, %(template)s, %(now)s)
on conflict (reference) do nothing
"""
_KEPT = """
delete from endings
where reference = any(%(references)s) or (person_id = any(%(people)s) and template_id <> '')
returning reference, person_id, ending, why, template_id, at
"""
_GOOD_FOR = timedelta(minutes=10)


def note(
    connection: psycopg.Connection[DictRow], said: Said, person_id: int, now: datetime
) -> None:
    """What is told with this act of notices: how they ended, and to which people say yes."""
    for report in said.reports:
        ended = report.ending is Ending.DELIVERED or _ended(connection, report, person_id, now)
        if not ended:
            connection.execute(_KEEP, _kept_as(report, person_id, now))
    consents.answered(connection, person_id, said.consents, now)


def catch_up(
    connection: psycopg.Connection[DictRow],
    references: Sequence[str],
    people: Sequence[int],
    now: datetime,
) -> None:
    """Endings that were told before these references were put down, or before what went to
    these people by subscription notice was."""
    if not references and not people:
        return
    values = {"references": list(references), "people": list(people)}
    for row in connection.execute(_KEPT, values).fetchall():
        if row["at"] > now - _GOOD_FOR:
            ending, why = Ending(row["ending"]), row["why"]
            report = Report(row["reference"], ending, why, row["template_id"])
            _ended(connection, report, row["person_id"], now)


def _ended(
    connection: psycopg.Connection[DictRow], report: Report, person_id: int, now: datetime
) -> bool:
    """Whether there are such notices. What was read meanwhile has arrived and stays."""
    rows = _rows(connection, report, person_id)
    if not rows:
        return False
    refused, channel = report.ending is Ending.REFUSED, rows[0]["channel"]
    if refused:
        person = rows[0]["person_id"]
        connection.execute(_REFUSED_BY, {"person": person, "channel": channel, "now": now})
        consents.withdraw(connection, person, report.template_id, now)
    wait = gap(max(row["attempts"] for row in rows))
    values = {
        "ids": [row["id"] for row in rows if row["unread"]],
        "next_at": now if refused else now + wait,
        "why": f"{channel}: {report.why}",
    }
    connection.execute(_AGAIN, values)
    return True


def _rows(connection: psycopg.Connection[DictRow], report: Report, person_id: int) -> list[DictRow]:
    found = connection.execute(_OF, {"reference": report.reference}).fetchall()
    if found or not report.template_id:
        return found
    return connection.execute(_LAST_TO, {"person": person_id}).fetchall()


def _kept_as(report: Report, person_id: int, now: datetime) -> dict[str, Any]:
    return {
        "reference": report.reference,
        "person": person_id,
        "ending": str(report.ending),
        "why": report.why,
        "template": report.template_id,
        "now": now,
    }
