"""What the replies to odd words say, as somebody old would read them."""

import pytest

from tests.town import Town


@pytest.fixture
def town(town: Town) -> Town:
    town.binds("居民", "A101", "王联络")
    town.all_hear()
    return town


def test_a_resident_who_types_a_word_of_staff_is_told_what_to_do_instead(town: Town) -> None:
    no = town.opens("居民", "水管漏水")
    before = town.snapshot()
    assert "119" in town.says("居民", f"紧急 #{no}")
    assert "「催办」" in town.says("居民", f"上报 #{no}")
    assert "直接跟我们说" in town.says("居民", "接单")
    assert {**town.snapshot(), "people": []} == {**before, "people": []}


def test_a_verdict_too_early_is_not_refused_as_not_wanted(town: Town) -> None:
    no = town.opens("居民", "水管漏水")
    for word in ("满意", "基本满意"):
        assert "办好了会请您评价" in town.says("居民", f"{word} #{no}")
    town.says("王联络", f"办结 #{no} 修好了")
    assert "没弄好请回复「没解决」" in town.says("居民", f"催办 #{no}")


def test_words_with_an_urging_that_is_held_back_are_said_to_have_gone(town: Town) -> None:
    no = town.opens("居民", "水管漏水")
    town.says("居民", f"催办 #{no}")
    town.all_hear()
    assert "不再重复打扰" in town.says("居民", "催办")
    reply = town.says("居民", f"不满意 #{no} 还在滴水")
    assert "您的话已转过去了" in reply
    assert "打扰" not in reply
    assert any("还在滴水" in heard for heard in town.hears("王联络"))


def test_a_full_stop_behind_a_name_is_no_part_of_it(town: Town) -> None:
    assert "王联络已停用" in town.says("林书记", "停用 王联络。")
    assert "王联络已启用" in town.says("林书记", "啟用　联络员王联络！")


def test_how_long_may_follow_the_number_behind_a_comma(town: Town) -> None:
    no = town.opens("居民", "水管漏水")
    assert f"#{no}（1号楼1单元101）延到" in town.says("王联络", f"延期 {no}号，２天，等配件")


def test_a_liaison_who_is_stopped_is_told_and_thanked(town: Town) -> None:
    town.says("林书记", "停用 王联络")
    (heard,) = (text for text in town.hears("王联络") if "联络员工作" in text)
    assert "辛苦您了" in heard
    assert "我的住户" not in heard
    town.says("林书记", "启用 王联络")
    assert any("您又是联络员了" in text for text in town.hears("王联络"))


def test_whose_liaison_is_away_is_told_that_somebody_else_has_it(town: Town) -> None:
    assert "现在不在" not in town.says("居民", "我的联络员")
    town.says("王联络", "请假 3天")
    assert "现在不在，有事直接在这里说" in town.says("居民", "我的联络员")


def test_a_leave_said_twice_is_told_once(town: Town) -> None:
    town.says("王联络", "请假 12月1日")
    assert len(town.hears("居民")) == 1
    assert "请假到12月1日" in town.says("王联络", "請假２０２６－１２－０１")
    assert town.hears("居民") == []
    assert town.says("王联络", "请假 12月2日")
    assert len(town.hears("居民")) == 1


def test_who_hands_over_at_the_top_is_not_told_that_it_climbs(town: Town) -> None:
    no = town.opens("生客", "路灯不亮")
    assert "再催" in town.says("周专员", f"转办 #{no} 高管理")
    other = town.opens("居民", "找社区 楼道堆了杂物")
    assert "往上转" in town.says("林书记", f"转办 #{other} 钱社工")


@pytest.mark.parametrize(
    ("who", "typed", "spaced"),
    [("王联络", "请假三天", "请假 三天"), ("林书记", "停用王联络", "停用 王联络")],
)
def test_a_word_without_its_space_is_words_and_how_to_write_it_is_said(
    town: Town, who: str, typed: str, spaced: str
) -> None:
    town.opens("居民", "水管漏水")
    town.opens("居民", "新问题 电梯坏了")
    assert spaced in town.says(who, typed)
    assert spaced not in town.says("居民", typed)
    assert town.rows("select 1 from liaisons where leave_until is not null") == []


def test_who_files_for_a_household_is_not_thanked_as_its_resident(town: Town) -> None:
    reply = town.says("王联络", "代录 A102 老人说门坏了")
    assert f"已替1号楼1单元102登记，编号 #{town.newest()}。" in reply


def test_a_list_of_ones_own_has_no_hole_where_the_address_would_stand(town: Town) -> None:
    no = town.opens("居民", "水管漏水")
    town.opens("居民", "新问题 电梯坏了")
    assert f"#{no} 水管漏水（等答复）" in town.says("居民", "催办")
