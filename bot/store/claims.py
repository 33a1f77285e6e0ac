"""Leases on the outbox: who has which notices in hand.

A person has one push in work at a time (`people.sending_until`), so their notices arrive in
order; a row in work has `lease_until`. Both are short and renewed while the sender lives, so that
one who is killed holds nobody's notices for long. `attempts` tells one attempt from the next, so
that a sender who was thought dead changes nothing that others did meanwhile. Does not know how
anything is sent, nor what becomes of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

import psycopg
from psycopg.rows import DictRow

from bot.core.reach import Known
from bot.store import allowances, leases
from bot.store.anew import Word, brought_up
from bot.store.entitled import ENTITLED, NEWS, STILL_ASKED
from bot.store.leases import LIVES, Lease

Fitting = Callable[[Sequence[str], Known], int]

_LOOKED_AT = 20  # waiting rows looked at for each person to be found
_OF_ONE = 50  # and of one person to fill a bundle

# What died between its lease and its outcome may have been sent: never silently again, and
# counted against what the person may be sent.
_EXPIRE = f"""
with dead as (
    update outbox set state = 'unknown', lease_until = null, settled_at = %(now)s,
        why = 'the sender died before it could say what became of it'
    where id in (
        select id from outbox where state = 'pending' and lease_until not {LIVES}
        order by id limit 1000 for update skip locked
    ) returning person_id
), counted as (
    insert into sends (person_id, at, channel, outcome)
    select distinct person_id, %(now)s, 'chat', 'unknown' from dead
)
select count(*) as number from dead
"""
# A bitmap has no order: all that waits would be gone through for the few that wait longest.
_IN_ORDER = "set local enable_bitmapscan = off"
# Whoever speaks at this moment is locked and passed over: the reply takes what waits for them.
# Not FOR UPDATE, which would stop new rows that refer to the person.
_PEOPLE = f"""
with waiting as (
    select o.person_id, o.next_at from outbox o join people p on p.id = o.person_id
    where o.state = 'pending' and o.lease_until is null and o.next_at <= %(now)s
        and (p.sending_until is null or p.sending_until not {LIVES})
    order by o.next_at limit %(looked_at)s
), oldest as (
    select person_id from waiting group by person_id order by min(next_at) limit %(most)s
)
select p.id from people p
where p.id in (select person_id from oldest)
    and (p.sending_until is null or p.sending_until not {LIVES})
for no key update of p skip locked
"""
# "pending", said so that rows are found by their person: however few the planner believes there
# to be, all that waits would be gone through for each person by its other index.
_PENDING = "state not in ('sent', 'unknown', 'stuck')"
# What nobody may have seen yet and is no longer theirs to know. What may have arrived already stays
# on the record as `unknown`.
_WITHDRAW = f"""
delete from outbox o
where o.person_id = any(%(people)s) and o.{_PENDING} and o.lease_until is null
    and not ({ENTITLED} and {NEWS} and {STILL_ASKED})
"""
# All that waits for them in order, also what is not due yet: newer words never overtake older.
_ROWS = f"""
select o.id, o.person_id, o.key, o.text, o.kind, o.role, o.issue_no, o.attempts, o.reference,
    o.made_at, o.facts, i.state, i.due_at, i.estimated_after, i.holder_id, i.holder_post,
    hp.name as holder_name,
    (select string_agg(u.name, '' order by cardinality(u.lineage))
        from issues i join units home on home.id = i.unit_id
        join units u on u.id = any(home.lineage) and (u.level in ('楼', '门') or u.id = home.id)
        where i.no = o.issue_no) as place,
    coalesce(p.openid, heir.openid) as openid,
    coalesce(heir.unfollowed_at, p.unfollowed_at) as unfollowed_at
