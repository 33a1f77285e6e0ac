"""Working time: tables of moments in China, and laws, one of them a slow count by the minute."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.workdays import (
    CHINA,
    Calendar,
    Clock,
    Days,
    Duration,
    Span,
    WallClock,
    WorkingClock,
    due,
    is_open,
    next_opening,
)
from bot.store.announced import seeded_calendar

CALENDAR = seeded_calendar()


def clock(days: str, *hours: str) -> WorkingClock:
    return WorkingClock(Days(days), tuple(Span.parse(text) for text in hours))


DAYTIME = clock("all", "08:00-20:00")
OFFICE = clock("workdays", "08:30-12:00", "13:30-17:30")
ROUND_THE_CLOCK = clock("all", "00:00-24:00")
WORKDAYS_ROUND_THE_CLOCK = clock("workdays", "00:00-24:00")
NIGHTS = clock("all", "20:00-08:00")
WORKDAY_NIGHTS = clock("workdays", "20:00-08:00")
DAY_AND_NIGHT = clock("workdays", "09:00-11:00", "22:00-02:00")
CLOCKS: list[Clock] = [
    DAYTIME,
    OFFICE,
    ROUND_THE_CLOCK,
    WORKDAYS_ROUND_THE_CLOCK,
    NIGHTS,
    WORKDAY_NIGHTS,
    DAY_AND_NIGHT,
]


def china(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", Duration(time=timedelta(seconds=90))),
        ("0.5s", Duration(time=timedelta(milliseconds=500))),
        ("15m", Duration(time=timedelta(minutes=15))),
        ("2h", Duration(time=timedelta(hours=2))),
        ("1.5h", Duration(time=timedelta(minutes=90))),
        ("3d", Duration(days=3)),
    ],
)
def test_a_duration_is_read(text: str, expected: Duration) -> None:
    assert Duration.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "d",
        "3 d",
        "-1h",
        "1w",
        "1h30m",
        "1.5d",
        "0s",
        "0d",
        "3D",
        "３d",
        "9999h9",
        "99999d",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^"'):
        Duration.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "8:00-20:00",
        "08:00",
        "08:00-25:00",
        "08:60-09:00",
        "24:00-08:00",
        "09:00-09:00",
        "x",
        "08:00-24:01",
    ],
)
def test_what_is_no_stretch_of_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^"'):
        Span.parse(text)


@pytest.mark.parametrize(
    "hours",
    [
        ["13:30-17:30", "08:30-12:00"],
        ["08:30-12:00", "11:00-17:30"],
        ["08:00-12:00", "20:00-08:30"],
        ["20:00-08:00", "21:00-22:00"],
        [],
    ],
)
def test_hours_that_overlap_or_run_backwards_make_no_clock(hours: list[str]) -> None:
    with pytest.raises(ValueError, match="hours"):
        clock("all", *hours)


@pytest.mark.parametrize(
    ("day", "workday"),
    [
        (date(2026, 1, 1), False),  # New Year
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # a Sunday worked for it
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 2, 28), True),
        (date(2026, 5, 9), True),
        (date(2026, 9, 20), True),  # a Sunday worked for National Day
        (date(2026, 9, 26), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), True),  # beyond the horizon: a Friday, so it counts
        (date(2027, 1, 2), False),
        (date(2027, 1, 4), True),
    ],
)
def test_the_seeded_calendar_knows_holidays_and_make_up_days(day: date, workday: bool) -> None:
    assert CALENDAR.is_workday(day) is workday


def test_nothing_is_known_beyond_the_horizon() -> None:
    table = Calendar(
        frozenset({date(2026, 6, 1)}), frozenset({date(2026, 6, 6)}), date(2026, 5, 31)
    )
    assert table.is_workday(date(2026, 6, 1))
    assert not table.is_workday(date(2026, 6, 6))


CASES = [
    # the household's tier: 08:00-20:00, every day
    (DAYTIME, "2026-11-20 10:00", "2h", "2026-11-20 12:00"),
    (DAYTIME, "2026-11-20 18:00", "2h", "2026-11-20 20:00"),  # a closing moment is still open
    (DAYTIME, "2026-11-20 18:01", "2h", "2026-11-21 08:01"),
    (DAYTIME, "2026-11-20 20:00", "2h", "2026-11-21 10:00"),
    (DAYTIME, "2026-11-20 23:59", "2h", "2026-11-21 10:00"),
    (DAYTIME, "2026-11-20 05:00", "2h", "2026-11-20 10:00"),
    (DAYTIME, "2026-11-20 08:00", "12h", "2026-11-20 20:00"),
    (DAYTIME, "2026-11-20 08:00", "13h", "2026-11-21 09:00"),
    (DAYTIME, "2026-11-20 08:00", "36h", "2026-11-22 20:00"),
    (DAYTIME, "2026-11-20 10:00", "2d", "2026-11-22 10:00"),
    (DAYTIME, "2026-11-20 21:00", "2d", "2026-11-23 08:00"),
    (DAYTIME, "2026-10-01 10:00", "2d", "2026-10-03 10:00"),  # holidays mean nothing to "all"
    # office hours, lunch, weekends
    (OFFICE, "2026-11-20 11:00", "2h", "2026-11-20 14:30"),
    (OFFICE, "2026-11-20 11:00", "1h", "2026-11-20 12:00"),
    (OFFICE, "2026-11-20 12:30", "1h", "2026-11-20 14:30"),
    (OFFICE, "2026-11-20 12:00", "1h", "2026-11-20 14:30"),
    (OFFICE, "2026-11-20 12:30", "1d", "2026-11-23 13:30"),
    (OFFICE, "2026-11-20 17:29", "1d", "2026-11-23 17:29"),  # Friday
    (OFFICE, "2026-11-20 17:29", "2m", "2026-11-23 08:31"),
    (OFFICE, "2026-11-20 17:30", "1d", "2026-11-23 17:30"),
    (OFFICE, "2026-11-20 17:31", "1d", "2026-11-24 08:30"),
    (OFFICE, "2026-11-21 10:00", "1d", "2026-11-24 08:30"),  # Saturday: from Monday's opening
    (OFFICE, "2026-11-23 07:00", "1d", "2026-11-24 08:30"),  # before opening
    (OFFICE, "2026-11-20 10:00", "15d", "2026-12-11 10:00"),
    (OFFICE, "2026-11-20 10:00", "7.5h", "2026-11-23 10:00"),
    # National Day 2026: off 1-7 October, Saturday 10 October worked
    (OFFICE, "2026-09-30 16:00", "1d", "2026-10-08 16:00"),
    (OFFICE, "2026-09-30 16:00", "3d", "2026-10-10 16:00"),
    (OFFICE, "2026-10-03 16:00", "3d", "2026-10-12 08:30"),
    (OFFICE, "2026-10-09 17:00", "1h", "2026-10-10 09:00"),
    # make-up Sundays of 2026
    (OFFICE, "2026-01-04 10:00", "2h", "2026-01-04 12:00"),
    (OFFICE, "2025-12-31 17:00", "1d", "2026-01-04 17:00"),
    (OFFICE, "2026-09-20 10:00", "1d", "2026-09-21 10:00"),
    (OFFICE, "2026-09-18 10:00", "2d", "2026-09-21 10:00"),
    # the end of what the calendar knows
    (OFFICE, "2026-12-31 10:00", "1d", "2027-01-01 10:00"),
    (OFFICE, "2026-12-31 17:00", "1h", "2027-01-01 09:00"),
    (OFFICE, "2026-12-31 10:00", "3d", "2027-01-05 10:00"),
    (OFFICE, "2027-01-01 10:00", "1d", "2027-01-04 10:00"),
    (DAYTIME, "2026-12-31 19:00", "2h", "2027-01-01 09:00"),
    # month ends and a leap day
    (DAYTIME, "2026-02-28 19:00", "2h", "2026-03-01 09:00"),
    (DAYTIME, "2028-02-28 10:00", "1d", "2028-02-29 10:00"),
    (DAYTIME, "2026-04-30 10:00", "1d", "2026-05-01 10:00"),
    # round the clock
    (ROUND_THE_CLOCK, "2026-11-20 23:00", "2h", "2026-11-21 01:00"),
    (ROUND_THE_CLOCK, "2026-11-20 00:00", "24h", "2026-11-21 00:00"),
    (ROUND_THE_CLOCK, "2026-11-20 00:00", "1d", "2026-11-21 00:00"),
    (WORKDAYS_ROUND_THE_CLOCK, "2026-11-20 23:00", "2h", "2026-11-23 01:00"),
    (WORKDAYS_ROUND_THE_CLOCK, "2026-11-20 23:00", "1h", "2026-11-21 00:00"),  # Friday 24:00
    (WORKDAYS_ROUND_THE_CLOCK, "2026-11-20 00:00", "1d", "2026-11-23 00:00"),
    # nights belong to the day they begin on
    (NIGHTS, "2026-11-20 02:00", "2h", "2026-11-20 04:00"),
    (NIGHTS, "2026-11-20 07:00", "2h", "2026-11-20 21:00"),
    (NIGHTS, "2026-11-20 12:00", "2h", "2026-11-20 22:00"),
    (NIGHTS, "2026-11-20 02:00", "1d", "2026-11-21 02:00"),
    (WORKDAY_NIGHTS, "2026-11-20 23:00", "6h", "2026-11-21 05:00"),
    (WORKDAY_NIGHTS, "2026-11-21 02:00", "1d", "2026-11-24 02:00"),
    (WORKDAY_NIGHTS, "2026-11-21 07:00", "2h", "2026-11-23 21:00"),
    (WORKDAY_NIGHTS, "2026-11-23 02:00", "1h", "2026-11-23 21:00"),  # Sunday's night is closed
    (DAY_AND_NIGHT, "2026-11-20 10:30", "1h", "2026-11-20 22:30"),
    (DAY_AND_NIGHT, "2026-11-21 01:30", "1h", "2026-11-23 09:30"),
    # the wall clock
    (WallClock(), "2026-11-20 23:59", "2m", "2026-11-21 00:01"),
    (WallClock(), "2026-12-31 10:00", "3d", "2027-01-03 10:00"),
]


@pytest.mark.parametrize(("hours", "start", "wait", "end"), CASES)
def test_a_wait_ends(hours: Clock, start: str, wait: str, end: str) -> None:
    found = due(china(start), Duration.parse(wait), hours, CALENDAR)
    assert found == china(end)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("hours", "moment", "opening"),
    [
        (OFFICE, "2026-11-20 08:29", "2026-11-20 08:30"),
        (OFFICE, "2026-11-20 12:00", "2026-11-20 12:00"),
        (OFFICE, "2026-11-20 12:01", "2026-11-20 13:30"),
        (OFFICE, "2026-11-20 17:31", "2026-11-23 08:30"),
        (OFFICE, "2026-10-01 10:00", "2026-10-08 08:30"),
        (WORKDAY_NIGHTS, "2026-11-21 03:00", "2026-11-21 03:00"),
        (WORKDAY_NIGHTS, "2026-11-22 03:00", "2026-11-23 20:00"),
        (WallClock(), "2026-10-01 03:00", "2026-10-01 03:00"),
    ],
)
def test_the_next_opening_is_now_or_later(hours: Clock, moment: str, opening: str) -> None:
    assert next_opening(china(moment), hours, CALENDAR) == china(opening)
    assert is_open(china(moment), hours, CALENDAR) is (moment == opening)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the very thing to refuse
    for hours in (OFFICE, WallClock()):
        with pytest.raises(ValueError, match="time zone"):
            due(naive, Duration(days=1), hours, CALENDAR)


def test_the_zone_of_the_start_does_not_matter() -> None:
    start, wait = china("2026-11-20 16:45"), Duration.parse("1h")
    assert due(start.astimezone(UTC), wait, OFFICE, CALENDAR) == due(start, wait, OFFICE, CALENDAR)


minutes = st.integers(0, 24 * 60 - 1)
days = st.dates(date(2026, 1, 1), date(2027, 2, 1))


def at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), CHINA) + timedelta(minutes=minute)


starts = st.builds(at, days, minutes)
open_times = st.integers(1, 3000).map(lambda count: Duration(time=timedelta(minutes=count)))
open_days = st.integers(1, 30).map(lambda count: Duration(days=count))
waits = open_times | open_days


@st.composite
def any_clocks(draw: st.DrawFn) -> WorkingClock:
    """One to three stretches on an hour's grid, the last perhaps over midnight."""
    edges = draw(st.lists(st.integers(0, 23), min_size=2, max_size=6, unique=True).map(sorted))
    edges = edges[: len(edges) // 2 * 2]
    if draw(st.booleans()):
        edges = [*edges[1:], edges[0]]  # the first edge closes the last stretch, tomorrow
    hours = [f"{a:02}:00-{b:02}:00" for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return clock(draw(st.sampled_from(["all", "workdays"])), *hours)


clocks = st.sampled_from(CLOCKS) | any_clocks()


@given(starts, waits, clocks)
def test_a_wait_always_ends_later_and_inside_open_hours(
    start: datetime, wait: Duration, hours: Clock
) -> None:
    end = due(start, wait, hours, CALENDAR)
    assert end > start
    assert is_open(end, hours, CALENDAR)


@given(starts, starts, waits, clocks)
def test_who_starts_earlier_is_never_due_later(
    one: datetime, other: datetime, wait: Duration, hours: Clock
) -> None:
    earlier, later = sorted([one, other])
    assert due(earlier, wait, hours, CALENDAR) <= due(later, wait, hours, CALENDAR)


@given(starts, open_times, open_times, clocks)
def test_a_longer_wait_never_ends_earlier_and_open_time_adds_up(
    start: datetime, first: Duration, second: Duration, hours: Clock
) -> None:
    both = Duration(time=first.time + second.time)
    whole = due(start, both, hours, CALENDAR)
    assert whole > due(start, first, hours, CALENDAR)
    assert whole == due(due(start, first, hours, CALENDAR), second, hours, CALENDAR)


@given(starts, st.integers(1, 29), clocks)
def test_one_day_more_never_ends_earlier(start: datetime, count: int, hours: Clock) -> None:
    shorter = due(start, Duration(days=count), hours, CALENDAR)
    assert shorter < due(start, Duration(days=count + 1), hours, CALENDAR)


def open_minute(moment: datetime, hours: WorkingClock) -> bool:
    """Whether the minute that begins at `moment` is open, told from the clock face alone."""
    for back in (0, 1):
        day = moment.date() - timedelta(days=back)
        since = moment - datetime.combine(day, time(), CHINA)
        worked = hours.days is Days.ALL or CALENDAR.is_workday(day)
        if worked and any(span.opens <= since < span.closes for span in hours.spans):
            return True
    return False


def counted(start: datetime, wanted: int, hours: WorkingClock) -> datetime:
    """The end of the `wanted`-th open minute after `start`, one minute at a time."""
    moment = start
    while wanted:
        wanted -= open_minute(moment, hours)
        moment += timedelta(minutes=1)
    return moment


@settings(deadline=None, max_examples=60)
@given(starts, st.integers(1, 900), any_clocks())
def test_it_agrees_with_counting_minute_by_minute(
    start: datetime, wanted: int, hours: WorkingClock
) -> None:
    wait = Duration(time=timedelta(minutes=wanted))
    assert due(start, wait, hours, CALENDAR) == counted(start, wanted, hours)
