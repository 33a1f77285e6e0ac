"""Gaps of the duty roster that arise, told to the unit once each, on a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot import excel
from bot.core.messages import Kind
from bot.core.roster import DutyRow
from bot.core.roster.sheets import sheets_of
from bot.desk.duties import report_gaps
from bot.desk.rosters import load_roster
from tests.build import DISTRICT
from tests.conftest import NewTown
from tests.town import Town

SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"
NIGHT = (20 * 60, 32 * 60)
PHONES = {one.name: one.phone for one in DISTRICT.staff}


@pytest.fixture
def town(new_town: NewTown, tmp_path: Path) -> Town:
    """甲社区 has somebody on duty each night; 10:00 on Monday the 23rd of November."""
    here = new_town(tiers=SHIPPED)
    load(here, tmp_path, "钱社工", "钱社工", *("林书记",) * 5)
    return here


def load(town: Town, folder: Path, *names: str) -> None:
    """The nights from Monday on, by name; "" for nobody."""
    rows = tuple(
        DutyRow("A", name, PHONES[name], None, weekday, *NIGHT)
        for weekday, name in enumerate(names)
        if name
    )
    path = folder / "roster.xlsx"
    excel.write(path, sheets_of(replace(DISTRICT, duties=rows, says_duty=True)))
    assert load_roster(town.bot, path).errors == ()


def told(town: Town, who: str = "林书记") -> list[str]:
    """What `who` now hears of gaps, and in one message."""
    report_gaps(town.bot)
    return [text for text in town.hears(who) if "值班空档" in text]


def leaves(town: Town) -> None:
    town.says("钱社工", kind=Kind.UNFOLLOW)


def cannot_be_reached(town: Town) -> None:
    town.connection.execute(
        "update people set unreachable_since = %s where openid = '钱社工'", (town.watch.at,)
    )


def never_joined(town: Town) -> None:
    town.connection.execute("update people set openid = null where openid = '钱社工'")


@pytest.mark.parametrize("goes", [leaves, cannot_be_reached, never_joined])
def test_who_is_on_duty_and_not_there_leaves_a_gap_that_is_told_once(
    town: Town, goes: Callable[[Town], None]
) -> None:
    assert told(town) == []
    goes(town)
    (heard,) = told(town)
    assert heard.count("20:00-08:00") == 2
    assert told(town) == []
    town.wind(days=1)
    assert told(town) == []


def test_what_arises_within_the_week_is_told_beside_what_was(town: Town, tmp_path: Path) -> None:
    load(town, tmp_path, "", "钱社工", *("林书记",) * 5)
    (heard,) = told(town)
    assert "今天 20:00-08:00" in heard
    load(town, tmp_path, "", "", *("林书记",) * 5)
    (heard,) = told(town)
    assert "明天 20:00-08:00" in heard
    assert "今天" not in heard


def test_what_comes_nearer_is_told_for_a_week_at_once(town: Town, tmp_path: Path) -> None:
    load(town, tmp_path, "钱社工", *("",) * 4, "林书记", "林书记")
    heard: dict[int, int] = {}
    for day in range(14):
        for text in told(town):
            heard[day] = text.count("20:00-08:00")
        town.wind(days=1)
    assert heard == {0: 4, 6: 4, 12: 4}


def test_two_clocks_tell_it_once(town: Town) -> None:
    leaves(town)
    with ThreadPoolExecutor(2) as clocks:
        done = list(clocks.map(lambda _: report_gaps(town.bot), range(2)))
    assert sorted(done) == [0, 1]
    assert len(town.hears("林书记")) == 1


def test_where_nobody_could_be_told_it_is_told_to_who_comes_back(town: Town) -> None:
    for one in ("林书记", "钱社工"):
        town.says(one, kind=Kind.UNFOLLOW)
    assert told(town) == []
    town.says("林书记", kind=Kind.FOLLOW)
    (heard,) = told(town)
    assert heard.count("20:00-08:00") == 2
