"""Escalate: what time has decided → rows, in batches; also reminders and requests that waited.

Each batch is one transaction over locked rows: a job run twice, or two clocks, find nothing left.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from bot.bootstrap import Bot
from bot.core import escalation, evening
from bot.core.decision import Decision
from bot.core.quiet import rested
from bot.core.standing import Terms
from bot.desk import arrange, mornings
from bot.desk.nudge import nudge
from bot.store import changes, overdue
from bot.store.changes import Source
from bot.store.engine import Stale, Unavailable, transaction

log = structlog.get_logger()

_BATCH = 100


class _Numbered(Protocol):
    @property
    def no(self) -> int: ...


_Row = TypeVar("_Row", bound=_Numbered)
_Take = Callable[[Connection[DictRow], list[int], int], Sequence[_Row]]


def escalate(bot: Bot, tier: str | None = None, *, most: int = 10_000) -> int:
    """One step for every issue whose time ran out, of one tier or of all. How many stepped."""
    return _drain(
        bot,
        lambda connection, but, most: overdue.due(connection, bot.now(), tier, but, most),
        escalation.time_ran_out,
        lambda issue: f"due:{issue.no}:{issue.version}",
        most,
    )


def remind(bot: Bot, *, most: int = 10_000) -> int:
    """What is only said, by the hour: reminders of missing verdicts, what was not done on the day
    it came; joining requests that go on to the next tier; leaves that are over; the morning's
    digests."""
    reminded = _drain(
        bot,
        lambda connection, but, most: overdue.to_remind(connection, bot.now(), but, most),
        escalation.remind,
        lambda issue: f"remind:{issue.no}:{issue.version}",
        most,
    )
    passed = _drain(
        bot,
        lambda connection, but, most: overdue.unanswered_requests(connection, bot.now(), but, most),
        lambda request, terms: escalation.join_waited(request, request.place, terms),
        lambda request: f"join:{request.no}:{bot.now().isoformat()}",
        most,
    )
    asked = _drain(
        bot,
        lambda connection, but, most: overdue.day_over(connection, bot.now(), but, most),
        evening.day_is_over,
        lambda issue: f"day:{issue.no}:{issue.version}",
        most,
    )
    return reminded + passed + asked + _bring_back(bot) + mornings.greet(bot)


def _bring_back(bot: Bot) -> int:
    """Those whose leave has ended by itself."""
    with transaction(bot.engine) as connection:
        back = arrange.bring_back(bot, connection)
    if back:
        nudge(bot, "deliver")
    return back


def _urgent(row: _Numbered) -> tuple[int, ...]:
    return (row.no,) if getattr(row, "urgent", False) else ()


def _drain(
    bot: Bot,
    take: "_Take[_Row]",
    rule: Callable[[_Row, Terms], Decision],
    key: Callable[[_Row], str],
    most: int,
) -> int:
    """Batch after batch until nothing is due.

    Where a batch cannot be written, it goes on with a single row and twice as many each time; a
    row that cannot be written alone is left for the next time, and holds up nobody else.
    """
    done, size, failed = 0, _BATCH, list[int]()
    while done < most:
        size = min(size, most - done)
        rows: Sequence[_Row] = ()
        try:
            with transaction(bot.engine) as connection:
                rows = take(connection, failed, size)
                terms = Terms(bot.ladder, bot.calendars.current(connection), bot.now())
                decided = [
                    (rested(rule(row, terms), terms, _urgent(row)), Source(key(row), terms.now))
                    for row in rows
                ]
                changes.write_all(connection, decided, bot.wording.say)
        except (Unavailable, Stale):
            raise
        except Exception as error:
            if not rows:
                raise
            failed += _left([row.no for row in rows], error)
            size = 1
            continue
        done += len(rows)
        if any(decision.tells for decision, _ in decided):
            nudge(bot, "deliver")
        if len(rows) < size:
            break
        size = min(2 * size, _BATCH)
    return done


def _left(numbers: list[int], error: Exception) -> list[int]:
    """Of a batch that could not be written, what is left for the next time: one that was alone."""
    if len(numbers) > 1:
        log.warning("batch_failed", why=type(error).__name__, rows=len(numbers))
        return []
    log.error("step_failed", no=numbers[0], exc_info=error)
    return numbers
