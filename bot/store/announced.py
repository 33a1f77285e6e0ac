"""China's holidays and make-up days as the package `chinesecalendar` has collected them.

Knows the package. Must not know today's date or how time is counted. The table `calendar_days`
begins with these; what an operator loads goes before them.
"""

from functools import cache
from itertools import groupby

import chinese_calendar

from bot.core.holidays import Announced, Year, calendar_of
from bot.core.workdays import Calendar


def known_years() -> tuple[Year, ...]:
    """Every year of the package, from the State Council's yearly notices.

    Its table is whole years: a year is in it entirely or not at all.
    """
    days = sorted(
        Announced(day, off, chinese_calendar.Holiday(name).chinese)
        for named, off in ((chinese_calendar.holidays, True), (chinese_calendar.workdays, False))
        for day, name in named.items()
    )
    years = groupby(days, key=lambda one: one.day.year)
    return tuple(Year(year, tuple(of_year)) for year, of_year in years)


@cache
def seeded_calendar() -> Calendar:
    """The calendar of those years, for as long as nothing was read from the database."""
    return calendar_of(known_years())
