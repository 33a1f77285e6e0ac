"""When a tier's day begins, and whose digest holds what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.ladder import Ladder
from bot.core.morning import beginnings, digests, due_since, ends_today
from bot.core.notices import Morning
from bot.core.picking import OFFERED
from bot.core.standing import Terms
from bot.core.workdays import Calendar, Days, Span, WorkingClock
from tests.build import LIAISON, NOW, a_place, an_issue, wall_ladder

SATURDAY = datetime(2026, 11, 28, tzinfo=UTC)  # 08:00 in China


def ladder() -> Ladder:
    """The liaison's day begins at eight every day, the grid's at half past eight on workdays."""
    first, second, *rest = wall_ladder().tiers
    daily = WorkingClock(Days.ALL, (Span.parse("08:00-20:00"),))
    office = WorkingClock(Days.WORKDAYS, (Span.parse("08:30-12:00"), Span.parse("13:30-17:30")))
    tiers = (replace(first, clock=daily), replace(second, clock=office), *rest)
    return replace(wall_ladder(), tiers=tiers)


def at(day: datetime, clock: str) -> Terms:
    hour, minute = map(int, clock.split(":"))
    now = day.replace(hour=0) + timedelta(hours=hour - 8, minutes=minute)
    return Terms(ladder(), Calendar(), now)


@pytest.mark.parametrize(
    ("day", "clock", "tiers"),
    [
        (NOW, "07:59", ""),
        (NOW, "08:00", "liaison"),
        (NOW, "08:30", "liaison grid"),
        (NOW, "11:00", "grid"),
        (NOW, "13:30", ""),
        (SATURDAY, "09:00", "liaison"),
    ],
)
def test_a_day_begins_with_its_hours_on_its_days(day: datetime, clock: str, tiers: str) -> None:
    assert [tier.key for tier, _ in beginnings(at(day, clock))] == tiers.split()


def test_what_was_given_today_is_not_due_and_yesterdays_does_not_count() -> None:
    terms = at(NOW, "09:00")
    (_, first), (_, second) = beginnings(terms)
    assert due_since(terms, {}) == first
    assert due_since(terms, {"liaison": first}) == second
    assert due_since(terms, {"liaison": first, "grid": second}) is None
    assert due_since(terms, {"liaison": first - timedelta(days=1), "grid": second}) == first


def test_each_holder_gets_one_with_the_next_due_first() -> None:
    many = [an_issue(no, due_at=NOW + timedelta(minutes=99 - no)) for no in range(12)]
    (tell,) = digests(many, at(NOW, "08:00")).tells
    assert (tell.person_id, tell.no) == (LIAISON, None)
    assert isinstance(tell.notice, Morning)
    assert [line.no for line in tell.notice.lines] == list(range(11, 11 - OFFERED, -1))
    assert tell.notice.more == 12 - OFFERED
    assert not any(line.words or line.where for line in tell.notice.lines)


def test_who_holds_at_several_tiers_hears_of_all_at_once() -> None:
    grid = replace(a_place().staff[1], person_id=LIAISON)
    place = replace(a_place(), staff=(grid,))
    above = an_issue(1, tier="grid", tier_place=1, place=place, due_at=NOW)
    (tell,) = digests([an_issue(2), above], at(NOW, "08:00")).tells
    assert isinstance(tell.notice, Morning)
    assert [line.no for line in tell.notice.lines] == [1, 2]


def test_who_is_not_there_gets_none() -> None:
    away = an_issue(1, place=a_place(away=frozenset({LIAISON})))
    assert digests([away], at(NOW, "08:00")).tells == ()


def test_today_ends_at_midnight_in_china() -> None:
    assert ends_today(NOW) == NOW.replace(hour=16)
