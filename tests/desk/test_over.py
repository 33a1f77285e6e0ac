"""Numbers of what is over: said to be so, and how to go on; no words go where nobody looks."""

from datetime import timedelta

import pytest

from tests.town import Town

WEEK = timedelta(days=7, minutes=1)


@pytest.fixture
def town(town: Town) -> Town:
    town.binds("居民", "A101", "王联络")
    town.all_hear()
    return town


def closed(town: Town, words: str = "水管漏水") -> int:
    """The number of an issue of hers that is over."""
    no = town.opens("居民", words)
    town.says("王联络", f"办结 #{no} 修好了")
    town.says("居民", f"满意 #{no}")
    town.all_hear()
    return no


@pytest.mark.parametrize("typed", ["没解决 #{no}", "没解决{no}", "不满意 ＃{no}", "沒解決 {no}号"])
def test_what_closed_more_than_a_week_ago_is_said_to_be_over(town: Town, typed: str) -> None:
    no = closed(town)
    town.opens("居民", "楼道灯不亮")
    town.opens("居民", "新问题 电梯坏了")
    town.watch.wind(WEEK)
    before = town.snapshot()
    reply = town.says("居民", typed.format(no=no))
    assert f"#{no}（11月23日）已经结束了，过了七天" in reply
    assert "新问题 什么事" in reply
    assert town.snapshot() == before


def test_within_the_week_it_goes_on_one_tier_higher(town: Town) -> None:
    no = closed(town)
    town.watch.wind(WEEK - timedelta(minutes=2))
    assert f"#{no} 重新办" in town.says("居民", f"没解决 #{no}")


@pytest.mark.parametrize("typed", ["没解决 #{no} 电梯又坏了", "催办 #{no}，电梯又坏了"])
def test_the_words_with_it_are_kept_for_a_new_one(town: Town, typed: str) -> None:
    no = closed(town)
    town.watch.wind(WEEK)
    reply = town.says("居民", typed.format(no=no))
    assert "已记下，回复「新问题」" in reply
    assert town.newest() == no
    town.says("居民", "新问题")
    assert town.newest() > no
    assert town.issue(town.newest())["first_words"] == "电梯又坏了"


def test_a_bare_number_with_words_behind_it_is_words_and_what_it_may_mean_is_said(
    town: Town,
) -> None:
    """Contract section 4: a bare number counts only where it is open."""
    no = closed(town)
    town.watch.wind(WEEK)
    other = town.opens("居民", "楼道灯不亮")
    town.all_hear()
    reply = town.says("居民", f"没解决 {no} 又漏了")
    assert f"已替您催 #{other}" in reply
    assert f"#{no}（11月23日）已经结束了" in reply
    assert any(f"{no} 又漏了" in heard for heard in town.hears("王联络"))


@pytest.mark.parametrize(("after", "way"), [(timedelta(), "没解决 #{no}"), (WEEK, "新问题 什么事")])
def test_words_that_name_it_go_on_in_what_is_open_and_she_is_told(
    town: Town, after: timedelta, way: str
) -> None:
    no = closed(town)
    town.watch.wind(after)
    other = town.opens("居民", "楼道灯不亮")
    town.all_hear()
    reply = town.says("居民", f"#{no} 又漏了")
    assert f"（#{other}，" in reply
    assert f"#{no}（" in reply
    assert "已经结束了" in reply
    assert way.format(no=no) in reply
    assert any("又漏了" in heard for heard in town.hears("王联络"))


def test_its_number_alone_says_nothing_to_anybody(town: Town) -> None:
    no = closed(town)
    town.opens("居民", "楼道灯不亮")
    before = town.snapshot()
    assert f"回复「没解决 #{no}」" in town.says("居民", f"#{no}")
    assert town.snapshot() == before


def test_somebody_elses_number_is_not_told_apart_from_none(town: Town) -> None:
    no = closed(town)
    town.binds("邻居", "A102", "王联络")
    town.watch.wind(WEEK)
    town.opens("邻居", "停水了")
    for named in (no, 99_999):
        reply = town.says("邻居", f"没解决 #{named}")
        assert f"没有您能办的 #{named}" in reply
        assert "结束" not in reply


def test_words_with_a_command_that_has_nothing_to_be_about_are_kept(town: Town) -> None:
    reply = town.says("居民", "没解决 楼道还是黑的")
    assert "已记下，回复「新问题」" in reply
    assert "已记下" not in town.says("居民", "满意 谢谢师傅")
    town.says("居民", "没解决 楼道还是黑的")
    no = town.newest()
    town.says("居民", "新问题")
    assert town.newest() > no
    assert town.issue(town.newest())["first_words"] == "楼道还是黑的"


