"""To which notices people said yes, and how many of them are still good.

WeChat does not tell whether a yes is good for one notice or for any number: the second notice
finds out. Does not know who is told what.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.delivery import About, Try
from bot.core.messages import Consent
from bot.core.outcome import Refused, Sent, Unknown

# A yes to our question is one notice more; one in their settings opens again what was closed.
_YES = """
insert into consents (person_id, template_id, remaining, at)
values (%(person)s, %(template)s, %(more)s, %(now)s)
on conflict (person_id, template_id) do update set at = excluded.at,
    remaining = consents.remaining + excluded.remaining,
    lasting = case when consents.lasting then true end
"""
_NO = """
update consents set remaining = 0, lasting = false, at = %(now)s
where person_id = %(person)s and template_id = %(template)s
"""
_SPEND = """
update consents set remaining = greatest(remaining - 1, 0),
    lasting = case when remaining = 0 and %(sent)s then true else lasting end
where person_id = %(person)s and template_id = %(template)s
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """A notice for which this person's consent was used, or wanted."""

    person_id: int
    attempt: Try


def answered(
    connection: psycopg.Connection[DictRow],
    person_id: int,
    consents: Sequence[Consent],
    now: datetime,
) -> None:
    """What a person said to notices. A no to our question takes nothing back."""
    for consent in consents:
        values = {"person": person_id, "template": consent.template_id, "now": now}
        if consent.given:
            connection.execute(_YES, values | {"more": int(consent.asked)})
        elif not consent.asked:
            connection.execute(_NO, values)


def spend(connection: psycopg.Connection[DictRow], spent: Sequence[Spent], now: datetime) -> None:
    """Count what was sent; a refusal says that none is left."""
    for statement, values in _spending(spent):
        connection.execute(statement, values | {"now": now})


def withdraw(
    connection: psycopg.Connection[DictRow], person_id: int, template_id: str, now: datetime
) -> None:
    """None is left of this person's consents to the template."""
    connection.execute(_NO, {"person": person_id, "template": template_id, "now": now})


def _spending(spent: Sequence[Spent]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in spent:
        values = {"person": one.person_id, "template": one.attempt.consent}
        match one.attempt.outcome:
            case Sent() | Unknown() as outcome if one.attempt.consent:
                yield _SPEND, values | {"sent": isinstance(outcome, Sent)}
            case Refused(about=About.PERSON) if one.attempt.consent:
                yield _NO, values
