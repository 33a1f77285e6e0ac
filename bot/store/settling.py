"""What became of notices that were handed over → rows, and whose issues go on because of it.

The verdict is the core's. Locks people, then outbox, then issues, each in order. Does not know
how anything is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.delivery import OURS, About, Delivery, Try, Verdict, verdict
from bot.core.outcome import Refused
from bot.store import consents, endings
from bot.store.claims import Bundle, Row
from bot.store.consents import Spent


@dataclass(frozen=True, slots=True)
class Handed:
    """A bundle with what came of it; no tries: it was not handed to anybody."""

    bundle: Bundle
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """`tiers`: where issues now step up at once; `faults`: why our settings were refused."""

    rows: int
    stuck: int
    tiers: frozenset[str]
    faults: frozenset[str]


_LOCK_PEOPLE = """
select id, last_said_at, unreachable_since from people where id = any(%(people)s)
order by id for no key update
"""
_FREE_PEOPLE = """
update people p set
    sending_until = case when p.sending_until = v.lease then null else p.sending_until end,
    unreachable_since =
        case when v.gone then coalesce(p.unreachable_since, %(now)s) else p.unreachable_since end
from unnest(%(id)s::bigint[], %(lease)s::timestamptz[], %(gone)s::boolean[]) v(id, lease, gone)
where p.id = v.id
"""
# A sender that was only slow corrects what was put down as unknown; what went out otherwise
# meanwhile, or was handed to another attempt, stays.
_SETTLE_ROWS = """
update outbox o set state = v.state, channel = v.channel, next_at = v.next_at, why = v.why,
    lease_until = null, settled_at = case when v.state <> 'pending' then %(now)s end,
    unread = v.unread, reference = coalesce(v.reference, o.reference), text = v.text,
    facts = case when v.state <> 'sent' or v.unread then o.facts end
from unnest(%(id)s::bigint[], %(attempts)s::integer[], %(state)s::text[], %(channel)s::text[],
    %(next_at)s::timestamptz[], %(why)s::text[], %(unread)s::boolean[], %(reference)s::text[],
    %(text)s::text[]) v(id, attempts, state, channel, next_at, why, unread, reference, text)
where o.id = v.id and o.attempts = v.attempts and o.state in ('pending', 'unknown')
"""
_NOTE_SENDS = """
insert into sends (person_id, at, channel, outcome, code, about, messages)
select * from unnest(%(person_id)s::bigint[], %(at)s::timestamptz[], %(channel)s::text[],
    %(outcome)s::text[], %(code)s::integer[], %(about)s::text[], %(messages)s::integer[])
"""
# Who holds an issue and was not told of it: it goes on at the next look. Where nothing reaches them
# any more, so does all they hold, whatever was refused; where only these words were, only what they
# are on.
_STEP_UP = """
with refused as (
    select * from unnest(%(no)s::bigint[], %(person_id)s::bigint[]) r(no, person_id)
), theirs as (
    select i.no, i.holder_id from refused r
    join issues i on i.no = r.no and i.holder_id = r.person_id
    union
    select no, holder_id from issues
    where holder_id = any(%(gone)s::bigint[]) and state in ('waiting', 'in_hand')
), late as (
    select i.no from theirs t join issues i on i.no = t.no and i.holder_id = t.holder_id
    where i.state in ('waiting', 'in_hand') and i.due_at > %(now)s
    order by i.no for no key update of i
)
update issues i set due_at = %(now)s, version = version + 1
from late where i.no = late.no returning i.tier
"""
# At the top an issue is told again and again: refused words would make that a wheel.
_TOLD_AT_TOP = "told_again"
# The rest of a long reply: who asked for more than may be pushed is there all the same.
_REST = "rest"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A bundle with what its rows become."""

    handed: Handed
    verdict: Verdict

    @property
    def is_stuck(self) -> bool:
        return self.verdict.state is Delivery.STUCK

    @property
    def gone(self) -> bool:
        """Whether no channel reaches the person."""
        asked_for = all(row.kind == _REST for row in self.handed.bundle.rows)
        return self.is_stuck and self.verdict.refused is About.PERSON and not asked_for

    def refused_rows(self) -> Iterator[Row]:
        """Notices to somebody who serves, about an issue that must not wait for them."""
        if not self.is_stuck:
            return
        for row in self.handed.bundle.rows:
            serves = row.role in ("liaison", "staff") and row.issue_no is not None
            if serves and (self.gone or row.kind != _TOLD_AT_TOP):
                yield row


