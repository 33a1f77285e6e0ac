"""A roster beside what is stored: who is the same, who moved, who is retired, and how many."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from bot.core.roster import HouseholdRow, Level, LiaisonRow, Post, Present, Roster, Standing
from bot.core.roster.difference import difference
from bot.core.roster.plan import Change, Changes, PersonChange, Plan
from bot.core.roster.sheets import HOUSEHOLDS, LIAISONS, STAFF, UNITS
from bot.excel.wording import plan_json, plan_lines
from tests.core.rosters import Sheets, only_community, roster_of, small

T = TypeVar("T")
STORED = roster_of(small())


def plan_after(change: Callable[[Sheets], object]) -> Plan:
    sheets = small()
    change(sheets)
    return difference(roster_of(sheets, STORED), STORED)


def applied(plan: Plan, present: Present) -> Present:
    """What is stored once the plan is carried out, as the store is to do it."""
    return Roster(
        units=_after(plan.units, present.units),
        households=_after(plan.households, present.households),
        liaisons=_after(plan.liaisons, present.liaisons),
        staff=_after(plan.staff, present.staff),
    )


def _after(changes: Changes[T], rows: tuple[T, ...]) -> tuple[T, ...]:
    gone = set(changes.retired) | {one.before for one in (*changes.changed, *changes.moved)}
    new = [one.after for one in (*changes.changed, *changes.moved)]
    return (*(row for row in rows if row not in gone), *new, *changes.added)


def test_the_same_roster_is_no_change() -> None:
    plan = difference(STORED, STORED)
    assert plan.is_empty
    assert not plan.needs_retire_flag
    assert plan_lines(plan) == ["没有变化。"]


def test_a_first_load_adds_everything_parents_first() -> None:
    plan = difference(STORED, Present())
    assert len(plan.households.added) == 6
    levels = [unit.level for unit in plan.units.added]
    assert levels == sorted(levels, key=list(Level).index)
    assert not plan.needs_retire_flag
    assert applied(plan, Present()).households == STORED.households


def test_a_household_that_moves_is_moved_and_one_that_changes_is_changed() -> None:
    def change(sheets: Sheets) -> None:
        sheets[HOUSEHOLDS][0][1] = "A-B1"
        sheets[HOUSEHOLDS][1][2] = "102A"

    plan = plan_after(change)
    assert [one.after.unit for one in plan.households.moved] == ["A-B1"]
    assert [one.after.room for one in plan.households.changed] == ["102A"]
    assert not plan.households.added
    assert not plan.households.retired


def test_a_unit_under_another_parent_is_moved_and_a_new_name_is_a_change() -> None:
    def change(sheets: Sheets) -> None:
        sheets[UNITS][3][1] = "A"
        sheets[UNITS][0][3] = "绿荫街道办"

    plan = plan_after(change)
    assert [one.after.code for one in plan.units.moved] == ["A-B1"]
    assert [one.after.name for one in plan.units.changed] == ["绿荫街道办"]


def test_retired_units_come_from_the_bottom_up() -> None:
    sheets = small()
    sheets[UNITS] = sheets[UNITS][:2] + sheets[UNITS][5:]
    sheets[HOUSEHOLDS] = sheets[HOUSEHOLDS][4:]
    sheets[LIAISONS] = sheets[LIAISONS][2:]
    sheets[STAFF] = [row for row in sheets[STAFF] if row[2] != "A-G1"]
    plan = difference(roster_of(sheets), STORED)
    assert [unit.code for unit in plan.units.retired] == ["A-B1-D1", "A-B1", "A-G1"]
    assert plan.needs_retire_flag


def test_a_file_speaks_only_for_the_communities_it_names() -> None:
    sheets = only_community("A")
    plan = difference(roster_of(sheets, STORED), STORED)
    assert plan.is_empty
    assert plan.retiring.of_households == 4


def test_staff_above_are_retired_only_where_the_file_holds_some_of_that_unit() -> None:
    def change(sheets: Sheets) -> None:
        del sheets[STAFF][0]

    plan = plan_after(change)
    assert [one.name for one in plan.staff.retired] == ["吴海涛"]
    assert [(c.before.place, c.after.place) for c in plan.staff.changed] == [(1, 0)]
    nobody_above = small()
    nobody_above[STAFF] = nobody_above[STAFF][2:]
    assert difference(roster_of(nobody_above), STORED).is_empty


def test_the_same_name_in_the_same_unit_with_a_new_phone_is_the_same_person() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][1][1] = "13800000999"
        sheets[STAFF][4][1] = "13800000998"
        sheets[HOUSEHOLDS][4][4] = "13800000997"

    plan = plan_after(change)
    assert plan.people == (
        PersonChange("13800000002", "13800000999", "赵德明"),
        PersonChange("13800000104", "13800000998", "何素芬"),
        PersonChange("13800000205", "13800000997", "刘志强"),
    )
    assert [one.after.phone for one in plan.liaisons.changed] == ["13800000999"]
    assert not plan.liaisons.added
    assert not plan.liaisons.retired
    assert not plan.staff.retired
    assert not plan.retiring.people


def test_a_new_phone_follows_a_person_through_all_their_roles() -> None:
    def change(sheets: Sheets) -> None:
        sheets[STAFF][2][1] = sheets[STAFF][3][1] = "13800000999"

    plan = plan_after(change)
    assert plan.people == (PersonChange("13800000103", "13800000999", "林立新"),)
    assert len(plan.staff.changed) == 2
    assert not plan.staff.added


def test_a_liaisons_new_phone_counts_though_the_households_row_still_has_the_old_one() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][0][1] = "13800000999"

    plan = plan_after(change)
    assert plan.people == (PersonChange("13800000201", "13800000999", "王秀英"),)
    assert not plan.households
    assert not plan.liaisons.retired


def test_a_phone_that_still_serves_is_not_given_up() -> None:
    def change(sheets: Sheets) -> None:
        sheets[STAFF][3][1] = "13800000999"  # one of two posts of the same name

    plan = plan_after(change)
    assert plan.people == ()
    assert [one.phone for one in plan.staff.added] == ["13800000999"]


def test_a_number_that_passes_to_a_colleague_takes_nobody_along() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][1][1] = "13800000999"
        sheets[LIAISONS].append(["孙文军", "13800000002", "A-B1", "", "", ""])

    plan = plan_after(change)
    assert plan.people == (PersonChange("13800000002", "13800000999", "赵德明"),)
    assert [one.name for one in plan.liaisons.added] == ["孙文军"]
    assert not plan.liaisons.retired


def test_a_number_taken_over_from_who_leaves_retires_the_one_who_left() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][2][1] = "13800000002"
        del sheets[LIAISONS][1]

    plan = plan_after(change)
    assert plan.people == (PersonChange("13800000003", "13800000002", "周永福"),)
    assert [one.name for one in plan.liaisons.retired] == ["赵德明"]
    assert plan.retiring.people == 1


def test_two_whose_numbers_were_swapped_stay_who_they_are() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][1][1], sheets[LIAISONS][2][1] = "13800000003", "13800000002"

    plan = plan_after(change)
    assert {(one.was, one.phone) for one in plan.people} == {
        ("13800000002", "13800000003"),
        ("13800000003", "13800000002"),
    }
    assert [one.after.name for one in plan.liaisons.changed] == ["赵德明", "周永福"]


def test_a_standing_left_open_stays_as_it_is() -> None:
    stopped = replace(STORED.liaisons[0], standing=Standing.STOPPED)
    stored = replace(STORED, liaisons=(stopped, *STORED.liaisons[1:]))
    assert difference(roster_of(small(), stored), stored).is_empty
    said = small()
    said[LIAISONS][0][5] = "在岗"
    plan = difference(roster_of(said, stored), stored)
    assert [one.after.standing for one in plan.liaisons.changed] == [Standing.SERVING]


def test_another_name_under_the_same_phone_is_the_same_person_renamed() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][1][0] = "赵德民"

    plan = plan_after(change)
    assert plan.people == (PersonChange("13800000002", "13800000002", "赵德民"),)
    assert [one.after.name for one in plan.liaisons.changed] == ["赵德民"]


def test_a_new_name_with_a_new_phone_is_somebody_else() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][1][:2] = ["孙文军", "13800000999"]

    plan = plan_after(change)
    assert plan.people == ()
    assert [one.name for one in plan.liaisons.added] == ["孙文军"]
    assert [one.name for one in plan.liaisons.retired] == ["赵德明"]
    assert (plan.retiring.people, plan.retiring.of_people) == (1, 8)
    assert plan.needs_retire_flag


def test_a_liaison_who_stops_is_changed_and_not_retired() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][2][5] = "停用"

    plan = plan_after(change)
    assert [one.after.standing for one in plan.liaisons.changed] == [Standing.STOPPED]
    assert not plan.liaisons.retired


def test_a_staff_member_with_another_post_or_unit_is_not_somebody_new() -> None:
    def change(sheets: Sheets) -> None:
        sheets[STAFF][4][3] = "物业"
        sheets[STAFF][5][2] = "B-B1"

    plan = plan_after(change)
    assert [one.after.post for one in plan.staff.changed] == [Post.PROPERTY]
    assert [one.after.unit for one in plan.staff.moved] == ["B-B1"]
    assert not plan.staff.added
    assert not plan.staff.retired


def many(households: int) -> Roster:
    homes = tuple(
        HouseholdRow(f"A-{number}", "A-B1", str(number), None, None) for number in range(households)
    )
    return replace(STORED, households=homes)


def test_more_than_a_tenth_retired_must_be_meant() -> None:
    stored = many(100)
    assert not difference(many(90), stored).needs_retire_flag
    plan = difference(many(89), stored)
    assert plan.needs_retire_flag
    assert (plan.retiring.households, plan.retiring.of_households) == (11, 100)


def test_moving_everybody_retires_nobody() -> None:
    stored = many(100)
    moved = tuple(replace(one, unit="A-B1-D1") for one in stored.households)
    plan = difference(replace(stored, households=moved), stored)
    assert len(plan.households.moved) == 100
    assert not plan.needs_retire_flag


def test_the_plan_can_be_told_and_given_as_json() -> None:
    plan = difference(STORED, Present())
    assert plan_lines(plan)[-1] == "合计：单位新增 7；住户新增 6；联络员新增 3；工作人员新增 6。"
    assert plan_json(plan)["units"]["added"][0]["code"] == "LY"
    moved = plan_after(lambda sheets: sheets[HOUSEHOLDS][0].__setitem__(1, "A-B1"))
    assert plan_lines(moved)[0].startswith("住户迁移：A-101 A-B1-D1")
    assert plan_json(moved)["households"]["moved"][0]["after"]["unit"] == "A-B1"


phones = st.sampled_from([f"1380000000{digit}" for digit in range(6)])
names = st.sampled_from(["王秀英", "赵德明", "周永福"])
places = st.sampled_from(["A", "A-B1", "B", "B-B1"])


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """The small roster's units with liaisons, staff and households as they come; one name each."""
    called = draw(st.dictionaries(phones, names, max_size=6))
    liaisons = tuple(
        LiaisonRow(name, phone, draw(places), 5, 10, draw(st.sampled_from(Standing)))
        for phone, name in called.items()
        if draw(st.booleans())
    )
    posts = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(called)), places, st.sampled_from(Post)),
            unique=True,
            max_size=6,
        )
        if called
        else st.just([])
    )
    homes = draw(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["A-B1", "B-B1"])))
    contacts = [draw(st.sampled_from([None, *sorted(called)])) if called else None for _ in homes]
    sheets: Sheets = {
        UNITS: small()[UNITS],
        HOUSEHOLDS: [
            [code, unit, code, called[phone] if phone else "", phone or ""]
            for (code, unit), phone in zip(homes.items(), contacts, strict=True)
        ],
        LIAISONS: [[one.name, one.phone, one.unit, "", "", one.standing] for one in liaisons],
        STAFF: [[called[phone], phone, unit, post] for phone, unit, post in posts],
    }
    return roster_of(sheets)


