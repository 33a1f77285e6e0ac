"""Evenings and mornings on a real database: who did not finish on the day it came is asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from bot.desk.escalate import remind
from tests.conftest import NewTown
from tests.shipped import china
from tests.town import Town

SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"
ASKED, TOLD = "今天还没办好", "当天没办好"


@pytest.fixture
def town(new_town: NewTown) -> Town:
    """The district on the shipped clocks, a Monday at ten; a household of the liaison's."""
    here = new_town(tiers=SHIPPED)
    here.binds("居民", "A101", "王联络")
    here.all_hear()
    return here


def in_hand(town: Town, words: str) -> int:
    town.says("居民", f"新问题 {words}")
    no = town.newest()
    town.says("王联络", f"接单 #{no}")
    town.hears("王联络")
    return no


def until(town: Town, day: int, clock: str) -> None:
    town.watch.at = china(day, clock)
    town.tick()


def test_asked_in_the_evening_and_told_on_the_next_morning(town: Town) -> None:
    open_one, put_off, done, told = (
        in_hand(town, words) for words in ("电梯坏了", "水管漏水", "灯不亮", "门锁坏了")
    )
    town.says("王联络", f"延期 #{put_off} 2天 等配件")
    town.says("王联络", f"办结 #{done} 换了灯泡")
    town.hears("王联络")
    until(town, 23, "16:59")
    assert town.hears("王联络") == []
    until(town, 23, "17:00")
    asked = town.hears("王联络")
    assert [f"#{open_one}" in asked[0], f"#{told}" in asked[1], len(asked)] == [True, True, 2]
    assert all(ASKED in text and "延期" in text for text in asked)
    town.says("王联络", f"#{told} 锁匠明天上午来")
    until(town, 23, "20:00")
    town.all_hear()
    for name in ("张网格", "王联络", "林书记"):
        town.read[name].clear()
    until(town, 24, "08:30")
    (heard,) = town.hears("张网格")
    assert f"#{open_one}" in heard
    assert TOLD in heard
    assert "王联络" in heard
    until(town, 24, "17:00")
    town.all_hear()
    everything = "".join(town.read["王联络"] + town.read["张网格"] + town.read["林书记"])
    assert everything.count(TOLD) == 1
    assert ASKED not in everything


def test_once_whoever_looks_and_however_often(town: Town) -> None:
    numbers = [in_hand(town, f"第{number}件") for number in range(12)]
    for day, clock in ((23, "17:00"), (24, "08:30")):
        town.watch.at = china(day, clock)
        barrier = Barrier(4)

        def run(_: int, barrier: Barrier = barrier) -> int:
            barrier.wait(5)
            return remind(town.bot)

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(run, range(4))) == len(numbers)
        town.bot.redis.flushdb()
        assert remind(town.bot) == 0
    rows = town.rows("select kind, person_id, issue_no from outbox where kind like 'not\\_%%'")
    asked = [row for row in rows if row["kind"] == "not_done_today"]
    told = [row for row in rows if row["kind"] == "not_explained"]
    assert sorted(row["issue_no"] for row in asked) == numbers
    assert len(told) == 2 * len(numbers)  # to 网格长 and 物业
    assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_a_clock_that_slept_through_the_evening_asks_the_next(town: Town) -> None:
    no = in_hand(town, "电梯坏了")
    until(town, 24, "03:00")
    town.all_hear()
    assert ASKED not in "".join(town.read["王联络"])
    assert town.issue(no)["day_due_at"] == china(24, "17:00")
    until(town, 24, "17:00")
    assert ASKED in "".join(town.hears("王联络"))


def test_what_climbed_since_is_no_longer_spoken_of(town: Town) -> None:
    no = in_hand(town, "电梯坏了")
    until(town, 23, "17:00")
    town.says("王联络", f"上报 #{no} 要换主机")
    town.all_hear()
    town.watch.wind(timedelta(hours=12))
    for day in (24, 25):
        until(town, day, "08:30")
    town.all_hear()
    assert TOLD not in "".join(text for texts in town.read.values() for text in texts)
