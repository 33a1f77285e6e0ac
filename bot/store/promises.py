"""Counts what shows that a promise of contract section 6 is in danger; for `doctor`.

Knows which rows are late, stuck or in doubt. Does not know what to do about them, and writes
nothing. Whether a promise is broken is seen in `breaches`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

_LATELY: Final = timedelta(days=7)
_LATE: Final = text(
    """
    select no from issues
    where state in ('waiting', 'in_hand', 'resolved') and due_at < :before order by due_at
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
_NOTICES: Final = text(
    """
    select count(*) filter (where state = 'stuck') as stuck,
        count(*) filter (where state = 'unknown') as unknown,
        count(*) filter (
            where state = 'pending' and made_at < :before
                and (coalesce(next_at, made_at) < :before or attempts > 0)
        ) as waiting
    from outbox where state <> 'sent'
    """
)
_INBOX: Final = text(
    """
    select count(*) filter (where state = 'stuck') as stuck,
        count(*) filter (where state = 'waiting' and received_at < :before) as waiting
    from inbox where state in ('stuck', 'waiting')
    """
)
_PIECES: Final = text(
    """
    select count(*) from media where state = 'failed' and received_at > :lately
    """
)
_BEAT: Final = text("select at from beats where name = 'clock'")
_NOW: Final = text("select clock_timestamp()")


@dataclass(frozen=True)
class Findings:
    """Issues by number; counts of rows; `beat_at` None where no clock was ever here.

    `database_at`: what PostgreSQL's clock says, by which beats are noted."""

    late: tuple[int, ...]
    holder_left: tuple[int, ...]
    tier_gone: tuple[int, ...]
    stuck: int
    unknown: int
    waiting: int
    stuck_inbox: int
    waiting_inbox: int
    lost_pieces: int
    beat_at: datetime | None
    database_at: datetime


def look(
    connection: Connection,
    now: datetime,
    tick: timedelta,
    tiers: Sequence[str],
    patience: timedelta,
) -> Findings:
    """What is there now. Late is more than two ticks past due, waiting longer than `patience`."""
    notices = connection.execute(_NOTICES, {"before": now - patience}).one()
    acts = connection.execute(_INBOX, {"before": now - patience}).one()
    return Findings(
        late=_numbers(connection, _LATE, before=now - 2 * tick),
        holder_left=_numbers(connection, _HOLDER_LEFT),
        tier_gone=_numbers(connection, _TIER_GONE, tiers=list(tiers)),
        stuck=notices.stuck,
        unknown=notices.unknown,
        waiting=notices.waiting,
        lost_pieces=connection.execute(_PIECES, {"lately": now - _LATELY}).scalar_one(),
        stuck_inbox=acts.stuck,
        waiting_inbox=acts.waiting,
        beat_at=connection.execute(_BEAT).scalar_one_or_none(),
        database_at=connection.execute(_NOW).scalar_one(),
    )


def _numbers(connection: Connection, query: TextClause, **values: Any) -> tuple[int, ...]:
    return tuple(connection.execute(query, values).scalars())
