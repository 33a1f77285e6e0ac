"""Working time under any calendar: held to a second reckoning that walks minute by minute.

The walk knows the contract's section 7 and nothing of `bot.core.workdays` but its types.
"""

import os
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.workdays import (
    CHINA,
    Calendar,
    Days,
    Duration,
    Estimated,
    Span,
    WallClock,
    WorkingClock,
    due,
    is_open,
    restated,
    waited,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FIRST = date(2026, 12, 21)  # a Monday; the last ten days of what is known, and what follows
HORIZON = date(2026, 12, 31)
OFFICE = WorkingClock(Days.WORKDAYS, (Span.parse("08:30-12:00"), Span.parse("13:30-17:30")))
DAYTIME = WorkingClock(Days.ALL, (Span.parse("08:00-20:00"),))

near = st.integers(0, 30).map(lambda on: FIRST + timedelta(days=on))
starts = st.builds(
    lambda day, minute: datetime.combine(day, time(), CHINA) + minute * MINUTE,
    near,
    st.integers(0, 24 * 60 - 1),
)
calendars = st.builds(
    lambda named, horizon: Calendar(
        holidays=frozenset(day for day, off in named.items() if off),
        makeup=frozenset(day for day, off in named.items() if not off),
        horizon=horizon,
    ),
    st.dictionaries(near, st.booleans(), max_size=12),
    st.none() | st.just(HORIZON) | near,
)


@st.composite
def clocks(draw: st.DrawFn) -> WorkingClock:
    """One to three stretches on a half-hour grid, the last perhaps over midnight."""
    edges = sorted(draw(st.lists(st.integers(0, 47), min_size=2, max_size=6, unique=True)))
    edges = edges[: len(edges) // 2 * 2]
    if draw(st.booleans()):
        edges = [*edges[1:], edges[0]]
    written = [f"{edge // 2:02}:{edge % 2 * 30:02}" for edge in edges]
    hours = [f"{a}-{b}" for a, b in zip(written[::2], written[1::2], strict=True)]
    return WorkingClock(draw(st.sampled_from(Days)), tuple(Span.parse(text) for text in hours))


class Walk:
    """A clock's face and a calendar's page, read anew for every minute."""

    def __init__(self, clock: WorkingClock, calendar: Calendar) -> None:
        self.clock, self.calendar = clock, calendar

    def works(self, day: date) -> bool:
        if self.clock.days is Days.ALL:
            return True
        known = self.calendar.horizon is None or day <= self.calendar.horizon
        if known and day in self.calendar.holidays and day.weekday() < 5:
            return False
        if known and day in self.calendar.makeup and day.weekday() >= 5:
            return True
        return day.weekday() < 5

    def shift(self, moment: datetime, *, closing: bool) -> date | None:
        """The day whose hours `moment` lies in; `closing`: its closing moment is in them too."""
        for day in (moment.date(), moment.date() - DAY):
            since = moment - datetime.combine(day, time(), CHINA)
            inside = any(
                span.opens <= since < span.closes or (closing and since == span.closes)
                for span in self.clock.spans
            )
            if inside and self.works(day):
                return day
        return None

    def begun(self, moment: datetime) -> datetime:
        while self.shift(moment, closing=True) is None:
            moment += MINUTE
        return moment

    def after_minutes(self, start: datetime, wanted: int) -> datetime:
        moment = self.begun(start)
        while wanted:
            wanted -= self.shift(moment, closing=False) is not None
            moment += MINUTE
        return moment

    def after_days(self, start: datetime, wanted: int) -> datetime:
        moment = self.begun(start)
        day = self.shift(moment, closing=True)
        assert day is not None
        time_of_day = moment - datetime.combine(day, time(), CHINA)
        while wanted:
            day += DAY
            wanted -= self.works(day)
        return datetime.combine(day, time(), CHINA) + time_of_day


@settings(deadline=None, max_examples=150)
@given(starts, st.integers(1, 900), clocks(), calendars)
def test_hours_run_over_open_minutes_only(
    start: datetime, wanted: int, clock: WorkingClock, calendar: Calendar
) -> None:
    end = due(start, Duration(time=wanted * MINUTE), clock, calendar)
    assert end == Walk(clock, calendar).after_minutes(start, wanted)


@settings(deadline=None, max_examples=150)
@given(starts, st.integers(1, 20), clocks(), calendars)
def test_days_end_at_the_same_time_of_day_so_many_open_days_on(
    start: datetime, wanted: int, clock: WorkingClock, calendar: Calendar
) -> None:
    end = due(start, Duration(days=wanted), clock, calendar)
    assert end == Walk(clock, calendar).after_days(start, wanted)


waits = st.integers(1, 3000).map(lambda count: Duration(time=count * MINUTE)) | st.integers(
    1, 20
).map(lambda count: Duration(days=count))


@given(starts, waits, clocks(), calendars)
def test_no_wait_ends_outside_its_clock(
    start: datetime, wait: Duration, clock: WorkingClock, calendar: Calendar
) -> None:
    end = due(start, wait, clock, calendar)
    assert end > start
    assert is_open(end, clock, calendar)
    assert Walk(clock, calendar).shift(end.astimezone(CHINA), closing=True) is not None


@given(starts, waits, clocks(), calendars)
def test_a_wait_is_read_back_from_its_two_ends(
    start: datetime, wait: Duration, clock: WorkingClock, calendar: Calendar
) -> None:
    end = due(start, wait, clock, calendar)
    assert due(start, waited(start, end, clock, calendar), clock, calendar) == end


@given(starts, waits, clocks(), calendars, calendars)
def test_what_is_reckoned_again_is_never_earlier_and_inside_the_clock(
    start: datetime, wait: Duration, clock: WorkingClock, before: Calendar, after: Calendar
) -> None:
    promised = due(start, wait, clock, before)
    anew = restated(start, promised, clock, before, after)
    assert anew >= promised
    assert anew >= due(start, wait, clock, after) or clock.days is Days.ALL
    assert is_open(anew, clock, after)


@given(starts, waits, clocks(), calendars)
def test_where_no_day_changed_nothing_moves(
    start: datetime, wait: Duration, clock: WorkingClock, calendar: Calendar
) -> None:
    promised = due(start, wait, clock, calendar)
    assert restated(start, promised, clock, calendar, calendar) == promised


@given(starts, waits, clocks(), calendars)
def test_what_rests_on_days_nobody_announced_is_marked(
    start: datetime, wait: Duration, clock: WorkingClock, calendar: Calendar
) -> None:
    end = due(start, wait, clock, calendar)
    shift = Walk(clock, calendar).shift(end.astimezone(CHINA), closing=True)
    assert shift is not None
    beyond = calendar.horizon is not None and shift > calendar.horizon
    assert isinstance(end, Estimated) == (beyond and clock.days is Days.WORKDAYS)
    if isinstance(end, Estimated):
        assert end.after == calendar.horizon


KNOWN = Calendar(horizon=HORIZON)
# New Year 2027 as it might be announced: 1 to 3 January off, Sunday 10 January worked.
NEXT = Calendar(
    frozenset({date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)}),
    frozenset({date(2027, 1, 10)}),
    date(2027, 12, 31),
)


def china(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "wait", "promised", "anew"),
    [
        # 31 December, 1 January
        ("2026-12-31 10:00", "1d", "2027-01-01 10:00", "2027-01-04 10:00"),
        ("2026-12-31 17:00", "1h", "2027-01-01 09:00", "2027-01-04 09:00"),
        ("2026-12-31 17:30", "1d", "2027-01-01 17:30", "2027-01-04 17:30"),
        ("2026-12-31 18:00", "1d", "2027-01-04 08:30", "2027-01-05 08:30"),
        # begun on a day that turns out to be off: from the next opening
        ("2027-01-01 10:00", "1d", "2027-01-04 10:00", "2027-01-05 08:30"),
        ("2027-01-01 10:00", "2h", "2027-01-01 12:00", "2027-01-04 10:30"),
        ("2027-01-01 07:00", "2h", "2027-01-01 10:30", "2027-01-04 10:30"),
        # one day lost and one won: back to where it was, never before
        ("2026-12-30 10:00", "7d", "2027-01-08 10:00", "2027-01-10 10:00"),
        ("2027-01-05 10:00", "4d", "2027-01-11 10:00", "2027-01-11 10:00"),
        # due before anything changed
        ("2026-12-29 10:00", "1d", "2026-12-30 10:00", "2026-12-30 10:00"),
    ],
)
def test_the_year_is_announced(start: str, wait: str, promised: str, anew: str) -> None:
    began = china(start)
    end = due(began, Duration.parse(wait), OFFICE, KNOWN)
    assert end == china(promised)
    known = restated(began, end, OFFICE, KNOWN, NEXT)
    assert known == china(anew)
    assert not isinstance(known, Estimated)


