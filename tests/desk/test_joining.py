"""Following, 绑定, 认识 and 认领, through the desk on a real database (contract §4)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bot.core.messages import Kind
from bot.desk.rosters import make_invites
from tests.build import PHONES
from tests.town import Town

NewTown = Callable[..., Town]


# --- joining -----------------------------------------------------------------------------------


def test_a_scanned_door_is_remembered_and_the_room_alone_is_enough(town: Town) -> None:
    greeted = town.says("居民", kind=Kind.FOLLOW, scene="door-A-D1")
    assert "1单元" in greeted
    assert "绑定" in greeted
    asked = town.says("居民", "绑定 101")
    assert "1号楼1单元101" in asked
    assert "王联络" in asked
    (request,) = town.hears("王联络")
    assert "1号楼1单元101" in request


def test_a_door_scanned_later_goes_before_the_first(town: Town) -> None:
    town.says("居民", kind=Kind.FOLLOW, scene="door-A-D1")
    town.says("居民", kind=Kind.SCAN, scene="door-B-D1")
    assert "陈联络" in town.says("居民", "绑定101")
    town.says("居民二", kind=Kind.SCAN, scene="door-NOWHERE")
    assert town.one("select door_id from people where openid = '居民二'")["door_id"] is None


def test_several_homes_are_offered_as_letters_and_one_is_chosen(town: Town) -> None:
    offered = town.says("居民", "绑定 1号楼1单元101")
    assert "甲社区1号楼1单元101" in offered
    assert "乙社区1号楼1单元101" in offered
    assert town.rows("select * from memberships") == []
    mark = next(line[0] for line in offered.splitlines() if "乙社区" in line)
    assert mark in "甲乙"
    assert "陈联络" in town.says("居民", mark)
    assert "王联络" in town.says("居民三", "绑定 甲社区1号楼1单元101")


def test_a_letter_without_an_offer_is_words(town: Town) -> None:
    town.says("居民", "甲")
    assert town.issue(town.newest())["first_words"] == "甲"


def test_who_is_pending_may_report_and_sees_no_phone(town: Town) -> None:
    no = town.binds("居民", "A101")
    assert "王联络" in town.says("居民", "我的联络员")
    issue = town.opens("居民", "电梯坏了")
    assert town.issue(issue)["holder"] == "王联络"
    assert "还没认识" in town.hears("王联络")[1]
    town.says("王联络", "我先看看")
    town.says("居民", "进度")
    town.says("居民", "帮助")
    everything = "".join(town.read["居民"])
    assert not any(phone in everything for phone in PHONES)
    assert "户主" not in everything
    town.says("王联络", f"认识 #{no}")
    assert "13800000001" in "".join(town.hears("居民"))
    assert "13700000002" in town.says("居民", "我的联络员")


def test_not_known_removes_the_household_and_keeps_the_issues(town: Town) -> None:
    request = town.binds("居民", "A101")
    no = town.opens("居民", "电梯坏了")
    town.hears("王联络")
    assert "没有确认" in town.says("王联络", f"不认识 #{request}")
    assert "1号楼1单元101" in town.hears("居民")[-1]
    found = town.issue(no)
    assert (found["household_id"], found["state"], found["holder"]) == (None, "waiting", "王联络")
    assert f"#{no}" in town.says("居民", "进度")
    assert "绑定" in town.says("居民", "我的联络员")
    town.wind(hours=1)
    assert town.issue(no)["holder"] == "张网格"


def test_only_who_serves_the_household_answers_a_request(town: Town) -> None:
    request = town.binds("居民", "A101")
    for other in ("李联络", "陈联络", "郭网格", "何书记"):
        before = town.snapshot()
        for word in ("认识", "不认识"):
            town.says(other, f"{word} #{request}")
            town.says(other, word)
        assert town.snapshot() == before
    town.says("张网格", f"认识 #{request}")
    assert town.one("select state from memberships")["state"] == "recognised"


def test_two_who_answer_a_request_at_once_give_one_answer(town: Town) -> None:
    request = town.binds("居民", "A101")
    town.hears("王联络")
    barrier = Barrier(2)

    def answer(who: str, word: str) -> None:
        barrier.wait(5)
        town.says(who, f"{word} #{request}")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(answer, ("王联络", "张网格"), ("认识", "不认识")))
    (heard,) = town.hears("居民")
    known = town.one("select state from memberships")["state"] == "recognised"
    assert ("确认好了" in heard) == known


def test_words_before_binding_move_to_the_liaison_while_they_wait(town: Town) -> None:
    town.says("居民", kind=Kind.SCAN, scene="door-A-D1")
    waiting = town.opens("居民", "电梯坏了")
    assert town.issue(waiting)["tier"] == "grid"
    town.says("居民", "新问题 楼道灯坏了")
    answered = town.newest()
    town.says("张网格", f"#{answered} 下午修")
    town.says("居民", "找社区 不想让联络员知道")
    past = town.newest()
    town.hears("王联络")
    reply = town.says("居民", "绑定 101")
    assert f"#{waiting}" in reply
    found = town.issue(waiting)
    assert (found["tier"], found["holder"]) == ("liaison", "王联络")
    assert town.history(waiting) == ["opened grid", "handed_over liaison"]
    assert town.issue(answered)["holder"] == "张网格"
    assert (town.issue(past)["tier"], town.issue(past)["household_id"]) == ("community", None)
    heard = "".join(town.hears("王联络"))
    assert "电梯坏了" in heard
    assert "不想让联络员知道" not in heard
    assert "没有" in town.says("王联络", f"#{past} 看一下")


def test_binding_elsewhere_than_at_the_scanned_door_takes_the_words_along(
    new_town: NewTown,
) -> None:
    town = new_town(joined=False)
    town.joins("张网格", "郭网格", "周专员")
    town.says("居民", kind=Kind.SCAN, scene="door-A-D1")
    no = town.opens("居民", "电梯坏了")
    assert town.issue(no)["holder"] == "张网格"
    town.says("居民", "绑定 乙社区2号楼1单元101")
    found = town.issue(no)
    assert (found["tier"], found["holder"]) == ("grid", "郭网格")
    assert "电梯坏了" in "".join(town.hears("郭网格"))
    assert "没有" in town.says("张网格", f"#{no} 马上到")


def test_moving_house_leaves_the_old_household_only_when_known(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.binds("居民", "A201")
    assert town.issue(town.opens("居民", "电梯坏了"))["holder"] == "王联络"
    town.says("李联络", "认识")
    assert town.issue(town.opens("居民", "新问题 灯坏了"))["holder"] == "李联络"


# --- claiming ----------------------------------------------------------------------------------


def code_of(town: Town, name: str) -> str:
    return str(
        town.one(
            "select code from invites i join people p on p.id = i.person_id where p.name = %(n)s",
            n=name,
        )["code"]
    )


def test_a_code_joins_once(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.joins("王联络")
    assert "已经认领过" in town.says("王联络", f"认领 {code_of(town, '王联络')}")
    assert "不对" in town.says("居民", f"认领 {code_of(town, '王联络')}")
    spaced = " ".join(code_of(town, "张网格")).lower()
    assert "已加入" in town.says("张网格", f"认领{spaced}")


def test_a_code_typed_by_two_at_once_joins_one(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.joins("王联络")
    rivals, barrier = ("甲人", "乙人", "丙人", "丁人"), Barrier(4)

    def claim(who: str) -> str:
        barrier.wait(5)
        return town.says(who, f"认领 {code_of(town, '张网格')}")

    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(claim, rivals))
    assert sum("已加入" in reply for reply in replies) == 1
    joined = town.one("select openid from people where name = '张网格'")["openid"]
    assert replies[rivals.index(joined)].startswith("张网格")
    assert len(town.rows("select 1 from people where openid is not null")) == 5


def test_five_wrong_codes_lock_for_an_hour(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.joins("王联络")
    code = code_of(town, "张网格")
    for _ in range(4):
        assert "不对" in town.says("居民", "认领 ABCD2345")
    assert "一小时" in town.says("居民", "认领 ABCD2345")
    assert "一小时" in town.says("居民", f"认领 {code}")
    town.wind(minutes=59)
    assert "一小时" in town.says("居民", f"认领 {code}")
    town.wind(minutes=1)
    assert "已加入" in town.says("居民", f"认领 {code}")


def test_who_had_reported_before_keeps_their_issues(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.joins("张网格", "周专员")
    no = town.opens("李联络", "路灯坏了")
    town.binds("李联络", "A201")
    town.joins("李联络")
    assert f"#{no}" in town.says("李联络", "进度")
    (row,) = town.rows("select name from people where openid = '李联络'")
    assert row["name"] == "李联络"


def test_a_code_of_two_weeks_ago_is_good_no_more(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.joins("王联络")
    town.wind(days=14)
    assert "过期" in town.says("居民", f"认领 {code_of(town, '张网格')}")


def test_who_joins_where_nobody_was_has_what_nobody_could_hold_at_once(
    new_town: NewTown,
) -> None:
    town = new_town(joined=False)
    town.says("居民", kind=Kind.SCAN, scene="door-A-D1")
    no = town.opens("居民", "楼道堆了杂物")
    other = town.opens("邻居", "路灯不亮")
    assert {town.issue(one)["holder"] for one in (no, other)} == {"周专员"}
    codes = {invite.name: invite.code for invite in make_invites(town.bot)}
    before = town.snapshot()
    town.says("张网格", f"认领 {codes['张网格']}")
    assert town.snapshot()["issues"] == before["issues"]
    assert "有2件事正等着您" in town.says("高管理", f"认领 {codes['高管理']}")
    assert {town.issue(one)["holder"] for one in (no, other)} == {"高管理"}
    told = town.hears("高管理")
    assert any(f"#{no} 甲社区1号楼1单元：楼道堆了杂物" in text for text in told)
    assert all("由您负责" in text for text in told)
    assert len(told) == 2
    assert any(f"#{no} 现在由管理员高管理负责" in text for text in town.hears("居民"))
    assert not town.broken()


def test_ones_own_issue_is_not_held_by_joining(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.says("高管理", kind=Kind.SCAN, scene="door-A-D1")
    no = town.opens("高管理", "楼道堆了杂物")
    town.joins("高管理")
    assert town.issue(no)["holder"] == "周专员"
    assert not town.broken()


def test_a_liaison_who_joins_is_asked_about_who_came_before(new_town: NewTown) -> None:
    town = new_town(joined=False)
    no = town.binds("居民", "A101")
    town.binds("邻居", "B101")
    town.joins("王联络")
    (asked,) = (text for text in town.hears("王联络") if "有人说住在" in text)
    assert f"#{no} 有人说住在1号楼1单元101" in asked
    town.says("王联络", "认识")
    assert any("确认好了" in text for text in town.hears("居民"))
    assert not town.broken()
