"""What the State Council announces of a year: days off and make-up days (调休) → a Calendar.

Knows that a year's notice may also speak of the days just before and after that year. Must not
know where notices come from or are kept, or today's date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.core.workdays import Calendar


@dataclass(frozen=True, slots=True, order=True)
class Announced:
    """One day out of the ordinary: `off`, or worked although it is a weekend."""

    day: date
    off: bool
    name: str


@dataclass(frozen=True, slots=True)
class Year:
    """One year's notice; `days` in their order, each once."""

    year: int
    days: tuple[Announced, ...]

    @property
    def off(self) -> int:
        return sum(one.off for one in self.days)

    @property
    def worked(self) -> int:
        return len(self.days) - self.off


def calendar_of(years: Iterable[Year]) -> Calendar:
    """The calendar of these notices. Where two speak of a day, the later year's holds.

    The horizon is the end of the first unbroken run of years: beyond a gap nothing counts.
    """
    in_order = sorted(years, key=lambda one: one.year)
    days = {one.day: one.off for notice in in_order for one in notice.days}
    return Calendar(
        holidays=frozenset(day for day, off in days.items() if off),
        makeup=frozenset(day for day, off in days.items() if not off),
        horizon=_horizon([one.year for one in in_order]),
    )


def first_change(before: Calendar, after: Calendar) -> date | None:
    """The first day that is worked by one calendar and not by the other; None: there is none."""
    named = before.holidays | before.makeup | after.holidays | after.makeup
    return min(
        (day for day in named if before.is_workday(day) != after.is_workday(day)), default=None
    )


def _horizon(years: list[int]) -> date | None:
    if not years:
        return None
    last = years[0]
    while last + 1 in years:
        last += 1
    return date(last, 12, 31)
