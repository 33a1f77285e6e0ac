"""What is in hand and not answered, wound forward on a real database (contract §6)."""

from datetime import timedelta

from bot.core.messages import Kind
from tests.town import Town


def in_hand(town: Town) -> int:
    """An issue that the liaison took: an hour to answer, a day to handle."""
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "接单")
    town.all_hear()
    return no


def test_words_that_nobody_answers_climb_like_a_new_issue(town: Town) -> None:
    no = in_hand(town)
    handle_by = town.issue(no)["due_at"]
    town.watch.wind(timedelta(hours=3))
    assert "已转给" in town.says("居民", "还关着人呢")
    due = town.watch.at + timedelta(hours=1)
    assert town.issue(no)["due_at"] == due < handle_by
    assert "前答复" in "".join(town.hears("王联络"))
    assert town.wind(minutes=40) == 0
    town.says("居民", "怎么没人理")
    town.says("居民", "谢谢")
    assert town.issue(no)["due_at"] == due
    assert town.wind(minutes=20) == 1
    found = town.issue(no)
    assert (found["state"], found["tier"], found["holder"]) == ("waiting", "grid", "张网格")
    assert town.tick() == 0
    assert town.history(no)[-1] == "escalated grid"


def test_answered_in_time_only_the_handling_clock_runs_on(town: Town) -> None:
    no = in_hand(town)
    handle_by = town.issue(no)["due_at"]
    town.says("居民", "还关着人呢")
    town.says("王联络", "师傅五分钟后到")
    assert town.issue(no)["due_at"] == handle_by
    assert town.wind(hours=23) == 0
    town.says("居民", "还没到")
    assert town.issue(no)["due_at"] == handle_by
    assert town.wind(hours=1) == 1
    assert town.issue(no)["tier"] == "grid"


def test_put_off_with_a_reason_until_the_time_that_was_told(town: Town) -> None:
    no = in_hand(town)
    town.says("居民", "还关着人呢")
    assert f"#{no}" in town.says("王联络", "延期 3天 等配件到货")
    (told,) = town.hears("居民")
    assert "等配件到货" in told
    assert "11月26日10:00" in told
    until = town.watch.at + timedelta(days=3)
    found = town.issue(no)
    assert (found["state"], found["holder"], found["due_at"]) == ("in_hand", "王联络", until)
    assert town.history(no)[-1] == "extended liaison"
    town.wind(days=2, hours=23)
    assert town.issue(no)["tier"] == "liaison"
    town.says("王联络", f"延期 #{no} 3天 还没到货")
    assert "不能再延" in town.says("王联络", f"延期 #{no} 5天 还没到货")
    assert town.issue(no)["due_at"] == town.watch.at + timedelta(days=3)
    assert town.wind(days=3) == 1
    assert town.issue(no)["tier"] == "grid"
    assert town.issue(no)["extensions"] == 0
    for who in ("王联络", "张网格", "居民"):
        town.says(who, "待办")
    before = town.snapshot()
    assert "网格" in town.says("王联络", f"延期 #{no} 3天 还没到货")
    assert "最晚" in town.says("张网格", f"延期 #{no} 2099-01-01 没办法")
    assert "为什么" in town.says("张网格", f"延期 #{no} 没办法")
    assert "只有" in town.says("居民", f"延期 #{no} 3天 不急")
    assert town.snapshot() == before


def test_thanks_greetings_and_stickers_start_no_clock(town: Town) -> None:
    no = in_hand(town)
    handle_by = town.issue(no)["due_at"]
    for text in ("谢谢", "您好", "【收到不支持的消息类型，暂无法显示】"):
        town.says("居民", text)
    assert town.issue(no)["due_at"] == handle_by
    town.says("居民", "[图片]", Kind.PICTURE)
    assert town.issue(no)["due_at"] == town.watch.at + timedelta(hours=1)


def test_not_solved_goes_on_where_the_residents_own_clock_stands(town: Town) -> None:
    no = in_hand(town)
    opened = town.issue(no)
    town.watch.wind(timedelta(hours=5))
    town.says("王联络", f"延期 #{no} 2天 等配件")
    town.says("居民", "快一点")
    town.says("王联络", f"办结 #{no} 修好了")
    assert town.issue(no)["due_at"] == town.watch.at + timedelta(days=3)
    town.watch.wind(timedelta(hours=5))
    town.says("居民", f"没解决 #{no} 又停了")
    found = town.issue(no)
    assert (found["state"], found["tier"], found["holder"]) == ("waiting", "grid", "张网格")
    assert (found["opened_at"], found["answered_at"]) == (
        opened["opened_at"],
        opened["answered_at"],
    )
    assert (found["resolved_at"], found["closed_at"], found["verdict"]) == (None, None, None)
    assert (found["extensions"], found["unanswered_at"], found["handle_by"]) == (0, None, None)
    assert found["due_at"] == town.watch.at + timedelta(hours=1)
    town.says("张网格", f"办结 #{no} 换了主板")
    town.all_hear()
    for _ in range(3):
        town.wind(days=1)
    asked = [text for text in town.hears("居民") if "办得怎么样" in text or "没收到" in text]
    assert [("办得怎么样" in text) for text in asked] == [True, True, False]
    closed = town.issue(no)
    assert (closed["state"], closed["due_at"], closed["tier"]) == ("closed", None, "grid")
    town.says("居民", f"不满意 #{no} 还是停")
    assert (town.issue(no)["tier"], town.issue(no)["verdict"]) == ("community", "不满意")
