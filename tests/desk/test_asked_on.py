"""Who wants to join a household is a question to whoever looks after it now, and to nobody else."""

import pytest

from tests.desk.test_staffing import CHEN, GRID, LI, SECRETARY, WANG, makes_room
from tests.town import Town


@pytest.fixture
def asking(town: Town) -> Town:
    """李联络 has room; somebody who gave a name waits for 王联络's 认识 of A102."""
    makes_room(town, LI, 6)
    town.says("丙", "绑定 A102 我是小丙")
    return town


def asked(town: Town, who: str) -> list[str]:
    return [words for words in town.hears(who) if "认识" in words and "1号楼1单元102" in words]


def test_a_question_that_waits_is_no_longer_told_to_who_lost_the_household(asking: Town) -> None:
    asking.says(SECRETARY, f"指派 A102 {LI}")
    reply = asking.says(WANG, "待办")
    assert "小丙" not in reply
    assert "认识" not in reply
    (question,) = asked(asking, LI)
    assert "小丙" in question
    assert "已确认" in asking.says(LI, "认识")


def test_who_covers_is_asked_and_once(asking: Town) -> None:
    assert len(asked(asking, WANG)) == 1
    asking.says(WANG, "请假 3天")
    assert len(asked(asking, LI)) == 1
    asking.says(WANG, "请假 5天")
    assert asked(asking, LI) == []
    assert "已确认" in asking.says(LI, "认识")


def test_without_anybody_who_has_room_the_grid_is_asked_at_once(town: Town) -> None:
    town.says("丙", "绑定 A102")
    town.hears(WANG)
    town.says(WANG, "请假 3天")
    assert len(asked(town, GRID)) == 1
    assert "已确认" in town.says(GRID, "认识")


def test_what_the_grid_was_asked_stays_with_it(town: Town) -> None:
    town.says("丁", "绑定 B101")
    town.all_hear()
    town.wind(days=1, seconds=5)
    assert any("等了一天" in words for words in town.hears("郭网格"))
    town.says(CHEN, "请假 3天")
    assert not any("认识" in words for words in town.hears("郭网格"))


def test_an_answered_question_is_asked_nobody_any_more(asking: Town) -> None:
    asking.hears(WANG)
    asking.says(WANG, "请假 3天")
    asking.says(WANG, "认识")
    assert not any("小丙" in reply for reply in (asking.says(LI, "待办"), *asking.read[LI]))


def test_who_takes_over_what_they_covered_hears_it_in_one_message(asking: Town) -> None:
    asking.says(WANG, "请假 3天")
    asking.hears(LI)
    asking.says(SECRETARY, f"停用 {WANG}")
    (told,) = [words for words in asking.hears(LI) if "认识" not in words]
    assert "新分给您" in told


def test_who_left_the_roster_on_leave_is_not_welcomed_back(asking: Town) -> None:
    asking.says(WANG, "请假 3天")
    asking.rows(
        "update liaisons l set retired_at = %(now)s from people p"
        " where p.id = l.person_id and p.name = %(name)s returning 1",
        now=asking.watch.at,
        name=WANG,
    )
    asking.all_hear()
    asking.wind(days=3, seconds=5)
    assert asking.hears(WANG) == []
