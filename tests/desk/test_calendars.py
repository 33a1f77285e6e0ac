"""The working calendar in use: due times beyond the horizon, and what becomes of them when the
year is announced. Shipped tiers, the turn of 2026 to 2027."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.core.holidays import Announced, Year
from bot.core.workdays import CHINA, WorkingClock, is_open
from bot.desk import calendars
from bot.desk.calendars import load, settle
from bot.store import calendars as stored
from bot.store.engine import transaction
from tests.town import Town, a_bot

NewTown = Callable[..., Town]

SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"
# 1 to 3 January off; Sunday 10 January worked.
NEXT = Year(
    2027,
    (
        Announced(date(2027, 1, 1), True, "元旦"),
        Announced(date(2027, 1, 2), True, "元旦"),
        Announced(date(2027, 1, 3), True, "元旦"),
        Announced(date(2027, 1, 10), False, "春节"),
    ),
)
NEW_YEARS_EVE = datetime(2026, 12, 31, 10, 0, tzinfo=CHINA)


def china(month: int, day: int, clock: str, year: int = 2027) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


@pytest.fixture
def town(new_town: NewTown) -> Town:
    """New Year's Eve at ten; one resident at home."""
    town = new_town(tiers=SHIPPED)
    town.binds("居民", "A101", "王联络")
    town.watch.at = NEW_YEARS_EVE
    return town


def all_inside(town: Town) -> None:
    """Promise 6, by the calendar that is in the database."""
    with transaction(town.bot.engine) as connection:
        calendar = town.bot.calendars.current(connection)
    for row in town.rows("select * from issues where due_at is not null"):
        tier = town.bot.ladder.tier(row["tier"])
        assert tier is not None
        assert is_open(row["due_at"], tier.clock, calendar), row


def due(town: Town, no: int) -> datetime:
    found: datetime = town.issue(no)["due_at"]
    return found


def test_a_due_time_beyond_the_horizon_is_said_to_be_an_estimate(town: Town) -> None:
    reply = town.says("居民", "找社区 楼道灯不亮了")
    no = town.newest()
    assert due(town, no) == china(1, 1, "10:00")
    assert "明天10:00（暂估）前答复您" in reply
    assert any("明天10:00（暂估）前答复" in text for text in town.hears("林书记"))
    assert "（暂估）" in town.says("居民", "进度")
    assert "（暂估）" in town.says("居民", f"#{no} 还黑着")
    assert "（暂估）" in town.says("林书记", "待办")


def test_a_notice_that_waited_is_still_said_to_be_an_estimate(town: Town) -> None:
    town.opens("居民", "找社区 楼道灯不亮了")
    town.watch.at = china(12, 31, "10:20", 2026)
    assert "明天10:00（暂估）前答复" in town.says("林书记", "帮助")


def test_what_rests_on_no_working_day_is_no_estimate(town: Town) -> None:
    town.watch.at = china(12, 31, "19:30", 2026)
    reply = town.says("居民", "电梯坏了")
    assert due(town, town.newest()) == china(1, 1, "09:30")
    assert "明天09:30前" in reply
    assert load(town.bot, [NEXT]).moved == 0
    assert due(town, town.newest()) == china(1, 1, "09:30")
    all_inside(town)


def test_when_the_year_is_announced_estimates_are_reckoned_again(town: Town) -> None:
    town.says("居民", "找社区 楼道灯不亮了")
    no = town.newest()
    loaded = load(town.bot, [NEXT])
    assert (loaded.changed, loaded.horizon, loaded.moved) == ((2027,), date(2027, 12, 31), 1)
    assert due(town, no) == china(1, 4, "10:00")
    assert town.issue(no)["estimated_after"] is None
    reply = town.says("居民", "进度")
    assert "1月4日10:00前" in reply
    assert "暂估" not in reply
    assert load(town.bot, [NEXT]) == replace(loaded, changed=(), moved=0)
    all_inside(town)