@given(rosters(), rosters())
def test_a_plan_carried_out_says_what_the_roster_says_and_then_nothing_is_left(
    stored: Roster, wanted: Roster
) -> None:
    plan = difference(wanted, stored)
    result = applied(plan, stored)
    for found, given_ in (
        (result.units, wanted.units),
        (result.households, wanted.households),
        (result.liaisons, wanted.liaisons),
        (result.staff, wanted.staff),
    ):
        assert sorted(map(repr, found)) == sorted(map(repr, given_))
    assert difference(wanted, result).is_empty


@given(rosters(), rosters())
def test_people_change_into_people_who_are_told_apart(stored: Roster, wanted: Roster) -> None:
    plan = difference(wanted, stored)
    assert len({one.was for one in plan.people}) == len(plan.people)
    assert len({one.phone for one in plan.people}) == len(plan.people)
    known = {one.phone for one in stored.serving} | {one.phone for one in stored.households}
    stay = {(one.phone, one.name) for one in stored.serving} & {
        (one.phone, one.name) for one in wanted.serving
    }
    for one in plan.people:
        assert one.was in known
        assert one.phone == one.was or (one.phone, one.name) not in stay
        assert one.was not in {phone for phone, _ in stay}


def test_a_change_keeps_both_sides() -> None:
    def change(sheets: Sheets) -> None:
        sheets[LIAISONS][2][4] = "8"

    before = STORED.liaisons[2]
    assert plan_after(change).liaisons.changed == (Change(before, replace(before, most=8)),)
