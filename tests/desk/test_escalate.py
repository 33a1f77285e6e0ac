"""Time wound forward on a real database: the ladder climbed, closed, asked again (contract §6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import pytest
from structlog.testing import capture_logs

from bot.core.messages import Kind
from bot.core.workdays import CHINA, is_open
from bot.desk.escalate import escalate, remind
from tests.build import EVERYBODY
from tests.town import Town, lacking

NewTown = Callable[..., Town]
SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"


def china(day: int, clock: str) -> datetime:
    """A moment of November 2026; the 23rd is a Monday. Days past the 30th are December's."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 1, hour, minute, tzinfo=CHINA) + timedelta(days=day - 1)


def climb_of(town: Town, no: int) -> list[tuple[str, str, datetime]]:
    """Tier, holder and due time after each firing of its clock, from now until the top twice."""
    seen = []
    for _ in range(5):
        found = town.issue(no)
        seen.append((found["tier"], found["holder"], found["due_at"]))
        town.watch.at = found["due_at"] - timedelta(seconds=1)
        assert town.tick() == 0
        town.watch.at = found["due_at"]
        assert town.tick() == 1
        assert town.tick() == 0
    return seen


def test_silence_climbs_every_tier_and_everybody_hears_of_it(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    seen = climb_of(town, no)
    assert [(tier, holder) for tier, holder, _ in seen] == [
        ("liaison", "王联络"),
        ("grid", "张网格"),
        ("community", "林书记"),
        ("subdistrict", "周专员"),
        ("subdistrict", "周专员"),
    ]
    dues = [due for _, _, due in seen]
    assert [later - earlier for earlier, later in pairwise(dues)] == [timedelta(hours=1)] * 4
    assert town.history(no) == [
        "opened liaison",
        "escalated grid",
        "escalated community",
        "escalated subdistrict",
        "reminded subdistrict",
        "reminded subdistrict",
    ]
    for who, notices in (
        ("王联络", 1),
        ("张网格", 1),
        ("赵物业", 1),
        ("林书记", 1),
        ("钱社工", 1),
        ("周专员", 3),
        ("高管理", 3),
        ("郭网格", 0),
        ("何书记", 0),
        ("李联络", 0),
        ("陈联络", 0),
    ):
        heard = town.hears(who)
        assert len(heard) == notices, who
        assert all("电梯坏了" in text for text in heard)
    moved = town.hears("居民")
    assert len(moved) == 4
    for text, tier, holder, after in zip(
        moved,
        ("网格", "社区", "街道", ""),
        ("张网格", "林书记", "周专员", "周专员"),
        ("社区", "街道", "", ""),
        strict=True,
    ):
        assert f"#{no}" in text
        assert tier in text
        assert holder in text
        assert after in text


@pytest.mark.parametrize(
    ("opened", "dues"),
    [
        (
            china(23, "10:00"),
            [china(23, "12:00"), china(23, "16:00"), china(24, "16:00"), china(27, "16:00")],
        ),
        (
            china(23, "22:30"),
            [china(24, "10:00"), china(24, "14:00"), china(25, "14:00"), china(30, "14:00")],
        ),
        (
            china(27, "19:00"),  # a Friday evening
            [china(28, "09:00"), china(28, "13:00"), china(31, "08:30"), china(34, "08:30")],
        ),
        (
            china(23, "00:00"),
            [china(23, "10:00"), china(23, "14:00"), china(24, "14:00"), china(27, "14:00")],
        ),
    ],
)
def test_due_times_on_the_shipped_clocks(
    new_town: NewTown, opened: datetime, dues: list[datetime]
) -> None:
    town = new_town(tiers=SHIPPED)
    town.binds("居民", "A101", "王联络")
    town.watch.at = opened
    no = town.opens("居民", "电梯坏了")
    assert [due for _, _, due in climb_of(town, no)][:4] == dues


def test_the_handling_clock_runs_on_the_tier_that_took_it(new_town: NewTown) -> None:
    town = new_town(tiers=SHIPPED)
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "接单")
    assert town.issue(no)["due_at"] == china(25, "10:00")
    town.watch.at = china(25, "10:00")
    town.tick()
    found = town.issue(no)
    assert (found["state"], found["tier"], found["due_at"]) == (
        "waiting",
        "grid",
        china(25, "14:00"),
    )
    assert found["answered_at"] == china(23, "10:00")
    town.says("居民", "更坏了")
    assert town.issue(no)["due_at"] == china(25, "14:00")