def test_no_due_time_comes_earlier(town: Town) -> None:
    town.watch.at = china(1, 8, "10:00")
    town.says("居民", "找社区 楼道灯不亮了")
    no = town.newest()
    assert due(town, no) == china(1, 11, "10:00")
    # Sunday the 10th turns out to be worked.
    assert load(town.bot, [NEXT]).moved == 0
    assert due(town, no) == china(1, 11, "10:00")
    town.says("居民", "新问题 找不到停车位")
    assert "暂估" not in town.says("居民", "进度")


def test_a_running_process_takes_the_new_year_up_by_itself(town: Town, fresh_redis: str) -> None:
    town.says("居民", "电梯坏了")  # the process has read its calendar
    other = a_bot(town.url, fresh_redis, town.watch, SHIPPED)
    load(other, [NEXT])
    other.engine.dispose()
    reply = town.says("居民", "找社区 楼道灯不亮了")
    assert "1月4日10:00前答复您" in reply
    assert "暂估" not in reply
    assert town.bot.calendar.horizon == date(2027, 12, 31)


def test_so_does_the_step_up_a_tier(town: Town, fresh_redis: str) -> None:
    town.watch.at = china(12, 31, "12:00", 2026)
    no = town.opens("居民", "电梯坏了")
    town.wind(hours=2)
    other = a_bot(town.url, fresh_redis, town.watch, SHIPPED)
    load(other, [NEXT])
    other.engine.dispose()
    town.wind(hours=4)
    assert town.issue(no)["tier"] == "community"
    assert due(town, no) == china(1, 5, "08:30")  # from Monday's opening, a working day
    all_inside(town)


def test_what_was_written_meanwhile_by_the_old_calendar_is_put_right_by_the_clock(
    town: Town,
) -> None:
    town.says("居民", "找社区 楼道灯不亮了")
    no = town.newest()
    with transaction(town.bot.engine) as connection:  # a load that saw no such issue yet
        stored.replace_years(connection, [NEXT], town.bot.now())
    assert settle(town.bot) == 1
    assert due(town, no) == china(1, 4, "10:00")
    assert settle(town.bot) == 0
    all_inside(town)


def test_a_deed_decided_before_the_load_is_decided_again(town: Town) -> None:
    town.says("居民", "找社区 楼道灯不亮了")
    before = town.issue(town.newest())["version"]
    load(town.bot, [NEXT])
    assert town.issue(town.newest())["version"] > before


def test_what_is_resolved_closes_and_reminds_by_the_announced_days(town: Town) -> None:
    no = town.opens("居民", "找社区 楼道灯不亮了")
    town.says("林书记", f"办结 #{no} 换好了")
    assert due(town, no) == china(1, 5, "10:00")
    assert town.issue(no)["remind_at"] == china(1, 1, "10:00")
    assert load(town.bot, [NEXT]).moved == 1
    assert due(town, no) == china(1, 6, "10:00")
    assert town.issue(no)["remind_at"] == china(1, 4, "10:00")
    all_inside(town)


def test_in_hand_both_clocks_are_reckoned_again(town: Town) -> None:
    no = town.opens("居民", "找社区 楼道灯不亮了")
    assert "（暂估）" in town.says("林书记", f"接单 #{no}")
    assert due(town, no) == china(1, 7, "10:00")
    town.watch.at = china(12, 31, "11:00", 2026)
    town.says("居民", "还黑着")
    assert (due(town, no), town.issue(no)["handle_by"]) == (
        china(1, 1, "11:00"),
        china(1, 7, "10:00"),
    )
    assert load(town.bot, [NEXT]).moved == 1
    assert (due(town, no), town.issue(no)["handle_by"]) == (
        china(1, 4, "11:00"),
        china(1, 8, "10:00"),
    )
    assert town.issue(no)["estimated_after"] is None
    town.says("林书记", f"#{no} 明天换")
    assert due(town, no) == china(1, 8, "10:00")


