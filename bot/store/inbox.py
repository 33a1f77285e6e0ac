"""What came from WeChat: kept once under its key, with the reply that a repeat gets again.

Also the way out of a passive reply for what was waiting for the same person. Decides nothing.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from bot.core.messages import Consent, Ending, Kind, Report, Said
from bot.core.reach import granted_by
from bot.core.standing import NobodyYet

_SEEN = "select reply, state from inbox where key = %(key)s"
# The speaker, locked until the end: what one person says is handled one thing at a time. Whoever
# speaks can be reached again, unless they left since; a scanned door is remembered, and what
# their act allows to be pushed. What the platform tells of them is no act of theirs.
_SPEAKER = """
insert into people (openid, account, last_said_at, door_id, wrote_at, touched, touched_at)
select %(openid)s, %(account)s, case when not %(by_platform)s then %(at)s end,
    (select id from units where code = %(door)s and retired_at is null),
    case when %(act)s = 'words' then array[%(acted_at)s] end,
    case when %(act)s <> 'words' then %(act)s end,
    case when %(act)s <> 'words' then %(acted_at)s end
{arrived}
on conflict (openid) do update set
    account = excluded.account,
    unreachable_since = case when %(by_platform)s then people.unreachable_since end,
    last_said_at = greatest(excluded.last_said_at, people.last_said_at),
    unfollowed_at = case
        when %(leaving)s or %(by_platform)s or people.unfollowed_at > excluded.last_said_at
        then people.unfollowed_at
    end,
    door_id = coalesce(excluded.door_id, people.door_id),
    wrote_at = case when %(leaving)s then '{{}}'
        else (excluded.wrote_at || people.wrote_at)[1:10] end,
    touched = case when not %(leaving)s then coalesce(excluded.touched, people.touched) end,
    touched_at = case
        when not %(leaving)s then coalesce(excluded.touched_at, people.touched_at)
    end
returning *
"""
# A repeat brings no row, and so changes nothing of its speaker either.
_ARRIVED = """
with arrived as (
    insert into inbox (key, openid, received_at, state)
    values (%(key)s, %(openid)s, %(at)s, 'done')
    on conflict (key) do nothing returning key
)
""" + _SPEAKER.format(arrived="from arrived")
_SPOKE = _SPEAKER.format(arrived="")
_REPLIED = "update inbox set reply = %(reply)s where key = %(key)s"
_KEEP_WAITING = """
insert into inbox (key, openid, received_at, state, said, next_at, why, reply)
values (%(key)s, %(openid)s, %(now)s, 'waiting', %(said)s, %(next_at)s, %(why)s, %(reply)s)
on conflict (key) do nothing
"""
_TAKE_WAITING = """
select key, said, attempts from inbox
where state = 'waiting' and next_at <= %(now)s
order by received_at limit 1 for update skip locked
"""
_HANDLED = """
update inbox set state = 'done', said = null, next_at = null, why = null where key = %(key)s
"""
_FAILED_AGAIN = """
update inbox set attempts = attempts + 1, why = %(why)s, next_at = %(next_at)s,
    state = case when attempts + 1 >= %(most)s::int then 'stuck' else 'waiting' end
where key = %(key)s and state = 'waiting'
"""
_MOST_ATTEMPTS = 12
_WITHIN = timedelta(seconds=1)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)

# Not what a sender has in work: that one may already be on its way. What was only announced
# waits to be read as well.
_WAITING_FOR = """
select id, text, state = 'unknown' or lease_until is not null as doubtful from outbox
where person_id = %(person)s and (state <> 'sent' or unread)
    and (state <> 'pending' or lease_until is null or lease_until < %(now)s)
order by id limit 20 for update skip locked
"""
_RODE = """
update outbox set state = 'sent', channel = case when unread then channel else 'passive' end,
    settled_at = case when unread then settled_at else %(now)s end, lease_until = null,
    why = null, unread = false
where id = any(%(ids)s)
"""
# A push window is open again: what was refused everywhere, or only announced, is tried anew.
_TRY_AGAIN = """
update outbox set state = 'pending', next_at = %(now)s, lease_until = null, settled_at = null,
    channel = null, unread = false
where person_id = %(person)s and (state = 'stuck' or unread)
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that may ride on a reply; `doubtful`: it may have arrived already."""

    id: int
    text: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """`person` is the speaker's row where the act is new; else `reply` is what it was answered."""

    person: dict[str, Any] | None
    reply: str | None = None


def arrive(connection: psycopg.Connection[DictRow], said: Said, now: datetime) -> Arrival:
    """Keep the act under its key and lock its speaker: one round trip.

    A repeat that comes while the first is in work waits here until that one has its reply.
    """
    person = connection.execute(_ARRIVED, _speaker(said, now)).fetchone()
    if person:
        return Arrival(person)
    seen = connection.execute(_SEEN, {"key": said.key}).fetchone()
    return Arrival(None, seen["reply"] if seen else None)


