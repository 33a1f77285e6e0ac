"""What people say and read back, through the desk on a real database (contract §4)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from bot import excel
from bot.core.messages import Kind, Said
from bot.core.roster.sheets import sheets_of
from bot.desk.kept import KEPT_IN_REDIS, NotKept
from bot.desk.receive import bring_in, receive, rehearse
from bot.desk.rosters import load_roster
from bot.store.engine import connect
from tests.build import DISTRICT, EVERYBODY, LIAISONS, STAFF
from tests.town import Town, Watch, a_bot, lacking

NewTown = Callable[..., Town]


# --- the story ---------------------------------------------------------------------------------


def test_a_residents_words_reach_the_liaison_and_the_answer_comes_back(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    reply = town.says("居民", "电梯坏了")
    no = town.newest()
    assert f"#{no}" in reply
    assert "王联络" in reply
    (assigned,) = town.hears("王联络")
    assert f"#{no}" in assigned
    assert "电梯坏了" in assigned
    assert "1号楼1单元101" in assigned
    confirmed = town.says("王联络", "马上到")
    assert "1号楼1单元101" in confirmed
    (relayed,) = town.hears("居民")
    assert "马上到" in relayed
    assert "王联络" in relayed
    town.says("王联络", f"办结 #{no} 修好了")
    (asked,) = town.hears("居民")
    assert "修好了" in asked
    assert f"满意 #{no}" in asked
    town.says("居民", "满意")
    assert town.issue(no)["verdict"] == "满意"
    assert town.history(no) == [
        "opened liaison",
        "relayed liaison",
        "answered liaison",
        "resolved liaison",
        "verdict liaison",
        "closed liaison",
    ]
    assert "满意" in town.hears("王联络")[0]


def test_what_waits_for_a_person_rides_on_their_next_reply_once(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.opens("居民", "电梯坏了")
    town.says("王联络", "马上到")
    assert "马上到" in town.says("居民", "进度")
    assert "马上到" not in town.says("居民", "进度")
    rode = town.one("select state, channel from outbox where kind = 'relayed'")
    assert rode == {"state": "sent", "channel": "passive"}


# --- who may do what, by whole snapshots of the database ---------------------------------------

FOREIGN = ("李联络", "陈联络", "郭网格", "何书记", "邻居", "生人")
ON_A_NUMBER = (
    "接单 {}",
    "办结 {} 好了",
    "上报 {} 难办",
    "延期 {} 3天 难办",
    "催办 {}",
    "满意 {}",
    "不满意 {}",
    "进度 {}",
)


def test_no_command_on_anothers_issue_does_or_shows_anything(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.binds("邻居", "A101", "王联络")
    no = town.opens("居民", "暗语甲")
    assert "邻居" in FOREIGN
    for who in FOREIGN:
        town.says(who, "您好")
        before = town.snapshot()
        replies = [town.says(who, command.format(f"#{no}")) for command in ON_A_NUMBER]
        replies += [town.says(who, command.format("")) for command in ON_A_NUMBER]
        assert town.snapshot() == before, who
        assert all(replies)
        assert not any("暗语甲" in reply or "A101" in reply for reply in replies)


def test_the_words_of_those_who_serve_do_nothing_for_residents(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    for who in ("居民", "生人"):
        town.says(who, "进度")
        before = town.snapshot()
        for text in (
            *(
                f"接单 #{no}",
                f"办结 #{no} 好了",
                f"上报 #{no}",
                f"延期 #{no} 3天 难办",
                "认识",
                "不认识",
                "待办",
                "我的住户",
            ),
            "代录 A101 水管漏",
        ):
            assert "只有" in town.says(who, text)
        assert town.snapshot() == before


def test_past_the_liaison_is_hidden_from_the_liaison(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.says("居民", "找社区 暗语乙")
    no = town.newest()
    assert town.issue(no)["holder"] == "林书记"
    assert town.hears("王联络") == []
    before = town.snapshot()
    for text in (
        "待办",
        f"接单 #{no}",
        f"办结 #{no} 好了",
        f"上报 #{no}",
        f"延期 #{no} 3天 难办",
        f"进度 #{no}",
        "我的住户",
    ):
        assert "暗语乙" not in town.says("王联络", text)
    town.says("王联络", f"#{no} 马上到")
    assert town.snapshot()["issues"] == before["issues"]
    assert town.hears("居民") == []
    town.says("居民", "暗语丙")
    assert town.hears("王联络") == []
    assert "暗语丙" in "".join(town.hears("林书记"))


def test_filing_for_a_household(town: Town) -> None:
    reply = town.says("王联络", "代录 101 老人说水管漏")
    no = town.newest()
    assert f"#{no}" in reply
    found = town.issue(no)
    assert (found["filed_for"], found["holder"], found["tier"]) == (True, "王联络", "liaison")
    before = town.snapshot()
    town.says("王联络", "代录 201 不是我的户")
    town.says("陈联络", "代录 A101 不是我的户")
    assert town.snapshot()["issues"] == before["issues"]
    town.says("张网格", "代录 A101 网格代录")
    assert town.issue(town.newest())["holder"] == "王联络"
    assert "网格代录" in "".join(town.hears("王联络"))
    assert "代录的" in town.says("王联络", f"#{no} 上门看过了")
    asked = town.says("王联络", f"办结 #{no} 修好了")
    assert f"满意 #{no}" in asked
    town.says("王联络", f"满意 #{no}")
    assert town.issue(no)["state"] == "closed"


def test_a_liaison_sees_own_households_and_staff_are_told_they_have_none(town: Town) -> None:
    listed = town.says("王联络", "我的住户")
    assert "1单元101" in listed
    assert "1单元102" in listed
    assert "201" not in listed
    assert "只有联络员" in town.says("张网格", "我的住户")


def test_everybody_who_serves_gets_help_and_an_empty_list(town: Town) -> None:
    for who in EVERYBODY:
        assert "接单" in town.says(who, "帮助")
        assert "没有" in town.says(who, "待办")


def test_somebody_who_is_everything_at_once_is_asked_which(town: Town) -> None:
    """The liaison of 101 is also a resident of 201: own words and the household's stay apart."""
    town.binds("王联络", "A201", "李联络")
    own = town.opens("王联络", "我要反映 我家停水")
    assert town.issue(own)["holder"] == "李联络"
    town.binds("居民", "A101", "王联络")
    theirs = town.opens("居民", "电梯坏了")
    asked = town.says("王联络", "今天能修好吗")
    assert f"#{own}" in asked
    assert f"#{theirs}" in asked
    town.hears("李联络")
    assert town.hears("居民") == []
    town.says("王联络", f"#{own}")
    assert town.hears("居民") == []
    assert "今天能修好吗" in "".join(town.hears("李联络"))


