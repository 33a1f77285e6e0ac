"""What is known of people for reaching them: their acts, what was pushed, what they agreed to.

Knows rows; not what follows from them. A person without openid whom 认领 joined to another row is
read through that row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from bot.core.reach import CHAT, LONGEST, Act, Consented, Known, Pushed
from bot.store.engine import Rows

_ACTS = """
select p.id as of, who.wrote_at, who.touched, who.touched_at
from people p
join people who on who.id = case when p.openid is null then coalesce(p.merged_into, p.id)
    else p.id end
where p.id = any(%(people)s)
"""
# A push later than now was noted by a clock that was ahead: counted against what they do now, it
# would keep them out of reach until then. Counted too few, WeChat's own no puts it right.
_SENDS = """
select p.id as of, s.at, s.channel, s.outcome, s.about, s.messages
from people p
join sends s on s.person_id in (p.id, p.merged_into)
where p.id = any(%(people)s) and s.at between %(since)s and %(now)s + interval '1 minute'
order by s.at
"""
_CONSENTS = """
select p.id as of, c.template_id, c.remaining, c.lasting
from people p
join consents c on c.person_id in (p.id, p.merged_into)
where p.id = any(%(people)s)
"""


@dataclass(frozen=True, slots=True)
class Allowances:
    """The three answers, read when they are first wanted."""

    acts: Rows
    sends: Rows
    consents: Rows

    def by_person(self) -> Mapping[int, Known]:
        found = {row["of"]: _Found(row) for row in self.acts}
        for row in self.sends:
            found[row["of"]].note(row)
        for row in self.consents:
            consent = Consented(row["remaining"], row["lasting"])
            found[row["of"]].consents[row["template_id"]] = consent
        return {person: one.known() for person, one in found.items()}


@dataclass
class _Found:
    row: DictRow
    chat: list[Pushed] = field(default_factory=list)
    refused_by: dict[str, datetime] = field(default_factory=dict)
    doubted: dict[str, datetime] = field(default_factory=dict)
    consents: dict[str, Consented] = field(default_factory=dict)

    def note(self, send: DictRow) -> None:
        if send["outcome"] == "refused" and send["about"] == "person":
            self.refused_by[send["channel"]] = send["at"]
        if send["outcome"] == "unknown":
            self.doubted.setdefault(send["channel"], send["at"])
        else:
            self.doubted.pop(send["channel"], None)
        if send["channel"] == CHAT and send["outcome"] != "trylater" and send["messages"]:
            self.chat.append(Pushed(send["at"], send["messages"]))

    def known(self) -> Known:
        wrote, touched = self.row["wrote_at"], self.row["touched"]
        return Known(
            wrote=None if wrote is None else tuple(wrote),
            touched=(Act(touched), self.row["touched_at"]) if touched else None,
            chat=tuple(self.chat),
            refused_by=self.refused_by,
            doubted=self.doubted,
            consents=self.consents,
        )


def ask(
    connection: psycopg.Connection[DictRow], people: Sequence[int], now: datetime
) -> Allowances:
    """Send the three statements; in a pipeline, one round trip."""
    values = {"people": list(people), "since": now - LONGEST, "now": now}
    acts, sends, consents = (connection.execute(s, values) for s in (_ACTS, _SENDS, _CONSENTS))
    return Allowances(acts, sends, consents)


def of(
    connection: psycopg.Connection[DictRow], people: Sequence[int], now: datetime
) -> Mapping[int, Known]:
    """What is known of each of these."""
    with connection.pipeline():
        asked = ask(connection, people, now)
    return asked.by_person()
