"""The working calendar: loading a year's notice, and putting right the due times that rest on it.

Due times that were estimated are reckoned again when their days become known, and never made
earlier. The one who loads does it at once; the clock does it too for what was in the writing
meanwhile, and for years that came with a new version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from bot.bootstrap import Bot
from bot.core.holidays import Year, calendar_of, first_change
from bot.core.ladder import Ladder
from bot.core.workdays import CHINA, Calendar, horizon_of, restated
from bot.store import calendars, estimates
from bot.store.engine import transaction
from bot.store.estimates import Resting

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a load: the years that are different now, and how many due times moved."""

    changed: tuple[int, ...]
    horizon: date | None
    moved: int


def load(bot: Bot, notices: Sequence[Year]) -> Loaded:
    """Put these years in place of what was known of them. Raises Unavailable and Stale."""
    with transaction(bot.engine) as connection:
        known = {one.year: one for one in calendars.years(connection)}
        changed = [one for one in notices if known.get(one.year) != one]
        if not changed:
            return Loaded((), calendar_of(known.values()).horizon, 0)
        calendars.replace_years(connection, changed, bot.now())
        after = calendar_of(calendars.years(connection))
        moved = _restate(bot, connection, calendar_of(known.values()), after)
    return Loaded(tuple(one.year for one in changed), after.horizon, moved)


def known(bot: Bot) -> tuple[Year, ...]:
    """Every year that is known, in order. Raises Unavailable."""
    with transaction(bot.engine) as connection:
        return calendars.years(connection)


def settle(bot: Bot) -> int:
    """Reckon again what was estimated and need not be any more; how many due times moved."""
    with transaction(bot.engine) as connection:
        calendar = bot.calendars.current(connection)
        return _restate(bot, connection, calendar, calendar)


def _restate(bot: Bot, connection: Connection[DictRow], before: Calendar, after: Calendar) -> int:
    changed = first_change(before, after)
    begins = datetime.combine(changed, time(), CHINA) if changed else None
    found = estimates.resting(connection, bot.now(), after.horizon, begins)
    anew = tuple(_anew(found, bot.ladder, before, after))
    estimates.restate(connection, anew)
    held = {row.no: row.due_at for row in found}
    moved = sum(row.due_at != held[row.no] for row in anew)
    if anew:
        log.info("due_times_restated", looked_at=len(found), moved=moved)
    return moved


def _anew(
    rows: Sequence[Resting], ladder: Ladder, before: Calendar, after: Calendar
) -> Iterator[Resting]:
    """Those that are not as they were."""
    for row in rows:
        new = _reckoned(row, ladder, before, after)
        if new != row:
            yield new


def _reckoned(row: Resting, ladder: Ladder, before: Calendar, after: Calendar) -> Resting:
    """The issue's moments by the days known now, from each wait's own beginning."""
    clock = ladder.at_or_above(row.tier, row.place).clock
    # The days as they were taken to be when the due time was given.
    taken = replace(before, horizon=row.estimated_after) if row.estimated_after else before

    def again(start: datetime, end: datetime) -> datetime:
        return restated(start, end, clock, taken, after)

    def handled(end: datetime) -> datetime:
        # A day that somebody named stays that day.
        return again(end if row.put_off else row.since, end)

    handle_by = handled(row.handle_by) if row.handle_by else None
    if row.unanswered_at and row.handle_by and row.due_at < row.handle_by:
        due_at = min(again(row.unanswered_at, row.due_at), handle_by or row.handle_by)
    else:
        due_at = handled(row.due_at)
    remind_at = again(row.since, row.remind_at) if row.remind_at else None
    estimated = horizon_of(due_at, handle_by)
    return replace(
        row, due_at=due_at, handle_by=handle_by, remind_at=remind_at, estimated_after=estimated
    )
