"""Counts what the database holds against the promises (contract section 6); for `doctor`.

Knows which rows would break a promise or show that one is in danger. Does not know what to do
about it, and writes nothing. Not seen from here: whether a due time lay inside its tier's hours
(the hours may have been edited since) and who was told what of whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

GUARDS: Final = {
    "pk_inbox": "what WeChat repeats is kept once",
    "uq_outbox_key": "a notice is made once",
    "ck_issues_due_while_open": "an open issue has a due time",
    "uq_assignments_current": "a household has one liaison",
    "history_append_only": "history is never changed",
}

_LATELY: Final = timedelta(days=7)
_LATE: Final = text(
    """
    select no from issues
    where state in ('waiting', 'in_hand', 'resolved') and due_at < :before order by due_at
    """
)
_WITHOUT_HOLDER: Final = text(
    """
    select no from issues left join people on people.id = issues.holder_id
    where state in ('waiting', 'in_hand', 'resolved')
    and (people.id is null or people.merged_into is not null)
    order by no
    """
)
_HOLDER_LEFT: Final = text(
    """
    select no from issues
    where state in ('waiting', 'in_hand')
    and not exists (
        select from liaisons where person_id = issues.holder_id and retired_at is null
    )
    and not exists (
        select from staff where person_id = issues.holder_id and retired_at is null
    )
    order by no
    """
)
_TIER_GONE: Final = text(
    """
    select no from issues
    where state in ('waiting', 'in_hand', 'resolved') and tier <> all(cast(:tiers as text[]))
    order by no
    """
)
# A tier never falls and each step is taken once, so none is reached twice.
_STEPPED_TWICE: Final = text(
    """
    select distinct issue_no from history
    where kind = 'escalated' group by issue_no, tier having count(*) > 1 order by issue_no
    """
)
_NOTICES: Final = text(
    """
    select count(*) filter (where state = 'stuck') as stuck,
        count(*) filter (where state = 'unknown') as unknown,
        count(*) filter (
            where state = 'pending' and made_at < :before and (next_at < :before or attempts > 0)
        ) as waiting
    from outbox where state <> 'sent'
    """
)
_INBOX: Final = text("select count(*) from inbox where state = 'stuck'")
_PIECES: Final = text(
    """
    select count(*) from media where state = 'failed' and received_at > :lately
    """
)
_BEAT: Final = text("select at from beats where name = 'clock'")
_GUARDS: Final = text(
    """
    select conname from pg_constraint where conname = any(cast(:names as text[]))
    union
    select indexname from pg_indexes where indexname = any(cast(:names as text[]))
    union
    select tgname from pg_trigger
    where tgname = any(cast(:names as text[])) and tgenabled <> 'D'
    """
)


@dataclass(frozen=True)
class Findings:
    """Issues by number; counts of rows; `beat_at` None where no clock was ever here."""

    late: tuple[int, ...]
    without_holder: tuple[int, ...]
    holder_left: tuple[int, ...]
    tier_gone: tuple[int, ...]
    stepped_twice: tuple[int, ...]
    missing_guards: tuple[str, ...]
    stuck: int
    unknown: int
    waiting: int
    stuck_inbox: int
    lost_pieces: int
    beat_at: datetime | None


def look(
    connection: Connection,
    now: datetime,
    tick: timedelta,
    tiers: Sequence[str],
    patience: timedelta,
) -> Findings:
    """What is there now. Late is more than two ticks past due, waiting longer than `patience`."""
    notices = connection.execute(_NOTICES, {"before": now - patience}).one()
    guards = set(connection.execute(_GUARDS, {"names": list(GUARDS)}).scalars())
    return Findings(
        late=_numbers(connection, _LATE, before=now - 2 * tick),
        without_holder=_numbers(connection, _WITHOUT_HOLDER),
        holder_left=_numbers(connection, _HOLDER_LEFT),
        tier_gone=_numbers(connection, _TIER_GONE, tiers=list(tiers)),
        stepped_twice=_numbers(connection, _STEPPED_TWICE),
        missing_guards=tuple(name for name in GUARDS if name not in guards),
        stuck=notices.stuck,
        unknown=notices.unknown,
        waiting=notices.waiting,
        lost_pieces=connection.execute(_PIECES, {"lately": now - _LATELY}).scalar_one(),
        stuck_inbox=connection.execute(_INBOX).scalar_one(),
        beat_at=connection.execute(_BEAT).scalar_one_or_none(),
    )


def _numbers(connection: Connection, query: TextClause, **values: Any) -> tuple[int, ...]:
    return tuple(connection.execute(query, values).scalars())
