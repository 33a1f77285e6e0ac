"""Repeats, overlaps, kills and a flushed Redis: one issue, one step, one notice."""

import time

from redis import Redis

from bot.simulator.phones import Phone
from tests.stories.conftest import NewDistrict
from tests.stories.district import (
    Chain,
    District,
    Pace,
    eventually,
    meanwhile,
    number,
    times_heard,
)
from tests.stories.test_climbing import CLIMBED


def test_a_message_brought_three_times_opens_one_issue(district_at_ease: District) -> None:
    here = district_at_ease
    liaison = here.joins(here.liaison)
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])
    replies = here.repeats(resident, "停水了") + here.repeats(resident, "楼道太黑", times=1)
    assert len(set(replies[:3])) == 1
    no = number(replies[0])
    assert number(replies[3]) == no  # other words: the same issue goes on
    liaison.hears("停水了", f"#{no}")
    assert [entry.no for entry in here.ledger()] == [no]
    assert times_heard(liaison, "停水了") == 1


def test_a_web_process_that_hangs_answers_the_repeats_alike(new_district: NewDistrict) -> None:
    here = new_district(cut_after=1.5)
    liaison = here.joins(here.liaison)
    resident = here.moves_in("李大爷", liaison, here.rooms[0])
    here.web.hold()
    said = meanwhile(lambda: resident.says("电梯坏了"))
    time.sleep(3.3)  # twice WeChat has given up by now, and repeats
    here.web.let_go()
    said.join()
    no = number(resident.hears("收到了"))
    liaison.hears("电梯坏了", f"#{no}")
    assert len(here.ledger()) == 1
    assert times_heard(liaison, "电梯坏了") == 1
    assert len(here.platform.deliveries[-1].outcome.attempts) == 3


def test_kills_a_flushed_redis_and_second_clocks_and_workers_double_nothing(
    new_district: NewDistrict,
) -> None:
    here = new_district(Pace(answer="3s"), pause=4.0)
    second_worker, second_clock = here.runs("-m", "workers"), here.runs("-m", "workers.clock")
    second_worker.waits_until("workers_ready")
    second_clock.waits_until("clock_ready")
    chain = here.all_join()
    wang = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    li = here.moves_in("李大爷", chain.liaison, here.rooms[1])
    issues = {number(wang.says("停水了")): wang, number(li.says("电梯坏了")): li}

    _kill_the_web_while_somebody_speaks(here, wang)
    _heard_by(here, chain.grid, issues)
    here.worker.kill()
    _forget_redis(here)
    _heard_by(here, chain.community, issues)
    second_worker.kill()
    here.clock.kill()
    _forget_redis(here)
    here.worker.begin_again()
    _heard_by(here, chain.subdistrict, issues)
    _forget_redis(here)
    here.worker.waits_until("workers_ready")
    for no in issues:
        chain.subdistrict.says(f"#{no} 已派人处理")
    for resident in issues.values():
        resident.hears("已派人处理")
    time.sleep(1.5)  # three ticks, in which anything that were to come twice would come
    _each_once(here, chain, issues)


def _kill_the_web_while_somebody_speaks(here: District, resident: Phone) -> None:
    """WeChat finds nobody there, brings it again, and finds the new process."""
    here.web.kill()
    speaks = meanwhile(lambda: resident.says("家里有老人"))
    here.web.begin_again()
    here.serves_again()
    speaks.join()
    resident.hears("已转给")


def _forget_redis(here: District) -> None:
    """All that our processes keep there; no other database of the server."""
    with Redis.from_url(here.settings.redis_url or "") as redis:
        redis.flushdb()


def _heard_by(here: District, phone: Phone, issues: dict[int, Phone]) -> None:
    """Until this tier was told of all, and WeChat's answers are put down: a kill between the two
    would leave a notice in doubt, which is another story."""
    eventually(lambda: all(times_heard(phone, CLIMBED, f"#{no}") for no in issues))
    eventually(lambda: all(one.state == "sent" for no in issues for one in here.issue(no).notices))


def _each_once(here: District, chain: Chain, issues: dict[int, Phone]) -> None:
    assert len(here.ledger()) == len(issues)
    for no, resident in issues.items():
        steps = [step for step in here.steps(no) if step.startswith("escalated")]
        assert steps == ["escalated grid", "escalated community", "escalated subdistrict"]
        assert times_heard(chain.liaison, "新诉求", f"#{no}") == 1
        for phone in (chain.grid, chain.community, chain.subdistrict):
            assert times_heard(phone, CLIMBED, f"#{no}") == 1
        for tier in ("网格", "社区", "街道"):
            assert times_heard(resident, f"#{no} 已转到{tier}") == 1
        assert {one.state for one in here.issue(no).notices} == {"sent"}
    everybody = (chain.liaison, chain.grid, chain.community, chain.subdistrict)
    assert sum(times_heard(phone, "又说：家里有老人") for phone in everybody) == 1
