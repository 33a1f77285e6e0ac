"""请假 and 销假: who covers meanwhile, whose issues follow, who is told, and that it ends."""

from datetime import timedelta
from typing import Any

import pytest

from tests.town import Town

AWAY, COVER = "王联络", "李联络"


@pytest.fixture
def roomy(town: Town) -> Town:
    """A town in which 李联络 has room for 王联络's two households."""
    town.rows(
        "update liaisons l set at_most = 5 from people p where p.id = l.person_id"
        " and p.name = %(name)s returning l.id",
        name=COVER,
    )
    return town


def liaison_of(town: Town, number: str) -> Any:
    """The name of a household's own liaison."""
    return town.one(
        "select p.name from assignments a join households h on h.id = a.household_id"
        " join people p on p.id = a.person_id where h.number = %(n)s and a.until is null",
        n=number,
    )["name"]


def test_the_households_are_covered_and_everybody_concerned_is_told_once(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.binds("乙", "A102", AWAY)
    roomy.all_hear()
    reply = roomy.says(AWAY, "请假 3天")
    assert COVER in reply
    assert "2户" in reply
    (told,) = roomy.hears(COVER)
    assert AWAY in told
    assert "101" in told
    assert "102" in told
    for resident in ("甲", "乙"):
        (words,) = roomy.hears(resident)
        assert AWAY in words
        assert COVER in words
    assert liaison_of(roomy, "A101") == AWAY
    assert COVER in roomy.says("甲", "我的联络员")
    assert f"替{AWAY}" in roomy.says(COVER, "我的住户")


def test_new_issues_go_to_who_covers_and_back_again_after(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.says(AWAY, "请假 3天")
    no = roomy.opens("甲", "水管漏了")
    assert (roomy.issue(no)["holder"], roomy.issue(no)["tier"]) == (COVER, "liaison")
    assert any("水管漏了" in words for words in roomy.hears(COVER))
    assert not any("水管漏了" in words for words in roomy.hears(AWAY))
    roomy.says(COVER, f"#{no} 我来看看")
    assert any("我来看看" in words for words in roomy.hears("甲"))
    roomy.says(AWAY, "销假")
    other = roomy.opens("甲", "新问题 灯不亮")
    assert roomy.issue(other)["holder"] == AWAY
    assert not any("灯不亮" in words for words in roomy.hears(COVER))


def test_waiting_issues_of_who_leaves_follow_with_their_clock_as_it_was(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    no = roomy.opens("甲", "水管漏了")
    due = roomy.issue(no)["due_at"]
    roomy.watch.wind(timedelta(minutes=10))
    roomy.says(AWAY, "请假 3天")
    issue = roomy.issue(no)
    assert (issue["holder"], issue["due_at"], issue["state"]) == (COVER, due, "waiting")
    assert any(f"#{no}" in words and "水管漏了" in words for words in roomy.hears(COVER))
    assert roomy.history(no)[-1] == "handed_over liaison"


def test_what_waits_with_who_covers_goes_back_and_is_hidden_from_them_again(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.says(AWAY, "请假 3天")
    no = roomy.opens("甲", "水管漏了")
    roomy.hears(COVER)
    roomy.says(AWAY, "销假")
    assert roomy.issue(no)["holder"] == AWAY
    assert any("水管漏了" in words for words in roomy.hears(AWAY))
    assert "水管漏了" not in roomy.says(COVER, "待办")
    assert "没有您能办的" in roomy.says(COVER, f"#{no} 马上到")
    roomy.says("甲", "越漏越大")
    assert not any("越漏越大" in words for words in roomy.hears(COVER))


def test_what_is_in_hand_with_who_covers_stays_with_them(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.says(AWAY, "请假 3天")
    no = roomy.opens("甲", "水管漏了")
    roomy.says(COVER, f"接单 #{no}")
    roomy.says(AWAY, "销假")
    assert roomy.issue(no)["holder"] == COVER


def test_what_is_in_hand_with_who_leaves_does_not_wait_for_their_return(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    no = roomy.opens("甲", "水管漏了")
    roomy.says(AWAY, f"接单 #{no}")
    roomy.says(AWAY, "请假 3天")
    assert (roomy.issue(no)["holder"], roomy.issue(no)["state"]) == (COVER, "in_hand")


def test_a_leave_ends_by_itself_and_everybody_hears_of_it_once(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.says(AWAY, "请假 3天")
    roomy.all_hear()
    roomy.wind(days=2, hours=23)
    assert roomy.hears(AWAY) == []
    roomy.wind(hours=1, seconds=5)
    roomy.tick()
    for who in (AWAY, COVER, "甲"):
        assert len(roomy.hears(who)) == 1
    no = roomy.opens("甲", "水管漏了")
    assert roomy.issue(no)["holder"] == AWAY
    assert "没有请假" in roomy.says(AWAY, "销假")


def test_who_covers_is_nobody_to_the_household_from_the_moment_the_leave_ends(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.says(AWAY, "请假 3天")
    roomy.watch.wind(timedelta(days=3, seconds=1))
    no = roomy.opens("甲", "水管漏了")
    assert roomy.issue(no)["holder"] == AWAY
    assert "没有您能办的" in roomy.says(COVER, f"#{no} 好")


def test_without_anybody_who_has_room_the_grid_does_it_and_is_told(town: Town) -> None:
    town.binds("甲", "A101", AWAY)
    town.all_hear()
    waiting = town.opens("甲", "水管漏了")
    assert "网格" in town.says(AWAY, "请假 12月1日")
    assert any("网格" in words for words in town.hears("甲"))
    assert any(AWAY in words and "2户" in words for words in town.hears("张网格"))
    assert town.issue(waiting)["tier"] == "grid"
    no = town.opens("甲", "新问题 灯不亮")
    assert (town.issue(no)["holder"], town.issue(no)["tier"]) == ("张网格", "grid")


def test_two_liaisons_away_and_who_covered_goes_too(roomy: Town) -> None:
    roomy.binds("甲", "A101", AWAY)
    roomy.says(AWAY, "请假 3天")
    no = roomy.opens("甲", "水管漏了")
    roomy.all_hear()
    roomy.says(COVER, "请假 1天")
    assert roomy.issue(no)["tier"] == "grid"
    assert any("网格" in words for words in roomy.hears("甲"))
    roomy.says(COVER, "销假")
    other = roomy.opens("甲", "新问题 灯不亮")
    assert roomy.issue(other)["holder"] == COVER


def test_staff_on_leave_hand_what_they_hold_to_a_colleague_or_up(town: Town) -> None:
    town.binds("甲", "A101", AWAY)
    no = town.opens("甲", "找社区 广场太吵")
    assert town.issue(no)["holder"] == "林书记"
    due = town.issue(no)["due_at"]
    assert "请假到" in town.says("林书记", "请假 2天")
    assert (town.issue(no)["holder"], town.issue(no)["due_at"]) == ("钱社工", due)
    town.says("钱社工", "请假 2天")
    assert town.issue(no)["tier"] == "subdistrict"
    other = town.opens("甲", "新问题 找社区")
    assert other != no


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("请假３天", "11月26日"),
        ("请假 三天", "11月26日"),
        ("請假 到12月1日", "12月1日"),
        ("请假 12月1日", "12月1日"),
        ("请假 2026-12-01", "12月1日"),
        ("请假，至2026年12月1号", "12月1日"),
        ("请假 明天", "明天"),
        ("请假 3天 回老家", "11月26日"),
    ],
)
def test_until_when_may_be_said_in_many_ways(town: Town, typed: str, shown: str) -> None:
    assert f"请假到{shown}" in town.says(AWAY, typed)


@pytest.mark.parametrize(
    "typed", ["请假", "请假 很久", "请假 2020-01-01", "请假 2月30日", "请假 0天"]
)
def test_a_time_that_is_none_is_asked_for_and_nothing_happens(town: Town, typed: str) -> None:
    before = town.snapshot()
    assert "请假 3天" in town.says(AWAY, typed)
    assert town.snapshot() == before
    assert "没有请假" in town.says(AWAY, "销假")


def test_a_day_of_leave_lasts_to_its_end(town: Town) -> None:
    town.says(AWAY, "请假 明天")
    town.wind(hours=37, minutes=59)  # from 10:00 to 23:59 of tomorrow
    assert town.hears(AWAY) == []
    town.wind(minutes=2)
    assert len(town.hears(AWAY)) == 1


def test_a_resident_who_says_it_is_answered_politely(town: Town) -> None:
    town.binds("甲", "A101", AWAY)
    before = town.snapshot()
    assert "没有办理" in town.says("甲", "请假 3天")
    assert town.snapshot() == before
