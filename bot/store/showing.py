"""Leases on pieces that wait to be shown to somebody, and what became of them.

A person has one push in work at a time, pieces and notices alike (`people.sending_until`), and
pieces come after every notice that waits for them. Does not know how a piece is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import psycopg
from psycopg.rows import DictRow

from bot.core.media import Became, Keeping, Piece, may_go
from bot.core.messages import Kind
from bot.core.outcome import Outcome, Refused, Sent, Unknown
from bot.core.reach import CHAT, Repeat, left
from bot.store import allowances, leases
from bot.store.entitled import ENTITLED
from bot.store.leases import LIVES, Lease

DUE = f"""
s.state = 'waiting' and s.lease_until is null and s.next_at <= %(now)s
    and (p.sending_until is null or p.sending_until not {LIVES})
    and not exists (select from outbox o where o.person_id = p.id and o.state = 'pending')
"""
_WAITS = f"""
select exists (
    select from showings s join people p on p.id = s.person_id where {DUE}
) as waits
"""
_EXPIRE = f"""
update showings set state = 'unknown', lease_until = null,
    why = 'the sender died before it could say what became of it'
where id in (
    select id from showings where state = 'waiting' and lease_until not {LIVES}
    order by id limit 1000 for update skip locked
)
"""
_PEOPLE = f"""
with waiting as (
    select s.person_id, s.next_at from showings s join people p on p.id = s.person_id
    where {DUE} order by s.next_at limit 500
), oldest as (
    select person_id from waiting group by person_id order by min(next_at) limit %(most)s
)
select p.id from people p
where p.id in (select person_id from oldest)
    and (p.sending_until is null or p.sending_until not {LIVES})
for no key update of p skip locked
"""
_ROWS = """
select s.id, s.person_id, s.asked_at is not null as asked, s.attempts + 1 as attempts,
    coalesce(p.openid, heir.openid) as openid,
    coalesce(heir.unfollowed_at, p.unfollowed_at) as unfollowed_at,
    m.message_id, m.kind, m.media_id, m.expires_at, m.state as keeping, m.thumb_media_id,
    m.stored, m.sent_id, m.sent_until
from showings s
join people p on p.id = s.person_id
left join people heir on p.openid is null and heir.id = p.merged_into
join media m on m.message_id = s.message_id
join messages g on g.id = s.message_id
where s.person_id = any(%(people)s) and s.state = 'waiting' and s.lease_until is null
    and s.next_at <= %(now)s
order by s.person_id, s.asked_at is null, g.at, g.id
for update of s skip locked
"""
# What is no longer theirs to know is not shown.
_WITHDRAW = f"""
delete from showings where id in (
    select s.id from showings s
    join messages g on g.id = s.message_id
    join issues i on i.no = g.issue_no
    cross join lateral (
        select s.person_id, g.issue_no,
            case when i.resident_id = s.person_id then 'resident' else 'staff' end as role
    ) o
    where s.person_id = any(%(people)s) and s.state = 'waiting' and s.lease_until is null
        and not {ENTITLED}
)
"""
_HOLD = "update showings set next_at = null where id = any(%(ids)s)"
_LEASE_PEOPLE = "update people set sending_until = %(until)s where id = any(%(people)s)"
_LEASE_ROWS = """
update showings set lease_until = %(until)s, attempts = attempts + 1 where id = any(%(ids)s)
"""
_FREE = """
update people set sending_until = null where id = %(person)s and sending_until = %(until)s
"""
_RENEW = """
with mine as (
    update people set sending_until = %(until)s
    where id = %(person)s and sending_until = %(lease)s returning id
)
update showings s set lease_until = %(until)s
from unnest(%(ids)s::bigint[], %(attempts)s::integer[]) v(id, attempts)
where s.id = v.id and s.attempts = v.attempts and s.state = 'waiting'
    and s.lease_until is not null and exists (select from mine)
"""
_SETTLE = """
update showings set state = %(state)s, next_at = %(next_at)s, why = %(why)s, lease_until = null,
    shown_at = case when %(state)s = 'shown' then %(now)s else shown_at end
where id = %(id)s and attempts = %(attempts)s and state in ('waiting', 'unknown')
"""
_NOTE_SEND = """
insert into sends (person_id, at, channel, outcome, code, about, messages)
values (%(person)s, %(now)s, %(channel)s, %(outcome)s, %(code)s, %(about)s, %(messages)s)
"""
_SENT_UP = """
update media set sent_id = %(sent_id)s, sent_until = %(until)s where message_id = %(message_id)s
"""


@dataclass(frozen=True, slots=True)
class ToShow:
    """A piece in hand for one person; `attempts` counts this attempt."""

    id: int
    attempts: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class Batch:
    """The pieces in hand for one person, in their order."""

    person_id: int
    openid: str
    pieces: tuple[ToShow, ...]
    lease: Lease


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one; `outcome` None where WeChat was not asked."""

    shown: ToShow
    became: Became
    outcome: Outcome | None = None


def waits(connection: psycopg.Connection[DictRow], now: datetime) -> bool:
    """Whether a piece may now be looked at: the notices before it are gone."""
    row = connection.execute(_WAITS, {"now": now}).fetchone()
    return bool(row and row["waits"])


