"""The sheet 值班: what it may say, what becomes of it, and that its export says the same."""

from dataclasses import replace
from datetime import date

import pytest

from bot.core.roster import DutyRow, Present
from bot.core.roster.difference import difference
from bot.core.roster.sheets import DUTY, STAFF, Fault, sheets_of
from bot.excel.wording import sentence
from tests.core.rosters import Rows, Sheets, errors_of, only_community, roster_of, small

LIN = ("A", "林立新", "13800000103")
NIGHT, DAY = (20 * 60, 32 * 60), (8 * 60, 20 * 60)


def with_duty(*rows: list[str]) -> Sheets:
    return small() | {DUTY: list(rows)}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["A", "林立新", "2026-12-01", "", "20:00-08:00"], (date(2026, 12, 1), None, *NIGHT)),
        (["A", "林立新", "2026年12月1日", "周二", "8:00-20:00"], (date(2026, 12, 1), None, *DAY)),
        (["A", " 林 立新", "", "星期日", "20：00至08：00"], (None, 6, *NIGHT)),
        (["A", "林立新", "", "周一", "00:00-24:00"], (None, 0, 0, 24 * 60)),
        (["A", "林立新", "", "周一", "8:00-次日8:00"], (None, 0, 8 * 60, 32 * 60)),
        (["A", "林立新", "", "周一", "20:00—第二天 08:00"], (None, 0, *NIGHT)),
        (["A", "林立新", "", "周一", "00:00-00:00"], (None, 0, 0, 24 * 60)),
    ],
)
def test_days_weekdays_and_hours_over_midnight(
    row: list[str], expected: tuple[object, ...]
) -> None:
    (duty,) = roster_of(with_duty(row)).duties
    assert (duty.day, duty.weekday, duty.opens, duty.closes) == expected
    assert (duty.unit, duty.name, duty.phone) == LIN


@pytest.mark.parametrize(
    ("row", "column", "fault"),
    [
        (["A", "林立新", "", "", "20:00-08:00"], "日期", Fault.EMPTY),
        (["A", "林立新", "2026-12-01", "周三", "20:00-08:00"], "星期", Fault.NOT_THAT_DAY),
        (["A", "林立新", "2026-02-30", "", "20:00-08:00"], "日期", Fault.BAD_DATE),
        (["A", "林立新", "", "周八", "20:00-08:00"], "星期", Fault.BAD_WEEKDAY),
        (["A", "林立新", "", "周一", "晚上"], "时段", Fault.BAD_HOURS),
        (["A", "林立新", "", "周一", "24:00-24:00"], "时段", Fault.BAD_HOURS),
        (["A", "林立新", "", "周一", "8-8"], "时段", Fault.BAD_HOURS),
        (["A", "何素芬", "", "周一", "20:00-08:00"], "姓名", Fault.NOT_STAFF),
        (["Q", "林立新", "", "周一", "20:00-08:00"], "单位编号", Fault.UNKNOWN_UNIT),
        (["A", "", "", "周一", "20:00-08:00"], "姓名", Fault.EMPTY),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_remedy(
    row: list[str], column: str, fault: Fault
) -> None:
    good = ["A", "林立新", "", "周一", "20:00-08:00"]
    (error,) = errors_of(with_duty(good, row))
    assert (error.sheet, error.row, error.column, error.fault) == (DUTY, 3, column, fault)
    assert "第 3 行" in sentence(error)


def test_the_same_duty_twice_and_two_of_a_name() -> None:
    row: Rows = [["A", "林立新", "", "周一", "20:00-08:00"]] * 2
    assert [one.fault for one in errors_of(with_duty(*row))] == [Fault.DUPLICATE]
    sheets = with_duty(row[0])
    sheets[STAFF].append(["林立新", "13800000109", "A", "社工"])
    assert [one.fault for one in errors_of(sheets)] == [Fault.SAME_NAME]


def test_what_is_exported_says_the_same() -> None:
    roster = roster_of(
        with_duty(
            ["A", "林立新", "2026-12-01", "", "20:00-08:00"],
            ["A-G1", "何素芬", "", "周六", "00:00-24:00"],
            ["A-G1", "何素芬", "", "周日", "08:00-08:00"],
        )
    )
    typed = {
        name: [["" if cell is None else str(cell) for cell in row] for row in rows]
        for name, rows in sheets_of(roster).items()
    }
    assert difference(roster_of(typed), roster).is_empty


def test_a_file_without_the_sheet_leaves_duties_and_an_empty_one_ends_them() -> None:
    stored = roster_of(with_duty(["A", "林立新", "", "周一", "20:00-08:00"]))
    assert difference(roster_of(small()), stored).is_empty
    assert len(difference(roster_of(with_duty()), stored).duties.retired) == 1


def test_a_file_speaks_for_the_duties_of_its_communities_only() -> None:
    stored: Present = roster_of(
        with_duty(
            ["A", "林立新", "", "周一", "20:00-08:00"], ["B", "郭卫东", "", "周一", "20:00-08:00"]
        )
    )
    alone = only_community("A") | {DUTY: []}
    plan = difference(roster_of(alone, stored), stored)
    assert [one.unit for one in plan.duties.retired] == ["A"]


def test_staff_that_only_the_store_knows_may_be_on_duty() -> None:
    alone = only_community("A") | {DUTY: [["LY", "吴海涛", "", "周日", "08:00-20:00"]]}
    assert roster_of(alone, roster_of(small())).duties[0].phone == "13800000101"


def test_a_new_phone_is_no_other_duty() -> None:
    rows = with_duty(["A-G1", "何素芬", "", "周一", "20:00-08:00"])
    stored = roster_of(rows)
    rows[STAFF][4][1] = "13800000199"
    plan = difference(roster_of(rows, stored), stored)
    assert (plan.duties.added, plan.duties.retired) == ((), ())
    assert plan.people[0].phone == "13800000199"


def test_hours_are_told_as_they_were_typed() -> None:
    night = DutyRow(*LIN, None, 5, *NIGHT)
    assert (night.when, night.typed_hours) == ("周六", "20:00-08:00")
    whole = replace(night, opens=0, closes=24 * 60)
    assert whole.typed_hours == "00:00-24:00"
