"""Counting working time: given hours, given days, given holidays → the moment a wait ends.

Knows opening hours, workdays, holidays and make-up days as it is handed them. Must not know
today's date, tiers, files or people.

Three choices, the same everywhere in this file:

- A closing moment still counts as open (12:00 sharp is inside 08:30-12:00), so two open hours from
  10:00 end at 12:00 and not after lunch.
- A span belongs to the day it opens on: Saturday 02:00 is Friday's night shift.
- Every moment handed in or out is aware; what comes out is UTC. China keeps one time, UTC+8,
  without daylight saving since 1991 (IANA tz database, Asia/Shanghai), so a fixed offset is exact
  and needs no tz data on the machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

_DAY: Final = timedelta(days=1)
_ZERO: Final = timedelta()
_LONGEST: Final = timedelta(days=3660)
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_SPAN = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Duration:
    """A wait: either whole `days` or `time` to be spent inside open hours; the other is zero."""

    days: int = 0
    time: timedelta = _ZERO

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `90s`, `15m`, `2h`, `0.5s` or `3d`; ValueError says what is wrong with it."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise ValueError(f'"{text}" is no duration; write for example 90s, 15m, 2h or 3d')
        number, unit = match.groups()
        if unit == "d":
            if "." in number:
                raise ValueError(f'"{text}": days are whole; write hours for a part of a day')
            wait = cls(days=int(number))
        else:
            wait = cls(time=timedelta(**{_UNITS[unit]: float(number)}))
        if not _ZERO < wait.plain <= _LONGEST:
            raise ValueError(f'"{text}": a wait is more than nothing and at most ten years')
        return wait

    @property
    def plain(self) -> timedelta:
        """The same wait on a wall clock, where a day is 24 hours."""
        return timedelta(days=self.days) + self.time


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are working days.

    `holidays` are days off, `makeup` weekend days worked instead (调休), both good up to and
    including `horizon`; after it Monday to Friday are working days. Without a horizon the two sets
    hold for ever.
    """

    holidays: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()
    horizon: date | None = None

    def is_workday(self, day: date) -> bool:
        weekday = day.weekday() < 5
        if self.horizon is not None and day > self.horizon:
            return weekday
        return day not in self.holidays if weekday else day in self.makeup


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One stretch of open hours, as time since its day's midnight; `closes` may pass 24:00."""

    opens: timedelta
    closes: timedelta

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `08:00-20:00`, `00:00-24:00` or, over midnight, `20:00-08:00`; else ValueError."""
        match = _SPAN.fullmatch(text)
        if match is None:
            raise ValueError(f'"{text}" is no stretch of hours; write for example 08:00-20:00')
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        opens = timedelta(hours=from_hour, minutes=from_minute)
        closes = timedelta(hours=to_hour, minutes=to_minute)
        if max(from_minute, to_minute) > 59 or opens >= _DAY or closes > _DAY:
            raise ValueError(f'"{text}": hours run from 00:00 to 24:00, minutes to 59')
        if opens == closes:
            raise ValueError(f'"{text}" is empty; write 00:00-24:00 for the whole day')
        return cls(opens, closes if closes > opens else closes + _DAY)

    @property
    def length(self) -> timedelta:
        return self.closes - self.opens

    def holds(self, time: timedelta) -> bool:
        return self.opens <= time <= self.closes


class Days(StrEnum):
    ALL = "all"
    WORKDAYS = "workdays"


@dataclass(frozen=True, slots=True)
class WallClock:
    """Always open; every duration is plain time."""


@dataclass(frozen=True)
class WorkingClock:
    """Open during `spans` (in order, not overlapping, also not round midnight) on `days`."""

    days: Days
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.spans:
            raise ValueError("a working clock needs hours; write for example 08:00-20:00")
        tomorrow = Span(self.spans[0].opens + _DAY, self.spans[0].closes + _DAY)
        for earlier, later in zip(self.spans, (*self.spans[1:], tomorrow), strict=True):
            if later.opens < earlier.closes:
                raise ValueError("the hours overlap or are out of order; earliest first, apart")

    @cached_property
    def daily(self) -> timedelta:
        """Open time of one open day."""
        return sum((span.length for span in self.spans), _ZERO)

    def is_open_on(self, day: date, calendar: Calendar) -> bool:
        return self.days is Days.ALL or calendar.is_workday(day)


Clock = WallClock | WorkingClock


class Estimated(datetime):
    """A moment that rests on days nobody has announced yet (暂估), Mondays to Fridays for now.

    `after`: the horizon of the calendar it was reckoned with. A moment in all else, so that no rule
    has to carry the mark; what is added to or taken from it keeps the mark and loses `after`.
    """

    after: date | None = None

    @classmethod
    def of(cls, moment: datetime, after: date) -> Self:
        """`moment`, aware, with the mark."""
        marked = cls.combine(moment.date(), moment.timetz())
        marked.after = after
        return marked


def marked_again(due_at: datetime | None, after: date | str | None) -> datetime | None:
    """A due time as it was kept, with its mark where it lies beyond the horizon `after`.

    It may since have been brought forward, because its holder left; then it is no estimate.
    """
    if due_at is None or after is None:
        return due_at
    after = date.fromisoformat(after) if isinstance(after, str) else after
    return Estimated.of(due_at, after) if due_at.astimezone(CHINA).date() > after else due_at


def horizon_of(*moments: datetime | None) -> date | None:
    """The earliest horizon beyond which any of these was estimated; None: none was."""
    marked = (one.after for one in moments if isinstance(one, Estimated))
    return min((after for after in marked if after), default=None)


def due(start: datetime, duration: Duration, clock: Clock, calendar: Calendar) -> datetime:
    """When a wait begun at `start` ends: aware UTC, always inside the clock's open hours.

    On a working clock a start outside open hours first moves to the next opening. Seconds, minutes
    and hours then run over open time only; n days end at the same time of day n open days on. What
    rests on working days beyond the calendar's horizon is `Estimated`.
    Source: contract §6 promise 6, §7.
    """
    if isinstance(clock, WallClock):
        return _utc(start) + duration.plain
    day, time = _place(_local(start), clock, calendar)
    if duration.days:
        return _marked(_open_days_on(day, duration.days, clock, calendar), time, clock, calendar)
    days, rest = divmod(_spent(time, clock) + duration.time, clock.daily)
    if not rest:  # ends with the day's last closing, not with the next opening
        days, rest = days - 1, clock.daily
    end = _open_days_on(day, days, clock, calendar)
    return _marked(end, _time_after(rest, clock), clock, calendar)


def waited(start: datetime, end: datetime, clock: WorkingClock, calendar: Calendar) -> Duration:
    """The wait from `start` to `end`, so that `due(start, waited(…))` is `end` again.

    Whole days where both stand at the same time of day, else open time; ValueError where `end`
    is not after `start` on this clock.
    """
    day, time = _place(_local(start), clock, calendar)
    last, ends = _place(_local(end), clock, calendar)
    between = (day + timedelta(days=on) for on in range(1, (last - day).days + 1))
    days = sum(clock.is_open_on(one, calendar) for one in between)
    if days and ends == time:
        return Duration(days=days)
    spent = days * clock.daily + _spent(ends, clock) - _spent(time, clock)
    if spent <= _ZERO:
        raise ValueError("a wait ends after it began")
    return Duration(time=spent)


def restated(
    start: datetime, end: datetime, clock: Clock, before: Calendar, now_known: Calendar
) -> datetime:
    """When a wait ends by the days known now that by those `before` ended at `end`.

    Inside the clock's open hours, and never earlier than `end`: what was promised is not shortened.
    Only working days are a matter of the calendar; other clocks keep what they have.
    """
    if isinstance(clock, WallClock) or clock.days is Days.ALL:
        return _utc(end)
    kept = next_opening(end, clock, now_known)
    try:
        wait = waited(start, end, clock, before)
    except ValueError:
        return kept
    return max(kept, due(start, wait, clock, now_known))


def is_open(moment: datetime, clock: Clock, calendar: Calendar) -> bool:
    """Whether `moment` lies inside open hours; a closing moment does."""
    return isinstance(clock, WallClock) or _inside(_local(moment), clock, calendar) is not None


def next_opening(moment: datetime, clock: Clock, calendar: Calendar) -> datetime:
    """`moment` itself where it is open, else the first opening after it; aware UTC.

    `Estimated` as in `due`.
    """
    if isinstance(clock, WallClock):
        return _utc(moment)
    return _marked(*_place(_local(moment), clock, calendar), clock, calendar)


def works_on(day: date, clock: Clock, calendar: Calendar) -> bool:
    """Whether `day`, one in China, is an open day of this clock; a wall clock has no other."""
    return isinstance(clock, WallClock) or clock.is_open_on(day, calendar)


def next_at(start: datetime, time: timedelta, clock: Clock, calendar: Calendar) -> datetime:
    """The first moment after `start` at this time of day (since midnight, in China) of an open
    day, whatever the hours; aware UTC."""
    day = _local(start)[0]
    while _moment(day, time) <= _utc(start) or not works_on(day, clock, calendar):
        day += _DAY
    return _moment(day, time)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


def _local(moment: datetime) -> tuple[date, timedelta]:
    """The day in China and the time since its midnight."""
    local = _utc(moment).astimezone(CHINA)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.date(), local - midnight


def _moment(day: date, time: timedelta) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    return (midnight + time).astimezone(UTC)


def _marked(day: date, time: timedelta, clock: WorkingClock, calendar: Calendar) -> datetime:
    """The moment, with its mark where it is unknown whether `day` will be worked."""
    moment = _moment(day, time)
    if clock.days is Days.ALL or calendar.horizon is None or day <= calendar.horizon:
        return moment
    return Estimated.of(moment, calendar.horizon)


def _inside(
    local: tuple[date, timedelta], clock: WorkingClock, calendar: Calendar
) -> tuple[date, timedelta] | None:
    """The open day a moment belongs to and the time since that day's midnight, if it is open.

    Today goes before yesterday: 00:00 sharp of a day open round the clock is its opening.
    """
    day, time = local
    if clock.is_open_on(day, calendar) and any(span.holds(time) for span in clock.spans):
        return local
    over = time + _DAY
    if clock.spans[-1].holds(over) and clock.is_open_on(day - _DAY, calendar):
        return day - _DAY, over
    return None


def _place(
    local: tuple[date, timedelta], clock: WorkingClock, calendar: Calendar
) -> tuple[date, timedelta]:
    """Where a moment stands on the clock, moved to the next opening where it is closed."""
    inside = _inside(local, clock, calendar)
    if inside is not None:
        return inside
    day, time = local
    if clock.is_open_on(day, calendar):
        for span in clock.spans:
            if span.opens > time:
                return day, span.opens
    return _open_days_on(day, 1, clock, calendar), clock.spans[0].opens


def _open_days_on(day: date, count: int, clock: WorkingClock, calendar: Calendar) -> date:
    """The `count`-th open day after `day`."""
    if clock.days is Days.ALL:
        return day + timedelta(days=count)
    while count:
        day += _DAY
        count -= calendar.is_workday(day)
    return day


def _spent(time: timedelta, clock: WorkingClock) -> timedelta:
    """The open time of a day that has passed at `time`."""
    return sum(
        (min(span.length, time - span.opens) for span in clock.spans if time > span.opens), _ZERO
    )


def _time_after(spent: timedelta, clock: WorkingClock) -> timedelta:
    """The time since midnight at which `spent` (more than none) open time of a day is used up."""
    for span in clock.spans:
        if spent <= span.length:
            return span.opens + spent
        spent -= span.length
    return clock.spans[-1].closes
