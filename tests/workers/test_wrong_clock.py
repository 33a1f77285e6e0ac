"""Clocks that are an hour ahead or behind, that go forward and back: libfaketime, real processes.

PostgreSQL, Redis and WeChat keep the right time, as on hosts of their own.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.conftest import NewDistrict
from tests.stories.district import (
    PATIENT,
    District,
    Pace,
    eventually,
    number,
    times_heard,
)
from tests.stories.programs import Program

from .test_killed import rows

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
_MISSING = "libfaketime is not installed (Debian: apt-get install faketime)"
_HERE = Path(__file__).parent
CLOCK = ("-m", "workers.clock")


@dataclass
class Hands:
    """The clock of all processes that are started with it; running time is left alone."""

    path: Path

    def show(self, shift: str) -> None:
        """Every process sees it at once: "+1h", "-1h", "+0"."""
        new = self.path.with_suffix(".new")
        new.write_text(shift, "utf-8")
        new.rename(self.path)

    @property
    def surroundings(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(_HERE / "with_a_wrong_clock"),
        }


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    if _LIBRARY is None:
        assert os.environ.get("WRONG_CLOCKS") != "required", _MISSING
        pytest.skip(_MISSING)
    hands = Hands(tmp_path / "hands")
    hands.show("+0")
    return hands


@pytest.fixture
def all_by(
    hands: Hands, new_district: NewDistrict, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Pace], District]:
    """A district all of whose processes go by `hands`."""

    def make(pace: Pace) -> District:
        with monkeypatch.context() as surroundings:
            for name, value in hands.surroundings.items():
                surroundings.setenv(name, value)
            return new_district(pace)

    return make


def test_clocks_an_hour_ahead_and_behind_double_nothing(
    hands: Hands, new_district: NewDistrict
) -> None:
    """One more clock, on a host whose time is wrong; that of the others is right."""
    here = new_district(Pace(answer="2s", answer_above="3h"))
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    for shift in ("+1h", "-1h"):
        hands.show(shift)
        clock = Program(
            here.folder / f"clock{shift}.log", here.surroundings | hands.surroundings, *CLOCK
        )
        clock.waits_until("clock_ready")
        chain.liaison.says("待办")
        no = number(resident.says("新问题 停水了"))
        eventually(lambda: "escalated grid" in here.steps(no))  # noqa: B023
        time.sleep(1.0)
        assert here.steps(no) == ["opened liaison", "escalated grid"]
        assert not clock.ended, clock.said
        assert "Traceback" not in clock.said
        clock.kill()
    assert here.asks("doctor")["ok"]
    resident.hears("已转到")


def test_what_senders_and_notices_of_a_wrong_hour_held_is_free_once_clocks_are_right(
    hands: Hands, all_by: Callable[[Pace], District]
) -> None:
    here = all_by(PATIENT)
    liaison = here.joins(here.liaison)
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])
    hands.show("+1h")
    here.platform.faults.hang(5.0, times=9)
    resident.says("停水了")
    in_the_air = "select id from outbox where lease_until is not null and text like '%%停水了%%'"
    eventually(lambda: rows(here, in_the_air))  # what is put down just now has a lease as well
    here.worker.kill()
    here.clock.kill()
    resident.says("家里有老人")
    here.platform.faults.clear()
    _lease_is_over(here)
    hands.show("+0")
    here.worker.begin_again()
    here.clock.begin_again()
    liaison.hears("家里有老人")
    (killed,) = rows(here, "select state from outbox where text like '%%停水了%%'")
    assert killed["state"] == "unknown"
    assert times_heard(liaison, "停水了") == 0, "never silently again"
    eventually(lambda: not rows(here, "select id from outbox where state = 'pending'"))
    assert here.asks("doctor")["ok"]


def _lease_is_over(here: District) -> None:
    """Twenty seconds that are not waited for."""
    aged = "update {0} set {1} = {1} - interval '20 s' where {1} is not null returning id"
    for table, column in (("people", "sending_until"), ("outbox", "lease_until")):
        assert rows(here, aged.format(table, column))


def test_an_hour_forward_and_back_under_everybody_costs_and_doubles_nothing(
    hands: Hands, all_by: Callable[[Pace], District]
) -> None:
    here = all_by(Pace(answer="4s", answer_above="3h"))
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    numbers = [number(resident.says("新问题 停水了"))]
    hands.show("+1h")
    eventually(lambda: len(here.steps(numbers[0])) == 2)
    chain.liaison.says("待办")  # or WeChat would let them be told no more
    numbers.append(number(resident.says("新问题 停电了")))
    eventually(lambda: len(here.steps(numbers[1])) == 2)
    told = number(resident.says("新问题 路灯不亮"))
    promised = here.issue(told).entry.due_at
    assert promised
    assert promised - here.bot.now() > timedelta(minutes=50)
    hands.show("+0")
    chain.liaison.says("待办")
    numbers.append(number(resident.says("新问题 门坏了")))
    eventually(lambda: len(here.steps(numbers[2])) == 2)
    for no in numbers:
        assert here.steps(no) == ["opened liaison", "escalated grid"]
        chain.grid.hears(f"转到您这里】 #{no} ")
        assert times_heard(chain.grid, f"转到您这里】 #{no} ") == 1
    assert here.steps(told) == ["opened liaison"]
    assert here.issue(told).entry.due_at == promised
    chain.liaison.says(f"#{told} 马上来修")
    resident.hears("马上来修")
    assert here.asks("doctor")["ok"]


def test_doctor_names_a_host_whose_time_is_wrong_and_is_not_misled_by_it(
    hands: Hands, new_district: NewDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = new_district(PATIENT)
    here.joins(here.liaison)
    assert "clocks" not in {check["name"] for check in here.asks("doctor")["checks"]}
    for name, value in hands.surroundings.items():
        monkeypatch.setenv(name, value)
    for shift, words in (("+1h", "快 3"), ("-1h", "慢 3")):
        hands.show(shift)
        checks = {check["name"]: check for check in here.asks("doctor")["checks"]}
        assert checks["clocks"]["level"] == "warn"
        assert words in checks["clocks"]["text"]
        assert checks["clock"]["level"] == "ok"