def test_a_clock_that_was_dead_climbs_one_tier_at_a_time(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.watch.wind(timedelta(days=30))
    assert town.tick() == 1
    assert town.issue(no)["tier"] == "grid"
    assert town.tick() == 0
    assert town.issue(no)["due_at"] == town.watch.at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("there", "tier", "holder", "history"),
    [
        (("王联络",), "liaison", "王联络", ["opened liaison"]),
        (("林书记", "周专员"), "community", "林书记", ["opened liaison", "escalated community"]),
        (("赵物业", "钱社工"), "community", "钱社工", ["opened liaison", "escalated community"]),
        (("赵物业",), "grid", "赵物业", ["opened liaison", "escalated grid"]),
        (("高管理",), "subdistrict", "高管理", ["opened liaison", "escalated subdistrict"]),
        ((), "subdistrict", "周专员", ["opened liaison", "escalated subdistrict"]),
    ],
)
def test_it_begins_where_somebody_is_there(
    new_town: NewTown, there: tuple[str, ...], tier: str, holder: str, history: list[str]
) -> None:
    town = new_town(joined=False)
    town.joins("陈联络", *there)
    town.binds("居民", "A101")
    no = town.opens("居民", "电梯坏了")
    found = town.issue(no)
    assert (found["tier"], found["holder"]) == (tier, holder)
    assert town.history(no) == history
    assert found["due_at"] == town.watch.at + timedelta(hours=1)


def test_an_uncovered_household_begins_with_the_grid(town: Town) -> None:
    town.binds("居民", "A301", "张网格")
    no = town.opens("居民", "电梯坏了")
    assert town.history(no) == ["opened grid"]
    assert town.issue(no)["holder"] == "张网格"


