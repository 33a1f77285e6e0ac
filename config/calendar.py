"""The calendar to start from: China's holidays and make-up days as the package knows them.

Knows the package `chinesecalendar`. Must not know today's date or how time is counted.
"""

from datetime import date

import chinese_calendar

from bot.core.workdays import Calendar


def seeded_calendar() -> Calendar:
    """Every holiday and make-up day (调休) known, up to 31 December of the last year announced.

    Source: the State Council's yearly notices, as collected by `chinesecalendar`, whose table is
    whole years: a year is in it entirely or not at all.
    """
    return Calendar(
        holidays=frozenset(chinese_calendar.holidays),
        makeup=frozenset(chinese_calendar.workdays),
        horizon=date(max(chinese_calendar.holidays).year, 12, 31),
    )