def test_the_handling_clock_keeps_its_mark_while_an_answer_is_due_sooner(town: Town) -> None:
    town.watch.at = china(12, 28, "10:00", 2026)
    no = town.opens("居民", "找社区 楼道灯不亮了")
    town.says("林书记", f"接单 #{no}")
    reply = town.says("居民", "还黑着")
    assert due(town, no) == china(12, 29, "10:00", 2026)
    assert "明天10:00前" in reply
    assert town.issue(no)["estimated_after"] == date(2026, 12, 31)
    town.says("林书记", f"#{no} 明天换")
    assert "2027年1月4日10:00（暂估）" in town.says("居民", "进度")
    assert load(town.bot, [NEXT]).moved == 1
    assert due(town, no) == china(1, 5, "10:00")
    assert "暂估" not in town.says("居民", "进度")


def test_a_known_year_that_is_corrected_moves_what_rests_on_it(town: Town) -> None:
    """As in 2020, when the Spring Festival was prolonged while it lasted."""
    load(town.bot, [NEXT])
    no = town.opens("居民", "找社区 楼道灯不亮了")
    assert due(town, no) == china(1, 4, "10:00")
    longer = replace(NEXT, days=(*NEXT.days, Announced(date(2027, 1, 4), True, "元旦")))
    assert load(town.bot, [longer]).moved == 1
    assert due(town, no) == china(1, 5, "10:00")
    assert load(town.bot, [NEXT]).moved == 0  # taken back: what was told stays
    assert due(town, no) == china(1, 5, "10:00")


def test_a_year_after_a_gap_waits_for_the_one_between(town: Town) -> None:
    later = Year(2028, (Announced(date(2028, 1, 3), True, "元旦"),))
    assert load(town.bot, [later]).horizon == date(2026, 12, 31)
    no = town.opens("居民", "找社区 楼道灯不亮了")
    assert town.issue(no)["estimated_after"] == date(2026, 12, 31)
    assert load(town.bot, [NEXT]).horizon == date(2028, 12, 31)
    assert [one.year for one in calendars.known(town.bot)][-2:] == [2027, 2028]


def test_who_leaves_makes_what_they_hold_due_now_and_not_by_estimate(town: Town) -> None:
    no = town.opens("居民", "找社区 楼道灯不亮了")
    town.rows("update issues set due_at = %(now)s returning no", now=town.watch.at)
    assert "暂估" not in town.says("居民", "进度")
    assert load(town.bot, [NEXT]).moved == 0
    assert due(town, no) == town.watch.at


ODD: Sequence[Any] = (
    # make-up Sundays of 2026 are worked; the holiday before them is not
    (china(1, 1, "10:00", 2026), china(1, 5, "08:30", 2026)),
    (china(1, 4, "10:00", 2026), china(1, 5, "10:00", 2026)),
    (china(9, 20, "07:15", 2026), china(9, 21, "08:30", 2026)),
    (china(9, 19, "23:59", 2026), china(9, 21, "08:30", 2026)),
    (china(9, 30, "17:30", 2026), china(10, 8, "17:30", 2026)),
    (china(10, 9, "17:31", 2026), china(10, 12, "08:30", 2026)),
    # daylight before opening
    (china(11, 24, "06:40", 2026), china(11, 25, "08:30", 2026)),
    # lunch
    (china(11, 24, "12:40", 2026), china(11, 25, "13:30", 2026)),
)


@pytest.mark.parametrize(("at", "expected"), ODD)
def test_the_community_s_day_ends_as_the_calendar_says(
    town: Town, at: datetime, expected: datetime
) -> None:
    town.watch.at = at
    town.says("居民", "找社区 楼道灯不亮了")
    assert due(town, town.newest()) == expected
    assert isinstance(town.bot.ladder.top.clock, WorkingClock)
    all_inside(town)
