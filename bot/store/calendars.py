"""The working calendar in the database: notices by year, and the mark of their last change.

`Held` is what a process read last; it is read again when the mark, which the message path and the
clock read along with everything else, is another. Does not know how time is counted.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from bot.core.holidays import Announced, Year, calendar_of
from bot.core.workdays import Calendar
from bot.store.announced import known_years, seeded_calendar

_MARK = "select max(at) as at from beats where name = 'calendar'"
# Later than before, whatever the clock says: another mark is how a change is noticed.
_CHANGED = """
insert into beats (name, at) values ('calendar', %(now)s)
on conflict (name) do update
    set at = greatest(excluded.at, beats.at + interval '1 microsecond')
"""
_YEARS = "select year from calendar_years order by year"
_DAYS = "select year, day, off, name from calendar_days order by year, day"
_ADD_YEAR = """
insert into calendar_years (year, loaded_at) values (%(year)s, %(now)s) on conflict do nothing
"""
_SET_YEAR = """
insert into calendar_years (year, loaded_at) values (%(year)s, %(now)s)
on conflict (year) do update set loaded_at = excluded.loaded_at
"""
_CLEAR = "delete from calendar_days where year = %(year)s"
_ADD_DAY = """
insert into calendar_days (year, day, off, name) values (%(year)s, %(day)s, %(off)s, %(name)s)
"""


class Held:
    """The calendar that this process read last; before the first time, the package's."""

    def __init__(self) -> None:
        self._mark: datetime | None = None
        self._calendar = seeded_calendar()

    @property
    def calendar(self) -> Calendar:
        return self._calendar

    def marked(self, connection: psycopg.Connection[DictRow], mark: datetime | None) -> Calendar:
        """The calendar, read again where `mark` is not the one it had."""
        if mark != self._mark:
            # The mark is older than the days or as old: at worst they are read once more.
            self._calendar = calendar_of(years(connection))
            self._mark = mark
        return self._calendar

    def current(self, connection: psycopg.Connection[DictRow]) -> Calendar:
        """The same where nobody has read the mark yet: one small statement."""
        row = connection.execute(_MARK).fetchone()
        return self.marked(connection, row["at"] if row else None)


def years(connection: psycopg.Connection[DictRow]) -> tuple[Year, ...]:
    """Every year that is known, in order."""
    with connection.pipeline():
        known = connection.execute(_YEARS)
        days = connection.execute(_DAYS)
    of_year: dict[int, list[Announced]] = {row["year"]: [] for row in known}
    for row in days:
        of_year[row["year"]].append(Announced(row["day"], row["off"], row["name"]))
    return tuple(Year(year, tuple(found)) for year, found in of_year.items())


def replace_years(
    connection: psycopg.Connection[DictRow], notices: Iterable[Year], now: datetime
) -> None:
    """Put these years in place of what was known of them. Two at once: one after the other."""
    connection.execute(_CHANGED, {"now": now})
    for notice in notices:
        connection.execute(_SET_YEAR, {"year": notice.year, "now": now})
        connection.execute(_CLEAR, {"year": notice.year})
        _add_days(connection, notice)


def seed(connection: psycopg.Connection[Any], now: datetime) -> None:
    """Add the years that the package knows and the database does not."""
    added = False
    for notice in known_years():
        if connection.execute(_ADD_YEAR, {"year": notice.year, "now": now}).rowcount:
            _add_days(connection, notice)
            added = True
    if added:
        connection.execute(_CHANGED, {"now": now})


def _add_days(connection: psycopg.Connection[Any], notice: Year) -> None:
    rows = [
        {"year": notice.year, "day": one.day, "off": one.off, "name": one.name}
        for one in notice.days
    ]
    connection.cursor().executemany(_ADD_DAY, rows)