def test_who_joins_later_takes_over_from_a_holder_who_never_did(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.joins("陈联络")
    town.binds("居民", "A101")
    no = town.opens("居民", "电梯坏了")
    town.wind(hours=1)
    assert town.issue(no)["holder"] == "周专员"
    assert "1件事" in town.says("周专员", f"认领 {code_of(town, '周专员')}")
    assert "电梯坏了" in town.says("周专员", "待办")
    town.joins("高管理")
    town.says("周专员", kind=Kind.UNFOLLOW)
    town.tick()
    assert town.issue(no)["holder"] == "高管理"
    assert "电梯坏了" in "".join(town.hears("高管理"))


def code_of(town: Town, name: str) -> str:
    query = "select code from invites i join people p on p.id = i.person_id where p.name = %(n)s"
    return str(town.one(query, n=name)["code"])


def test_resolved_reminds_twice_then_closes_and_reopens_within_a_week(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "办结 修好了")
    town.hears("居民")
    found = town.issue(no)
    assert (found["state"], found["holder"], found["due_at"]) == (
        "resolved",
        "王联络",
        town.watch.at + timedelta(days=3),
    )
    assert found["answered_at"] is not None
    heard = []
    for _ in range(13):
        town.wind(hours=6)
        heard.append(len(town.hears("居民")))
    assert heard == [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]
    assert town.issue(no)["state"] == "closed"
    assert town.issue(no)["due_at"] is None
    town.watch.at = town.issue(no)["closed_at"] + timedelta(days=7, seconds=-1)
    town.says("居民", f"没解决 #{no} 又坏了")
    found = town.issue(no)
    assert (found["state"], found["tier"], found["holder"]) == ("waiting", "grid", "张网格")
    (assigned,) = town.hears("张网格")
    assert "又坏了" in assigned
    assert "电梯坏了" in assigned


def test_a_clock_that_was_dead_past_the_closing_closes_and_reminds_of_nothing(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "办结 修好了")
    town.hears("居民")
    town.watch.wind(timedelta(days=4))
    assert remind(town.bot) == 0
    escalate(town.bot)
    assert remind(town.bot) == 0
    assert town.issue(no)["state"] == "closed"
    assert len(town.hears("居民")) == 1


def test_after_a_week_it_is_over(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "办结 修好了")
    town.says("居民", "满意")
    town.watch.wind(timedelta(days=7))
    before = town.snapshot()
    assert "七天" in town.says("居民", f"没解决 #{no}")
    town.says("居民", "没解决")
    assert town.snapshot() == before


def test_a_verdict_taken_back_is_no_verdict_any_more(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "办结 修好了")
    town.says("居民", "满意")
    town.says("居民", "没解决")
    assert town.issue(no)["verdict"] is None
    assert town.issue(no)["closed_at"] is None
    town.says("张网格", "办结 换了新的")
    town.says("居民", f"不满意 #{no} 太慢")
    assert town.issue(no)["verdict"] == "不满意"
    assert town.issue(no)["tier"] == "community"


def test_urging_is_heard_once_in_two_hours(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", "接单")
    town.hears("王联络")
    for hours, heard in ((0, 1), (1, 0), (0.99, 0), (0.02, 1), (1, 0)):
        town.watch.wind(timedelta(hours=hours))
        assert "王联络" in town.says("居民", "催办")
        assert len(town.hears("王联络")) == heard
    assert town.history(no).count("urged liaison") == 5


def test_the_liaison_may_still_answer_after_it_climbed(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.wind(hours=1)
    town.hears("张网格")
    town.says("王联络", f"#{no} 对不起，马上到")
    found = town.issue(no)
    assert (found["state"], found["tier"], found["holder"]) == ("in_hand", "grid", "张网格")
    assert "马上到" in "".join(town.hears("居民"))
    assert "王联络" in "".join(town.hears("张网格"))
    assert "已经在网格了" in town.says("王联络", f"上报 #{no}")
    town.says("赵物业", f"接单 #{no}")
    assert town.issue(no)["holder"] == "赵物业"
    town.says("林书记", f"#{no} 社区也来看看")
    assert town.issue(no)["holder"] == "赵物业"
    town.says("赵物业", f"上报 #{no} 要换主机")
    assert town.issue(no)["holder"] == "林书记"
    assert "要换主机" in "".join(town.hears("林书记"))


def test_a_request_nobody_answers_is_asked_of_the_grid_after_a_day(town: Town) -> None:
    request = town.binds("居民", "A101")
    assert len(town.hears("王联络")) == 1
    town.wind(hours=23.9)
    assert town.hears("张网格") == []
    town.wind(hours=0.1)
    assert f"认识 #{request}" in "".join(town.hears("张网格"))
    assert town.hears("林书记") == []
    town.says("张网格", "认识")
    assert "确认好了" in "".join(town.hears("居民"))
    town.wind(days=2)
    assert town.hears("林书记") == []


def test_twice_and_in_threads_it_is_one_step(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    for number in range(30):
        town.says("居民", f"新问题 第{number}件")
    town.says("王联络", f"办结 #{town.newest()} 好了")
    town.binds("居民二", "A101")
    town.rows("update issues set day_due_at = null returning no")  # asked in the evening, elsewhere
    for step in range(4):
        town.watch.wind(timedelta(days=1))
        barrier = Barrier(4)

        def run(_: int, barrier: Barrier = barrier) -> int:
            barrier.wait(5)
            return escalate(town.bot) + remind(town.bot)

        with ThreadPoolExecutor(4) as threads:
            stepped = sum(threads.map(run, range(4)))
        assert stepped == 29 + (step < 2) + (step == 2) + 1
    twice = "select issue_no from history where kind = 'escalated' group by issue_no, tier"
    assert town.rows(twice + " having count(*) > 1") == []
    same = "select 1 from outbox group by person_id, text, made_at having count(*) > 1"
    assert town.rows(same) == []


def test_an_answer_at_the_same_moment_as_the_step_leaves_one_of_both(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    for _ in range(8):
        no = town.opens("居民", "新问题 电梯坏了")
        town.watch.wind(timedelta(hours=1))
        barrier = Barrier(2)

        def step(barrier: Barrier = barrier) -> None:
            barrier.wait(5)
            escalate(town.bot)

        def answer(no: int = no, barrier: Barrier = barrier) -> None:
            barrier.wait(5)
            town.says("王联络", f"接单 #{no}")

        with ThreadPoolExecutor(2) as threads:
            for done in (threads.submit(step), threads.submit(answer)):
                done.result(20)
        found = town.issue(no)
        assert (found["tier"], found["state"]) in (("liaison", "in_hand"), ("grid", "in_hand"))
        assert town.history(no).count("escalated grid") == (found["tier"] == "grid")


def test_one_tiers_queue_steps_only_its_own(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    low = town.opens("居民", "电梯坏了")
    town.wind(hours=1)
    lower = town.opens("居民", "新问题 灯坏了")
    town.watch.wind(timedelta(hours=1))
    assert escalate(town.bot, "grid") == 1
    assert town.issue(low)["tier"] == "community"
    assert town.issue(lower)["tier"] == "liaison"
    assert escalate(town.bot, "liaison") == 1


def test_nothing_is_told_to_who_left_and_their_work_goes_on(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    for name in EVERYBODY:
        if name not in ("王联络", "周专员"):
            town.says(name, kind=Kind.UNFOLLOW)
    no = town.opens("居民", "电梯坏了")
    town.wind(hours=1)
    assert town.issue(no)["holder"] == "周专员"
    assert town.history(no) == ["opened liaison", "escalated subdistrict"]


def test_due_times_lie_in_the_working_clock_also_after_every_deed(new_town: NewTown) -> None:
    town = new_town(tiers=SHIPPED)
    town.binds("居民", "A101", "王联络")
    town.watch.at = china(27, "23:10")
    no = town.opens("居民", "电梯坏了")
    clocks = {tier.key: tier.clock for tier in town.bot.ladder.tiers}
    for who, text in (
        ("王联络", f"#{no} 马上到"),
        ("王联络", f"办结 #{no} 好了"),
        ("居民", "还有点响"),
        ("居民", "没解决"),
        ("张网格", f"接单 #{no}"),
        ("居民", "还要多久"),
        ("张网格", f"#{no} 师傅在路上"),
        ("张网格", f"延期 #{no} 12月5日 等配件"),
        ("居民", "太久了"),
        ("张网格", f"上报 #{no} 难办"),
        ("林书记", f"#{no} 知道了"),
        ("林书记", f"办结 #{no} 好了"),
        ("居民", "不满意"),
    ):
        town.watch.wind(timedelta(minutes=7))
        town.says(who, text)
        found = town.issue(no)
        assert is_open(found["due_at"], clocks[found["tier"]], town.bot.calendar), text
    assert town.issue(no)["tier"] == "subdistrict"


def test_one_issue_that_cannot_step_holds_up_nobody_else(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.binds("邻居", "A102", "王联络")
    done = town.opens("居民", "电梯坏了")
    town.says("王联络", f"办结 #{done} 修好了")
    town.wind(days=2)
    waiting = town.opens("邻居", "停水了")
    whole = town.bot
    town.watch.wind(timedelta(days=2))
    with lacking(town, "closed_by_silence"):
        assert town.tick() == 1
    assert town.issue(waiting)["tier"] == "grid"
    assert town.issue(done)["state"] == "resolved"
    assert town.bot is whole
    assert town.tick() >= 1
    assert town.issue(done)["state"] == "closed"


def test_one_of_many_that_cannot_be_written_is_left_and_costs_few_batches(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    numbers = [town.opens("居民", f"新问题 第{number}件") for number in range(250)]
    bad = numbers[120]
    town.connection.execute(
        f"alter table history add constraint refused check (issue_no <> {bad} or tier <> 'grid')"
    )
    town.watch.wind(timedelta(hours=1))
    with capture_logs() as said:
        assert escalate(town.bot) == 249
    assert town.one("select no from issues where tier = 'liaison'") == {"no": bad}
    found = town.one(
        "select count(*) as steps, count(distinct xmin::text) as batches"
        " from history where kind = 'escalated'"
    )
    assert found["steps"] == 249
    failed = [one["rows"] for one in said if one["event"] == "batch_failed"]
    assert found["batches"] + len(failed) < 40
    assert [one["no"] for one in said if one["event"] == "step_failed"] == [bad]
    assert escalate(town.bot) == 0
    town.connection.execute("alter table history drop constraint refused")
    assert escalate(town.bot) == 1
    assert town.issue(bad)["tier"] == "grid"


def test_no_more_step_than_are_asked_for(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    for number in range(150):
        town.opens("居民", f"新问题 第{number}件")
    town.watch.wind(timedelta(hours=1))
    assert [escalate(town.bot, most=most) for most in (1, 30, 101, 101)] == [1, 30, 101, 18]
    assert town.rows("select no from issues where tier = 'liaison'") == []
