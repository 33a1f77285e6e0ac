"""物业 is told, and holds what it takes or is on duty for; or where nobody else is there at all."""

import pytest

from bot.core.messages import Kind
from tests.conftest import NewTown
from tests.town import Town

PROPERTY = "赵物业"


@pytest.fixture
def alone(new_town: NewTown) -> Town:
    """Nobody but 物业 has joined."""
    town = new_town(joined=False)
    town.joins(PROPERTY)
    town.says("居民", kind=Kind.SCAN, scene="door-A-D1")
    return town


def test_where_nobody_else_is_there_it_is_told_and_holds(alone: Town) -> None:
    reply = alone.says("居民", "楼道冒烟")
    no = alone.newest()
    assert f"由物业{PROPERTY}负责" in reply
    assert alone.issue(no)["holder"] == PROPERTY
    assert any("楼道冒烟" in text and "由您负责" in text for text in alone.hears(PROPERTY))
    alone.wind(hours=2)
    assert alone.issue(no)["holder"] == PROPERTY
    assert not alone.broken()


def test_whoever_joins_above_has_it_when_its_time_runs_out(alone: Town) -> None:
    no = alone.opens("居民", "楼道堆了杂物")
    alone.joins("林书记")
    assert alone.issue(no)["holder"] == PROPERTY
    alone.wind(hours=1, minutes=1)
    assert alone.issue(no)["holder"] == "林书记"
    assert not alone.broken()


def test_where_somebody_else_is_there_it_is_passed_by(town: Town) -> None:
    town.says("居民", kind=Kind.SCAN, scene="door-A-D1")
    town.says("张网格", kind=Kind.UNFOLLOW)
    no = town.opens("居民", "楼道堆了杂物")
    assert town.issue(no)["holder"] == "林书记"
    assert not town.broken()


def test_when_all_others_leave_it_goes_on_to_it(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "楼道堆了杂物")
    for who in ("王联络", "张网格", "林书记", "钱社工", "周专员", "高管理"):
        town.says(who, kind=Kind.UNFOLLOW)
        town.tick()
    assert town.issue(no)["tier"] == "subdistrict"  # a tier never falls
    other = town.opens("居民", "新问题 路灯不亮")
    assert town.issue(other)["holder"] == PROPERTY
    assert not town.broken()