def claim(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    lasts: timedelta,
    most: int,
    repeat: Repeat,
) -> list[Batch]:
    """Up to `most` people's pieces that may go out now; what may not is held. Commit first."""
    connection.execute(_EXPIRE)
    lease = leases.lease(connection, lasts)
    while True:
        people = [row["id"] for row in connection.execute(_PEOPLE, {"now": now, "most": most})]
        batches, held = _look_at(connection, people, now, lease, repeat) if people else ([], 0)
        if batches or not held:
            return batches


def _look_at(
    connection: psycopg.Connection[DictRow],
    people: Sequence[int],
    now: datetime,
    lease: Lease,
    repeat: Repeat,
) -> tuple[list[Batch], int]:
    """What goes to these people, leased, and how many pieces were held."""
    connection.execute(_WITHDRAW, {"people": people, "now": now})
    rows = connection.execute(_ROWS, {"people": people, "now": now}).fetchall()
    known = allowances.of(connection, people, now)
    batches, held = list[Batch](), list[int]()
    for person, found in groupby(rows, key=lambda row: row["person_id"]):
        allowed = left(known[person], now, repeat)
        batch, kept = _chosen(list(found), allowed, replace(lease))
        held += kept
        if batch is not None:
            batches.append(batch)
    _put_down(connection, batches, held, lease.until)
    return batches, len(held)


def _chosen(
    rows: Sequence[DictRow], allowed: int | None, lease: Lease
) -> tuple[Batch | None, list[int]]:
    """What goes to one person while their quota lasts, and the ids of what is held."""
    openid = None if rows[0]["unfollowed_at"] else rows[0]["openid"]
    going, held = list[ToShow](), list[int]()
    for row in rows:
        if openid and may_go(row["asked"], allowed):
            going.append(ToShow(row["id"], row["attempts"], _piece(row)))
            allowed = None if allowed is None else allowed - 1
        else:
            held.append(row["id"])
    if not going or openid is None:
        return None, held
    return Batch(rows[0]["person_id"], openid, tuple(going), lease), held


def _put_down(
    connection: psycopg.Connection[DictRow],
    batches: Sequence[Batch],
    held: list[int],
    until: datetime,
) -> None:
    ids = [one.id for batch in batches for one in batch.pieces]
    with connection.pipeline():
        connection.execute(_HOLD, {"ids": held})
        people = [batch.person_id for batch in batches]
        connection.execute(_LEASE_PEOPLE, {"until": until, "people": people})
        connection.execute(_LEASE_ROWS, {"until": until, "ids": ids})


def _piece(row: Mapping[str, object]) -> Piece:
    names = Piece.__dataclass_fields__
    values = {name: row[name] for name in names}
    kinds = {"kind": Kind(str(row["kind"])), "keeping": Keeping(str(row["keeping"]))}
    return Piece(**{**values, **kinds})  # type: ignore[arg-type]


def sent_up(
    connection: psycopg.Connection[DictRow], message_id: str, sent_id: str, until: datetime
) -> None:
    """Our copy lies at WeChat's again, for anybody, under `sent_id`."""
    connection.execute(_SENT_UP, {"message_id": message_id, "sent_id": sent_id, "until": until})


def renew(connection: psycopg.Connection[DictRow], batch: Batch, lasts: timedelta) -> Lease:
    """The person and the pieces are this sender's from now on, where they still are; the caller
    moves the batch's lease on to this one, once it is committed."""
    lease = leases.lease(connection, lasts)
    values = {"person": batch.person_id, "lease": batch.lease.until, "until": lease.until}
    ids = {"ids": [one.id for one in batch.pieces]}
    attempts = {"attempts": [one.attempts for one in batch.pieces]}
    connection.execute(_RENEW, values | ids | attempts)
    return lease


def settle(
    connection: psycopg.Connection[DictRow], batch: Batch, done: Sequence[Done], now: datetime
) -> None:
    """Put down what became of a batch, and let go of the person."""
    with connection.pipeline():
        connection.execute(_FREE, {"person": batch.person_id, "until": batch.lease.until})
        for one in done:
            connection.execute(_SETTLE, _settled(one, now))
            if one.outcome is not None:
                connection.execute(_NOTE_SEND, _send(batch.person_id, one.outcome, now))


def _settled(done: Done, now: datetime) -> dict[str, object]:
    became = done.became
    return {
        "id": done.shown.id,
        "attempts": done.shown.attempts,
        "state": str(became.state),
        "next_at": became.next_at,
        "why": became.why,
        "now": now,
    }


def _send(person_id: int, outcome: Outcome, now: datetime) -> dict[str, object]:
    refused = outcome if isinstance(outcome, Refused) else None
    return {
        "person": person_id,
        "now": now,
        "channel": CHAT,
        "outcome": type(outcome).__name__.lower(),
        "code": refused.code if refused else None,
        "about": refused.about if refused else None,
        # What was not taken takes nothing from what they may be sent.
        "messages": 1 if isinstance(outcome, Sent | Unknown) else 0,
    }
