"""A roster that changes while people live in it: nobody loses an issue, a history or a binding."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import excel
from bot.core.roster import HouseholdRow, Level, Roster, Standing, UnitRow
from bot.core.roster.rows import parse
from bot.core.roster.sheets import sheets_of
from bot.desk.rosters import Comparison, export_roster, load_roster
from tests.build import DISTRICT
from tests.town import Town

Load = Callable[[Roster], Comparison]


@pytest.fixture
def load(town: Town, tmp_path: Path) -> Iterator[Load]:
    """Load a roster as a file. In the end, and a tick later, every promise holds."""

    def done(roster: Roster) -> Comparison:
        excel.write(tmp_path / "roster.xlsx", sheets_of(roster))
        comparison = load_roster(town.bot, tmp_path / "roster.xlsx", retire=True)
        assert comparison.errors == ()
        return comparison

    yield done
    town.tick()
    assert not town.broken()


def household(code: str, **changed: Any) -> Roster:
    """The district with one household changed."""
    rows = tuple(
        replace(row, **changed) if row.code == code else row for row in DISTRICT.households
    )
    return replace(DISTRICT, households=rows)


def without(code: str) -> Roster:
    return replace(
        DISTRICT, households=tuple(row for row in DISTRICT.households if row.code != code)
    )


def climbs_to(town: Town, no: int, tier: str) -> None:
    while town.issue(no)["tier"] != tier:
        assert town.wind(hours=1)


def liaison_of(town: Town, number: str) -> str | None:
    found = town.rows(
        "select p.name from assignments a join people p on p.id = a.person_id"
        " join households h on h.id = a.household_id"
        " where a.until is null and h.number = %(number)s",
        number=number,
    )
    return found[0]["name"] if found else None


def test_a_household_that_moves_to_another_community_takes_its_people_and_issues_along(
    town: Town, load: Load
) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    climbs_to(town, no, "grid")
    load(household("A101", unit="B-D1"))
    assert liaison_of(town, "A101") == "陈联络"
    town.tick()
    issue = town.issue(no)
    assert issue["holder"] in {"郭网格", "何书记"}
    assert town.rows("select code from units where id = %(id)s", id=issue["unit_id"]) == [
        {"code": "B-D1"}
    ]
    assert town.history(no)[:2] == ["opened liaison", "escalated grid"]
    assert "陈联络" in town.says("resident", "我的联络员")
    later = town.opens("resident", "新问题 楼道灯坏了")
    assert town.issue(later)["holder"] == "陈联络"


def test_a_household_within_its_community_keeps_its_liaison(town: Town, load: Load) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    load(household("A101", unit="A-D3"))
    assert liaison_of(town, "A101") == "王联络"
    assert town.issue(no)["holder"] == "王联络"


def test_a_household_that_splits_leaves_who_was_bound_where_they_were(
    town: Town, load: Load
) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    new = HouseholdRow("A101-2", "A-D1", "101乙", None, None)
    load(replace(DISTRICT, households=(*DISTRICT.households, new)))
    assert town.issue(no)["holder"] == "王联络"
    assert town.binds("neighbour", "A101-2")


def test_an_issue_of_a_household_that_is_gone_goes_on_and_comes_back_with_it(
    town: Town, load: Load
) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    load(without("A101"))
    town.tick()
    assert town.issue(no)["holder"] == "张网格"
    assert f"#{no}" in town.says("resident", "进度")
    load(DISTRICT)
    bound = town.one(
        "select m.state, h.retired_at from memberships m join households h on h.id = household_id"
        " where m.until is null"
    )
    assert bound == {"state": "recognised", "retired_at": None}


def test_what_waits_at_a_unit_that_is_retired_stays_with_those_above(
    town: Town, load: Load
) -> None:
    town.says("stranger", "", scene="door-A-D3")
    no = town.opens("stranger", "单元门坏了")
    holder = town.issue(no)["holder"]
    units = tuple(unit for unit in DISTRICT.units if unit.code != "A-D3")
    moved = household("A301", unit="A-D2")
    load(replace(moved, units=units))
    assert town.issue(no)["holder"] == holder
    town.wind(hours=1)
    assert town.issue(no)["holder"] == "林书记"


def test_staff_who_change_unit_leave_what_waits_to_those_who_serve_there(
    town: Town, load: Load
) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    climbs_to(town, no, "grid")
    staff = tuple(
        replace(row, unit="B-G", place=1) if row.name == "张网格" else row for row in DISTRICT.staff
    )
    load(replace(DISTRICT, staff=staff))
    town.tick()
    assert town.issue(no)["holder"] != "张网格"


def test_a_community_under_another_subdistrict_climbs_to_that_one(town: Town, load: Load) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    units = tuple(
        replace(unit, parent="S2") if unit.code == "A" else unit for unit in DISTRICT.units
    )
    new = UnitRow("S2", None, Level.SUBDISTRICT, "另一街道")
    staff = (
        *DISTRICT.staff,
        replace(DISTRICT.staff[4], unit="S2", phone="13700000099", name="吴专员"),
    )
    load(replace(DISTRICT, units=(new, *units), staff=staff))
    town.joins("吴专员")
    climbs_to(town, no, "subdistrict")
    assert town.issue(no)["holder"] == "吴专员"


def test_a_liaison_who_moves_to_another_community_hands_all_households_back(
    town: Town, load: Load
) -> None:
    town.binds("resident", "A101", "王联络")
    liaisons = tuple(
        replace(row, unit="B-D2") if row.name == "王联络" else row for row in DISTRICT.liaisons
    )
    load(replace(DISTRICT, liaisons=liaisons))
    assert liaison_of(town, "A101") in {"李联络", None}
    assert {liaison_of(town, home.code) for home in DISTRICT.households[4:]} <= {
        "陈联络",
        "王联络",
    }


def test_a_new_phone_keeps_wechat_households_and_what_is_held(town: Town, load: Load) -> None:
    town.binds("resident", "A101", "王联络")
    no = town.opens("resident", "电梯坏了")
    liaisons = tuple(
        replace(row, phone="13900000001") if row.name == "王联络" else row
        for row in DISTRICT.liaisons
    )
    comparison = load(replace(DISTRICT, liaisons=liaisons))
    assert [one.phone for one in comparison.plan.people] == ["13900000001"]
    assert comparison.dealt is not None
    assert comparison.dealt.deal.moved == ()
    assert town.issue(no)["holder_openid"] == "王联络"
    assert f"#{no}" in town.says("王联络", "待办")


def test_export_and_load_change_nothing_whatever_happened_in_chat(
    town: Town, tmp_path: Path
) -> None:
    town.binds("resident", "A101", "王联络")
    town.opens("resident", "电梯坏了")
    town.says("stranger", "", scene="door-A-D3")
    town.rows(
        "update liaisons set status = '停用' where id = 2 returning id",
    )
    town.rows("update staff set leave_until = now() + interval '3 days' returning id")
    before = town.snapshot()
    path = tmp_path / "out.xlsx"
    exported = export_roster(town.bot, path)
    comparison = load_roster(town.bot, path)
    assert comparison.plan.is_empty
    assert comparison.remarks == ()
    assert town.snapshot() == before
    assert exported.liaisons[1].standing is Standing.STOPPED
    again = parse(excel.read(path))
    assert isinstance(again, Roster)
    assert set(again.households) == set(exported.households)