def speaker(connection: psycopg.Connection[DictRow], said: Said) -> dict[str, Any]:
    """The speaker's row, locked, for an act that was kept before, as of when it was said."""
    row = connection.execute(_SPOKE, _speaker(said, said.said_at)).fetchone()
    if row is None:
        raise LookupError("an upsert returned no row")
    return row


def _speaker(said: Said, at: datetime) -> dict[str, Any]:
    scene, act = said.scene or "", granted_by(said)
    return {
        "key": said.key,
        "openid": said.openid,
        "account": said.account,
        "at": at,
        "door": scene.removeprefix("door-") if scene.startswith("door-") else None,
        "leaving": said.kind is Kind.UNFOLLOW,
        "by_platform": said.by_platform,
        "act": str(act) if act else None,
        # WeChat tells whole seconds, so it was up to one later; the earlier of both clocks.
        "acted_at": min(said.said_at + _WITHIN, at),
    }


def replied(connection: psycopg.Connection[DictRow], key: str, reply: str | None) -> None:
    connection.execute(_REPLIED, {"key": key, "reply": reply})


def riding(connection: psycopg.Connection[DictRow], person_id: int, now: datetime) -> list[Waiting]:
    """What waits for this person and nobody is sending, oldest first, locked."""
    rows = connection.execute(_WAITING_FOR, {"person": person_id, "now": now}).fetchall()
    return [Waiting(row["id"], row["text"], row["doubtful"]) for row in rows]


def rode(
    connection: psycopg.Connection[DictRow], person_id: int, ids: list[int], now: datetime
) -> None:
    """These went out with the reply; what was stuck and found no room is tried again."""
    with connection.pipeline():
        if ids:
            connection.execute(_RODE, {"ids": ids, "now": now})
        connection.execute(_TRY_AGAIN, {"person": person_id, "now": now})


def keep_waiting(
    connection: psycopg.Connection[DictRow],
    said: Said,
    why: str,
    reply: str | None,
    now: datetime,
    *,
    wait: timedelta = _FIRST_WAIT,
) -> None:
    """Keep an act that could not be handled now; it is brought in when `wait` is over."""
    connection.execute(
        _KEEP_WAITING,
        {
            "key": said.key,
            "openid": said.openid,
            "now": now,
            "said": Jsonb(to_json(said)),
            "next_at": now + wait,
            "why": why,
            "reply": reply,
        },
    )


def take_waiting(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    handle: Callable[[Said], None],
) -> bool:
    """Handle the oldest act whose time has come, in this transaction; False: there is none."""
    row = connection.execute(_TAKE_WAITING, {"now": now}).fetchone()
    if row is None:
        return False
    said = from_json(row["said"])
    try:
        with connection.transaction():
            handle(said)
            connection.execute(_HANDLED, {"key": said.key})
    except psycopg.OperationalError:
        raise
    except Exception as error:
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(row["attempts"], _MOST_ATTEMPTS))
        # A roster still to come is no fault of the words: they wait for as long as it takes.
        most = None if isinstance(error, NobodyYet) else _MOST_ATTEMPTS
        values = {"key": said.key, "why": type(error).__name__, "most": most}
        connection.execute(_FAILED_AGAIN, {**values, "next_at": now + wait})
    return True


def to_json(said: Said) -> dict[str, Any]:
    return {
        "key": said.key,
        "openid": said.openid,
        "account": said.account,
        "kind": str(said.kind),
        "text": said.text,
        "said_at": said.said_at.isoformat(),
        "scene": said.scene,
        "carried": dict(said.carried),
        "tapped": said.tapped,
        "by_platform": said.by_platform,
        "reports": [asdict(report) for report in said.reports],
        "consents": [asdict(consent) for consent in said.consents],
    }


def from_json(raw: dict[str, Any]) -> Said:
    return Said(
        key=raw["key"],
        openid=raw["openid"],
        account=raw["account"],
        kind=Kind(raw["kind"]),
        text=raw["text"],
        said_at=datetime.fromisoformat(raw["said_at"]),
        scene=raw["scene"],
        carried=raw["carried"],
        tapped=raw.get("tapped", False),  # what was kept before there were such
        by_platform=raw.get("by_platform", False),
        reports=tuple(_report(report) for report in raw.get("reports", ())),
        consents=tuple(Consent(**consent) for consent in raw.get("consents", ())),
    )


def _report(raw: dict[str, Any]) -> Report:
    return Report(**raw | {"ending": Ending(raw["ending"])})
