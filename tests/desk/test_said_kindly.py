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