@pytest.mark.parametrize("who", ["王联络", "张网格"])
def test_words_kept_while_asked_whether_they_are_own_become_the_own_issue(
    town: Town, who: str
) -> None:
    assert "我要反映" in town.says(who, "我家没热水")
    own = town.opens(who, "我要反映")
    said = town.rows("select text from messages where issue_no = %(no)s", no=own)
    assert [row["text"] for row in said] == ["我家没热水"]


def test_after_a_command_plain_words_are_not_the_next_behind_a_lone_number(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    first = town.opens("居民", "电梯坏了")
    second = town.opens("居民", "新问题 灯不亮")
    town.says("王联络", f"#{first}")
    town.says("王联络", f"接单 #{second}")
    town.hears("居民")
    asked = town.says("王联络", "马上到")
    assert f"#{first}" in asked
    assert f"#{second}" in asked
    assert town.hears("居民") == []


def test_a_joining_request_beyond_the_list_is_still_answered_by_its_number(town: Town) -> None:
    requests = [town.binds(f"居民{n}", "A101") for n in range(12)]
    assert "确认" in town.says("王联络", f"认识 #{requests[-1]}")


# --- repeats -----------------------------------------------------------------------------------


def test_a_repeat_gets_the_same_reply_and_changes_nothing(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    for who, text in (
        ("居民", "电梯坏了"),
        ("居民", "又坏了"),
        ("居民", "催办"),
        ("王联络", "马上到"),
        ("王联络", "办结 修好了"),
        ("居民", "不满意 没修好"),
        ("居民", "进度"),
        ("生人", "绑定 A201"),
        ("生人", "认领 ABCD2345"),
    ):
        reply = town.says(who, text)
        said, before = town.last, town.snapshot()
        assert said is not None
        town.watch.wind(timedelta(seconds=6))
        assert receive(town.bot, said) == reply
        assert town.snapshot() == before


def test_eight_repeats_at_once_are_one(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    for text in ("电梯坏了", "催办", "新问题 灯坏了"):
        said = Said(next(town.keys), "居民", "gh", Kind.TEXT, text, town.watch.at)
        barrier = Barrier(8)

        def repeat(_: int, said: Said = said, barrier: Barrier = barrier) -> str | None:
            barrier.wait(5)
            return receive(town.bot, said)

        with ThreadPoolExecutor(8) as threads:
            replies = set(threads.map(repeat, range(8)))
        assert len(replies) == 1
        assert replies != {None}
    assert town.one("select count(*) from issues")["count"] == 2
    kinds = [row["kind"] for row in town.rows("select kind from history order by id")]
    assert kinds == ["opened", "urged", "opened"]


def test_two_who_speak_in_one_issue_at_once_are_both_heard(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    barrier = Barrier(3)

    def speak(who: str, text: str) -> str:
        barrier.wait(5)
        return town.says(who, text)

    with ThreadPoolExecutor(3) as threads:
        speakers = ("居民", "王联络", "张网格")
        list(threads.map(speak, speakers, ("更坏了", f"#{no} 马上到", f"#{no} 已派人")))
    assert sorted(town.history(no)) == sorted(
        ["opened liaison", "said liaison", "relayed liaison", "relayed liaison", "answered liaison"]
    )
    assert town.issue(no)["version"] == 3


# --- what is broken ----------------------------------------------------------------------------


def test_a_rule_that_fails_loses_no_words(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    with lacking(town, "opened"):
        reply = town.says("居民", "电梯坏了")
    assert "记下" in reply
    assert town.newest() == 0
    said = town.last
    assert bring_in(town.bot) == 0
    town.watch.wind(timedelta(seconds=10))
    with lacking(town, "opened"):
        assert bring_in(town.bot) == 1
    assert town.newest() == 0
    town.watch.wind(timedelta(minutes=1))
    assert bring_in(town.bot) == 1
    no = town.newest()
    assert town.issue(no)["first_words"] == "电梯坏了"
    assert f"#{no}" in "".join(town.hears("居民"))
    assert "电梯坏了" in "".join(town.hears("王联络"))
    assert bring_in(town.bot) == 0
    assert said is None or receive(town.bot, said) is not None


def test_what_always_fails_is_shown_as_stuck(town: Town) -> None:
    with lacking(town, "greeted"):
        town.says("居民", "您好")
        for _ in range(20):
            town.watch.wind(timedelta(hours=1))
            bring_in(town.bot)
    row = town.one("select state, attempts, why from inbox where said is not null")
    assert (row["state"], row["why"]) == ("stuck", "KeyError")


def test_with_postgresql_away_words_wait_in_redis_and_are_brought_in_once(
    town: Town, fresh_redis: str, unused_port: int
) -> None:
    away = a_bot(f"postgresql://x@127.0.0.1:{unused_port}/x", fresh_redis, town.watch)
    acts = [
        Said(next(town.keys), "居民", "gh", Kind.TEXT, text, town.watch.at)
        for text in ("电梯坏了", "新问题 灯坏了")
    ]
    replies = [receive(away, said) for said in (*acts, acts[0])]
    assert all(reply and "记下" in reply for reply in replies)
    assert town.newest() == 0
    town.watch.wind(timedelta(seconds=30))
    bring_in(town.bot)
    assert town.one("select count(*) from issues")["count"] == 2
    assert town.bot.redis.xlen(KEPT_IN_REDIS) == 0
    assert receive(town.bot, acts[0]) == replies[0]
    bring_in(town.bot)
    assert town.one("select count(*) from issues")["count"] == 2
    assert len(town.hears("居民")) == 2
    away.engine.dispose()
    away.redis.close()


def test_with_both_away_nothing_is_taken(town: Town, unused_port: int) -> None:
    nowhere = f"127.0.0.1:{unused_port}"
    away = a_bot(f"postgresql://x@{nowhere}/x", f"redis://{nowhere}/0", town.watch)
    with pytest.raises(NotKept):
        receive(away, Said("k", "居民", "gh", Kind.TEXT, "电梯坏了", town.watch.at))
    away.engine.dispose()
    away.redis.close()


def test_before_there_is_a_roster_words_are_kept_for_it(
    fresh_database: Callable[[], str], fresh_redis: str, tmp_path: Path
) -> None:
    url, watch = fresh_database(), Watch()
    town = Town(a_bot(url, fresh_redis, watch), url, watch)
    assert "记下" in town.says("居民", "电梯坏了")
    assert "户联网" in town.says("居民", kind=Kind.FOLLOW)
    assert town.says("居民", "谢谢")
    for _ in range(30):
        town.watch.wind(timedelta(hours=1))
        bring_in(town.bot)
    assert town.newest() == 0
    excel.write(tmp_path / "district.xlsx", sheets_of(DISTRICT))
    load_roster(town.bot, tmp_path / "district.xlsx")
    town.watch.wind(timedelta(hours=1))
    bring_in(town.bot)
    assert town.issue(town.newest())["first_words"] == "电梯坏了"
    assert f"#{town.newest()}" in "".join(town.hears("居民"))
    town.close()


def test_an_old_repeat_moves_nobody_back_to_an_old_door(town: Town) -> None:
    town.says("居民", kind=Kind.SCAN, scene="door-A-D1")
    old = town.last
    town.says("居民", kind=Kind.SCAN, scene="door-B-D1")
    town.says("居民", kind=Kind.UNFOLLOW)
    assert old is not None
    before = town.rows("select * from people where openid = '居民'")
    town.watch.wind(timedelta(seconds=5))
    receive(town.bot, old)
    assert town.rows("select * from people where openid = '居民'") == before


def test_who_follows_again_is_there_again(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    assert town.says("王联络", kind=Kind.UNFOLLOW) == ""
    town.tick()
    assert town.issue(no)["holder"] == "张网格"
    town.says("王联络", kind=Kind.FOLLOW)
    again = town.opens("居民", "新问题 灯坏了")
    assert town.issue(again)["holder"] == "王联络"


STRANGE = (
    *("{no}", "{0}", "%s %(x)s", "'; drop table issues; --", "#", "##", "# #", "号", "\\"),
    *("绑定 %", "绑定 '", "认领 ' or 1=1", "#0", "#999999999", "代录 %s %d", "a" * 3000),
    *("绑定 " + "长" * 3000, "👨\u200d👩\u200d👧\u200d👦", "\u202e反", "12 " * 500),
)


@pytest.mark.parametrize("who", [*LIAISONS[:1], *STAFF[:3], "居民", "生人"])
def test_any_text_at_all_is_answered_or_silent_but_never_fails(town: Town, who: str) -> None:
    town.binds("居民", "A101", "王联络")
    for text in STRANGE:
        reply = town.says(who, text)
        assert len(reply.encode()) <= 2000
    assert town.rows("select 1 from inbox where state <> 'done'") == []


def test_a_rehearsal_leaves_nothing_behind(town: Town) -> None:
    def kept() -> list[object]:
        people = town.rows("select id, openid, last_said_at from people order by id")
        return [people, town.rows("select key from inbox order by key")]

    before = kept()
    rehearse(town.bot)
    assert kept() == before


def test_a_rehearsal_needs_no_database(town: Town) -> None:
    rehearse(replace(town.bot, engine=connect("postgresql://nobody@127.0.0.1:9/nothing")))


def test_words_that_a_lone_number_waited_for_are_the_only_ones(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.binds("邻居", "A102", "王联络")
    lift, water = town.opens("居民", "电梯坏了"), town.opens("邻居", "停水了")
    town.says("王联络", f"#{lift}")
    town.says("王联络", "师傅十分钟到")
    assert any("师傅十分钟到" in words for words in town.hears("居民"))
    asked = town.says("王联络", "马上处理") or ""
    assert f"#{lift}" in asked
    assert f"#{water}" in asked
    assert town.hears("居民") == []
