"""值班 on a real database: who is on duty is told first, at night too, and holds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import excel
from bot.core.roster import DutyRow
from bot.core.roster.sheets import sheets_of
from bot.desk.duties import report_gaps
from bot.desk.rosters import Comparison, export_roster, load_roster
from tests.build import DISTRICT
from tests.conftest import NewTown
from tests.shipped import china
from tests.town import Town

SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"
PHONES = {one.name: (one.unit, one.phone) for one in DISTRICT.staff}
NIGHT, DAY, WHOLE = (20 * 60, 32 * 60), (8 * 60, 20 * 60), (0, 24 * 60)
Load = Callable[..., Comparison]


def duty(name: str, when: date | int, hours: tuple[int, int]) -> DutyRow:
    unit, phone = PHONES[name]
    day, weekday = (when, None) if isinstance(when, date) else (None, when)
    return DutyRow(unit, name, phone, day, weekday, *hours)


@pytest.fixture
def town(new_town: NewTown) -> Town:
    here = new_town(tiers=SHIPPED)
    here.binds("居民", "A101", "王联络")
    here.all_hear()
    return here


@pytest.fixture
def load(town: Town, tmp_path: Path) -> Iterator[Load]:
    def loaded(*duties: DutyRow) -> Comparison:
        path = tmp_path / "roster.xlsx"
        excel.write(path, sheets_of(replace(DISTRICT, duties=duties, says_duty=True)))
        comparison = load_roster(town.bot, path)
        assert comparison.errors == ()
        return comparison

    yield loaded
    assert not town.broken()


def holder_at_community(town: Town) -> str:
    """Who holds what is said past the liaison now."""
    town.says("居民", "找社区 楼道堆了杂物")
    return str(town.issue(town.newest())["holder"])


# The 23rd of November 2026 is a Monday.
@pytest.mark.parametrize(
    ("at", "holder"),
    [
        ((23, "19:59"), "林书记"),
        ((23, "20:00"), "钱社工"),
        ((24, "07:59"), "钱社工"),
        ((24, "08:00"), "林书记"),
        ((28, "12:00"), "钱社工"),
        ((29, "23:00"), "林书记"),
        ((30, "07:00"), "林书记"),
    ],
)
def test_the_one_on_duty_holds_else_the_first_of_the_sheet(
    town: Town, load: Load, at: tuple[int, str], holder: str
) -> None:
    load(duty("钱社工", 0, NIGHT), duty("钱社工", date(2026, 11, 28), DAY))
    town.watch.at = china(*at)
    assert holder_at_community(town) == holder


def test_who_is_on_duty_is_told_first_and_woken(town: Town, load: Load) -> None:
    load(duty("钱社工", 0, NIGHT))
    town.watch.at = china(23, "23:30")
    town.says("居民", "找社区 楼道堆了杂物")
    waits = town.rows(
        "select p.name, o.next_at <= %(now)s as at_once from outbox o join people p"
        " on p.id = o.person_id where o.state = 'pending' order by o.id",
        now=town.watch.at,
    )
    assert [(row["name"], row["at_once"]) for row in waits] == [("钱社工", True), ("林书记", False)]


def test_a_day_named_goes_before_a_weekday_and_who_is_away_before_nobody(
    town: Town, load: Load
) -> None:
    load(duty("林书记", 0, WHOLE), duty("钱社工", date(2026, 11, 23), WHOLE))
    assert holder_at_community(town) == "钱社工"
    town.says("钱社工", "请假 3天")
    assert holder_at_community(town) == "林书记"


def test_property_on_duty_holds(town: Town, load: Load) -> None:
    """Contract §5: "the one on duty, else the first in the sheet who is not 物业"."""
    load(duty("赵物业", 0, NIGHT))
    town.watch.at = china(23, "21:00")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", f"上报 #{no}")
    assert town.issue(no)["holder"] == "赵物业"


def test_its_export_changes_nothing_and_leaving_the_staff_ends_it(
    town: Town, load: Load, tmp_path: Path
) -> None:
    found = load(duty("钱社工", 0, NIGHT), duty("林书记", date(2026, 12, 5), WHOLE))
    assert len(found.plan.duties.added) == 2
    path = tmp_path / "export.xlsx"
    assert len(export_roster(town.bot, path).duties) == 2
    assert load_roster(town.bot, path).plan.is_empty
    without = tuple(one for one in DISTRICT.staff if one.name != "钱社工")
    excel.write(path, sheets_of(replace(DISTRICT, staff=without)))
    assert load_roster(town.bot, path, retire=True).errors == ()
    assert [row["day"] for row in town.rows("select day from duties")] == [date(2026, 12, 5)]


def test_a_gap_is_told_to_the_unit_once(town: Town, load: Load) -> None:
    load(*(duty("钱社工", weekday, NIGHT) for weekday in (0, 1, 2, 3)), duty("郭网格", 5, DAY))
    assert report_gaps(town.bot) == 2
    assert report_gaps(town.bot) == 0
    (heard,) = town.hears("林书记")
    assert "20:00-08:00" in heard
    assert "甲社区" in heard
    assert town.hears("钱社工") == []
    assert "08:00-20:00" in town.hears("郭网格")[0]
    report_gaps(town.bot)
    assert town.hears("林书记") == []


def test_a_leave_on_days_of_duty_is_a_gap(town: Town, load: Load) -> None:
    load(*(duty("钱社工", weekday, NIGHT) for weekday in range(7)))
    assert report_gaps(town.bot) == 0
    town.says("钱社工", "请假 11月24日")
    assert report_gaps(town.bot) == 1
    (heard,) = (text for text in town.hears("林书记") if "值班空档" in text)
    assert heard.count("20:00-08:00") == 2
