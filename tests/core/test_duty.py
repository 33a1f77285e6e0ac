"""Gaps in a duty roster: what the unit covers on such days, and nobody does in the coming week."""

from datetime import date, timedelta

from bot.core.duty import Gap, gaps
from bot.core.roster import DutyRow

MONDAY = date(2026, 11, 23)
NIGHT, DAY = (20 * 60, 32 * 60), (8 * 60, 20 * 60)


def duty(when: date | int, hours: tuple[int, int]) -> DutyRow:
    day, weekday = (when, None) if isinstance(when, date) else (None, when)
    return DutyRow("A", "林立新", "13800000103", day, weekday, *hours)


def test_every_night_has_no_gap_and_a_night_left_out_is_one() -> None:
    nights = [duty(weekday, NIGHT) for weekday in range(7)]
    assert gaps(nights, MONDAY) == ()
    del nights[2]
    (gap,) = gaps(nights, MONDAY)
    assert (gap, gap.hours) == (Gap(MONDAY + timedelta(days=2), *NIGHT), "20:00-08:00")


def test_weekends_alone_ask_nothing_of_working_days() -> None:
    assert gaps([duty(5, DAY), duty(6, DAY)], MONDAY) == ()
    assert [gap.day.weekday() for gap in gaps([duty(5, DAY)], MONDAY)] == [6]


def test_a_roster_of_days_that_runs_out_is_a_gap_from_there_on() -> None:
    rows = [duty(MONDAY + timedelta(days=ahead), (0, 24 * 60)) for ahead in (0, 1)]
    assert [gap.day.weekday() for gap in gaps(rows, MONDAY)] == [2, 3, 4]


def test_what_lacks_behind_midnight_is_told_of_that_day() -> None:
    """At the year's end: a night until eight, relieved by one that ends at seven."""
    year_end = date(2026, 12, 31)
    rows = [duty(year_end, NIGHT), duty(year_end + timedelta(days=1), (20 * 60, 31 * 60))]
    (first, *_) = gaps(rows, year_end)
    assert (first, first.hours) == (Gap(date(2027, 1, 2), 7 * 60, 8 * 60), "07:00-08:00")


def test_whoever_is_on_leave_is_not_on_duty() -> None:
    nights = [duty(weekday, NIGHT) for weekday in range(7)]
    back = MONDAY + timedelta(days=2)
    lacking = gaps(nights, MONDAY, {nights[0].phone: back})
    assert [gap.day for gap in lacking] == [MONDAY, MONDAY + timedelta(days=1)]
    assert gaps(nights, MONDAY, {"13800000999": back}) == ()


def test_a_shorter_duty_leaves_the_rest_and_a_neighbours_may_fill_it() -> None:
    rows = [duty(weekday, DAY) for weekday in range(1, 5)]
    rows.append(duty(0, (8 * 60, 12 * 60)))
    assert gaps(rows, MONDAY) == (Gap(MONDAY, 12 * 60, 20 * 60),)
    assert gaps([*rows, duty(0, (12 * 60, 21 * 60))], MONDAY)[0].day != MONDAY
    assert gaps((), MONDAY) == ()