def settle(
    connection: psycopg.Connection[DictRow], handed: Sequence[Handed], now: datetime
) -> Settled:
    """Put down what became of bundles, in this transaction."""
    people = sorted({one.bundle.person_id for one in handed})
    locked = connection.execute(_LOCK_PEOPLE, {"people": people}).fetchall()
    said = {row["id"]: row["last_said_at"] for row in locked}
    judged = [_judge(one, said.get(one.bundle.person_id), now) for one in handed]
    with connection.pipeline():
        connection.execute(_FREE_PEOPLE, _columns(_leases(judged), _LEASES) | {"now": now})
        settled = connection.execute(_SETTLE_ROWS, _columns(_rows(judged), _ROW) | {"now": now})
        connection.execute(_NOTE_SENDS, _columns(_sends(judged), _SEND))
        consents.spend(connection, tuple(_spent(judged)), now)
        refused = _columns(_refusals(judged), _REFUSAL) | {"gone": _newly_gone(judged, locked)}
        moves = refused["no"] or refused["gone"]
        stepped = connection.execute(_STEP_UP, refused | {"now": now}) if moves else None
    announced = [one for one in judged if one.verdict.unread]
    references = [one.verdict.reference for one in announced if one.verdict.reference]
    nameless = [one.handed.bundle.person_id for one in announced if one.handed.tries[-1].consent]
    endings.catch_up(connection, references, nameless, now)
    return Settled(
        rows=settled.rowcount,
        stuck=sum(len(one.handed.bundle.rows) for one in judged if one.is_stuck),
        tiers=frozenset(row["tier"] for row in stepped or ()),
        faults=frozenset(_faults(handed)),
    )


def _judge(handed: Handed, said_at: datetime | None, now: datetime) -> _Judged:
    bundle = handed.bundle
    attempts = max(row.attempts for row in bundle.rows)
    found = verdict(handed.tries, attempts, now, bundle.known.doubted)
    if found.refused is About.PERSON and said_at and bundle.claimed_at < said_at <= now:
        # They wrote while we were refused: the window is open again. (What a clock that was ahead
        # noted for later was said before: it would turn every refusal into another try.)
        found = Verdict(Delivery.PENDING, next_at=now, why=found.why)
    return _Judged(handed, found)


_LEASES = ("id", "lease", "gone")
_ROW = ("id", "attempts", "state", "channel", "next_at", "why", "unread", "reference", "text")
_SEND = ("person_id", "at", "channel", "outcome", "code", "about", "messages")
_REFUSAL = ("no", "person_id")


def _leases(judged: Sequence[_Judged]) -> Iterator[tuple[Any, ...]]:
    """One a person, though a bundle may have been taken apart."""
    gone = {one.handed.bundle.person_id for one in judged if one.gone}
    leases = {one.handed.bundle.person_id: one.handed.bundle.lease.until for one in judged}
    for person_id, lease in leases.items():
        yield person_id, lease, person_id in gone


def _rows(judged: Sequence[_Judged]) -> Iterator[tuple[Any, ...]]:
    for one in judged:
        became = one.verdict
        for row in one.handed.bundle.rows:
            state = str(became.state)
            ending = (became.unread, became.reference, row.text)
            yield row.id, row.attempts, state, became.channel, became.next_at, became.why, *ending


def _sends(judged: Sequence[_Judged]) -> Iterator[tuple[Any, ...]]:
    """Each is dated before its call, so that whoever acts on seeing a push, before it is put
    down here, has it behind them; and whoever acts during a refusal has that behind them."""
    for one in judged:
        person_id = one.handed.bundle.person_id
        for attempt in one.handed.tries:
            if attempt.channel is None or not attempt.asked:
                continue
            at = attempt.at or one.handed.bundle.claimed_at
            kind = type(attempt.outcome).__name__.lower()
            refused = attempt.outcome if isinstance(attempt.outcome, Refused) else None
            why = (refused.code, refused.about) if refused else (None, None)
            yield person_id, at, attempt.channel, kind, *why, attempt.gone


def _spent(judged: Sequence[_Judged]) -> Iterator[Spent]:
    for one in judged:
        for attempt in one.handed.tries:
            if attempt.consent:
                yield Spent(one.handed.bundle.person_id, attempt)


def _faults(handed: Sequence[Handed]) -> Iterator[str]:
    for one in handed:
        for attempt in one.tries:
            outcome = attempt.outcome
            if isinstance(outcome, Refused) and outcome.about in OURS:
                yield f"{attempt.channel}: {outcome.why}"


def _refusals(judged: Sequence[_Judged]) -> Iterator[tuple[Any, ...]]:
    for one in judged:
        for row in one.refused_rows():
            yield row.issue_no, one.handed.bundle.person_id


def _newly_gone(judged: Sequence[_Judged], before: Sequence[DictRow]) -> list[int]:
    """Whom nothing reaches as of now. What somebody holds of whom that was known stays, where it
    stayed for want of others."""
    known = {row["id"] for row in before if row["unreachable_since"] is not None}
    return sorted({one.handed.bundle.person_id for one in judged if one.gone} - known)


def _columns(rows: Iterator[tuple[Any, ...]], names: tuple[str, ...]) -> dict[str, list[Any]]:
    """Rows → one array a column, as unnest takes them."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for row in rows:
        for name, value in zip(names, row, strict=True):
            columns[name].append(value)
    return columns
