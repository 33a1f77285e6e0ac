"""Notices of the State Council and the calendar they make together."""

from datetime import date

from bot.core.holidays import Announced, Year, calendar_of, first_change
from bot.store.announced import known_years, seeded_calendar


def a_year(year: int, *days: tuple[date, bool]) -> Year:
    return Year(year, tuple(Announced(day, off, "节") for day, off in days))


def test_the_horizon_is_the_end_of_the_last_year_before_a_gap() -> None:
    assert calendar_of([]).horizon is None
    assert calendar_of([a_year(2027), a_year(2026)]).horizon == date(2027, 12, 31)
    assert calendar_of([a_year(2026), a_year(2028)]).horizon == date(2026, 12, 31)


def test_a_later_notice_may_change_the_last_days_of_the_year_before() -> None:
    eve = date(2026, 12, 31)
    before = a_year(2026, (eve, False), (date(2026, 12, 27), False))
    after = a_year(2027, (eve, True))
    for years in ([before, after], [after, before]):
        calendar = calendar_of(years)
        assert not calendar.is_workday(eve)
        assert calendar.is_workday(date(2026, 12, 27))


def test_the_first_change_is_the_first_day_that_is_worked_by_one_alone() -> None:
    known = calendar_of([a_year(2026)])
    # A Saturday off and a weekday worked are what they would be anyway.
    same = a_year(2027, (date(2027, 1, 2), True), (date(2027, 1, 4), False))
    assert first_change(known, calendar_of([a_year(2026), same])) is None
    other = a_year(2027, (date(2027, 1, 1), True), (date(2027, 1, 10), False))
    whole = calendar_of([a_year(2026), other])
    assert first_change(known, whole) == first_change(whole, known) == date(2027, 1, 1)


def test_the_package_s_years_are_whole_and_in_chinese() -> None:
    years = {one.year: one for one in known_years()}
    assert sorted(years) == list(range(2004, max(years) + 1))
    assert seeded_calendar().horizon == date(max(years), 12, 31)
    assert (years[2026].off, years[2026].worked) == (33, 6)
    makeup = [one.day for one in years[2026].days if not one.off]
    assert [day for day in makeup if day.weekday() == 6] == [date(2026, 1, 4), date(2026, 9, 20)]
    assert all(one.name and not one.name.isascii() for one in years[2026].days)