@pytest.fixture
def two(town: Town) -> tuple[int, int]:
    """Two of her issues, both called done."""
    numbers = (town.opens("居民", "水管漏水"), town.opens("居民", "新问题 楼道灯不亮"))
    for no in numbers:
        town.says("王联络", f"办结 #{no} 修好了")
    town.all_hear()
    return numbers


def said_in(town: Town, no: int) -> list[str]:
    rows = town.rows("select text from messages where issue_no = %(no)s order by at, id", no=no)
    return [row["text"] for row in rows]


@pytest.mark.parametrize("typed", ["没解决 #{no}", "#{no}", "{no}", "{no}号"])
@pytest.mark.parametrize("words", ["", " 还是老样子"])
def test_the_number_asked_for_carries_the_command_out_with_its_words(
    town: Town, two: tuple[int, int], typed: str, words: str
) -> None:
    reply = town.says("居民", f"没解决{words}")
    assert "回复编号就行" in reply
    assert ("您刚才的话" in reply) == bool(words)
    assert all(f"#{no}" in reply for no in two)
    assert not town.hears("王联络")
    assert f"#{two[0]} 重新办" in town.says("居民", typed.format(no=two[0]))
    assert town.issue(two[0])["tier"] == "grid"
    assert any("老样子" in heard for heard in town.hears("张网格")) == bool(words)
    assert town.one("select awaiting from people where openid = '居民'")["awaiting"] is None
    assert town.issue(two[1])["state"] == "resolved"


@pytest.mark.parametrize("then", ["没解决 #{no} 厨房那件", "#{no} 厨房那件", "就是厨房那件"])
def test_what_is_said_when_asked_which_is_heard_along_with_what_was_kept(
    town: Town, two: tuple[int, int], then: str
) -> None:
    no = two[1]  # last spoken of
    town.says("居民", "没解决 还是老样子")
    town.says("居民", then.format(no=no))
    assert said_in(town, no)[-1] == "还是老样子\n" + ("就是" if "就是" in then else "") + "厨房那件"
    holder = town.issue(no)["holder_openid"]
    assert any("老样子" in heard and "厨房" in heard for heard in town.hears(holder))


def test_asked_twice_nothing_said_is_lost(town: Town, two: tuple[int, int]) -> None:
    town.says("居民", "没解决 还是老样子")
    town.says("居民", "没解决 厨房那件")
    town.says("居民", f"没解决 #{two[0]}")
    assert said_in(town, two[0])[-1] == "还是老样子\n厨房那件"


def test_words_of_a_complaint_do_not_go_along_with_praise_of_another(
    town: Town, two: tuple[int, int]
) -> None:
    second = two[1]
    town.says("居民", "没解决 还是老样子")
    town.says("居民", f"满意 #{second}")
    assert "还是老样子" not in said_in(town, second)


def test_praise_goes_along_as_well(town: Town, two: tuple[int, int]) -> None:
    town.says("居民", "满意 王师傅修得又快又好")
    assert "谢谢" in town.says("居民", f"{two[0]}")
    assert town.issue(two[0])["verdict"] == "满意"
    assert said_in(town, two[0])[-1] == "王师傅修得又快又好"


def test_danger_does_not_wait_for_an_answer(town: Town, two: tuple[int, int]) -> None:
    town.says("居民", "没解决 煤气还在漏")
    assert town.newest() > max(two)  # what was called done, nobody looks at
    assert town.issue(town.newest())["urgent"]
    assert any("煤气" in heard for heard in town.hears("王联络"))


def test_who_serves_and_reports_is_not_taken_for_the_other(town: Town) -> None:
    """Words for a household go into no issue of one's own, nor a complaint to a household."""
    town.binds("王联络", "A102", "王联络")
    served = town.opens("居民", "水管漏水")
    mine = [town.opens("王联络", f"我要反映 {words}") for words in ("灯不亮", "门坏了")]
    assert "哪" in town.says("王联络", "先别声张，我去看看")
    town.says("王联络", f"催办 #{mine[0]}")
    assert "先别声张，我去看看" not in said_in(town, mine[0])
    town.says("王联络", "催办 网格长根本不管")
    assert f"#{served}" in town.says("王联络", f"#{served}")
    assert "已转给" in town.says("王联络", "马上到")  # that number was not of their own: as ever
    assert not any("根本不管" in heard for heard in town.hears("居民"))


def test_who_asks_to_join_is_listed_by_their_home_and_what_to_answer(town: Town) -> None:
    first, second = town.binds("生客", "A102"), town.binds("新来的", "A101")
    todo = town.says("王联络", "待办")
    assert "没有文字" not in todo
    assert "「认识 #编号」" in todo
    assert f"#{first} 有人说住在1号楼1单元102" in todo
    asked = town.says("王联络", "认识")
    assert f"#{second} 有人说住在1号楼1单元101" in asked
    assert "没有文字" not in asked
    none = town.says("王联络", "不认识 #99999")
    assert f"#{second} 有人说住在" in none