def test_clocks_without_working_days_ask_no_calendar() -> None:
    for clock in (DAYTIME, WallClock()):
        end = due(china("2026-12-31 19:00"), Duration.parse("1d"), clock, KNOWN)
        assert not isinstance(end, Estimated)
        assert restated(china("2026-12-31 19:00"), end, clock, KNOWN, NEXT) == end


def test_what_lies_behind_is_only_brought_inside_the_clock() -> None:
    began = china("2026-12-31 10:00")
    assert restated(began, began, OFFICE, KNOWN, NEXT) == began
    closed = china("2027-01-01 10:00")
    assert restated(closed, closed, OFFICE, KNOWN, NEXT) == china("2027-01-04 08:30")


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
def test_the_zone_of_the_process_does_not_matter(zone: str) -> None:
    """Both nights of New York's year on which an hour is lost or comes twice."""
    program = """
from datetime import datetime
from bot.core.workdays import *
office = WorkingClock(Days.WORKDAYS, (Span.parse("08:30-12:00"), Span.parse("13:30-17:30")))
for text in ("2026-03-06T16:30+08:00", "2026-10-30T16:30+08:00"):
    start = datetime.fromisoformat(text)
    for wait in ("2h", "1d"):
        print(due(start, Duration.parse(wait), office, Calendar()).isoformat())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TZ": zone},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        "2026-03-09T01:30:00+00:00",
        "2026-03-09T08:30:00+00:00",
        "2026-11-02T01:30:00+00:00",
        "2026-11-02T08:30:00+00:00",
    ]