from people p
left join people heir on p.openid is null and heir.id = p.merged_into
cross join lateral (
    select * from outbox
    where person_id = p.id and {_PENDING} and lease_until is null
    order by id limit %(of_one)s for update skip locked
) o
left join issues i on i.no = o.issue_no
left join people hp on hp.id = i.holder_id
where p.id = any(%(people)s)
order by o.person_id, o.id
"""
_LEASE_PEOPLE = "update people set sending_until = %(until)s where id = any(%(people)s)"
_LEASE_ROWS = """
update outbox set lease_until = %(until)s, attempts = attempts + 1 where id = any(%(ids)s)
"""
# Whoever speaks at this moment is locked and passed over: there is a next time before it ends.
_RENEW_PEOPLE = """
with mine as (
    select p.id from people p
    join unnest(%(person)s::bigint[], %(lease)s::timestamptz[]) v(id, lease)
        on p.id = v.id and p.sending_until = v.lease
    order by p.id for no key update of p skip locked
)
update people p set sending_until = %(until)s from mine where p.id = mine.id returning p.id
"""
_RENEW_ROWS = """
update outbox o set lease_until = %(until)s
from unnest(%(id)s::bigint[], %(attempts)s::integer[]) v(id, attempts)
where o.id = v.id and o.attempts = v.attempts and o.state = 'pending'
    and o.lease_until is not null
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One notice in hand; `attempts` counts this attempt. `place`: where its issue is.

    `reference`: what the platform called it when it was pushed before, and failed to arrive.
    """

    id: int
    key: str
    text: str
    kind: str
    role: str
    issue_no: int | None
    attempts: int
    made_at: datetime
    place: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes to one person in one push, and what is known of them.

    `openid` None: they do not follow any more.
    """

    person_id: int
    openid: str | None
    rows: tuple[Row, ...]
    claimed_at: datetime
    lease: Lease
    known: Known = field(default_factory=Known)


def expire(connection: psycopg.Connection[DictRow], now: datetime) -> int:
    """Rows of senders that died become `unknown`; how many."""
    row = connection.execute(_EXPIRE, {"now": now}).fetchone()
    return int(row["number"]) if row else 0


def claim(
    connection: psycopg.Connection[DictRow],
    now: datetime,
    lasts: timedelta,
    fitting: Fitting,
    most: int,
    word: Word,
) -> list[Bundle]:
    """Take up to `most` people who are due a push, longest waiting first; commit before sending.

    `fitting` says how many of a person's texts, from the first on, one push holds: 1 or more,
    by what is known of them. What is no longer theirs to know is withdrawn, and so is what is
    over; what waited is said anew by `word`.
    """
    values = {"now": now, "looked_at": _LOOKED_AT * most, "most": most}
    with connection.pipeline():
        connection.execute(_IN_ORDER)
        waiting = connection.execute(_PEOPLE, values)
    people = [row["id"] for row in waiting]
    if not people:
        return []
    with connection.pipeline():
        connection.execute(_WITHDRAW, {"people": people, "now": now})
        found = connection.execute(_ROWS, {"people": people, "of_one": _OF_ONE})
        asked = allowances.ask(connection, people, now)
    rows, known = brought_up(connection, found.fetchall(), now, word), asked.by_person()
    lease = leases.lease(connection, lasts)
    bundles = [
        _bundle(list(group), now, replace(lease), fitting, known[person])
        for person, group in groupby(rows, key=lambda row: row["person_id"])
    ]
    until = {"until": lease.until}
    with connection.pipeline():
        connection.execute(_LEASE_PEOPLE, until | {"people": [one.person_id for one in bundles]})
        ids = [row.id for one in bundles for row in one.rows]
        connection.execute(_LEASE_ROWS, until | {"ids": ids})
    return bundles


def renew(
    connection: psycopg.Connection[DictRow], bundles: Sequence[Bundle], lasts: timedelta
) -> tuple[list[Bundle], Lease]:
    """Those of them that are still their sender's, with their rows, and their new lease, which
    the caller moves theirs on to, once this is committed."""
    lease = leases.lease(connection, lasts)
    until = {"until": lease.until}
    people = {
        "person": [one.person_id for one in bundles],
        "lease": [one.lease.until for one in bundles],
    }
    kept = {row["id"] for row in connection.execute(_RENEW_PEOPLE, people | until)}
    renewed = [one for one in bundles if one.person_id in kept]
    rows = [row for one in renewed for row in one.rows]
    values = {"id": [row.id for row in rows], "attempts": [row.attempts for row in rows]}
    connection.execute(_RENEW_ROWS, values | until)
    return renewed, lease


def _bundle(
    found: list[DictRow],
    now: datetime,
    lease: Lease,
    fitting: Fitting,
    known: Known,
) -> Bundle:
    first = found[0]
    fit = found[: max(1, fitting([row["text"] for row in found], known))]
    rows = tuple(_row(row) for row in fit)
    openid = None if first["unfollowed_at"] else first["openid"]
    return Bundle(first["person_id"], openid, rows, now, lease, known)


def _row(row: DictRow) -> Row:
    return Row(
        id=row["id"],
        key=row["key"],
        text=row["text"],
        kind=row["kind"],
        role=row["role"],
        issue_no=row["issue_no"],
        attempts=row["attempts"] + 1,
        made_at=row["made_at"],
        place=row["place"],
        reference=row["reference"],
    )
