"""Rows → a roster, or every wrong row with its sheet, row, column and what is wrong."""

from dataclasses import replace
from datetime import date

import pytest

from bot.core.roster import (
    DutyRow,
    HouseholdRow,
    Level,
    LiaisonRow,
    Post,
    Present,
    Standing,
    Tree,
    UnitRow,
)
from bot.core.roster.cells import WrongCellError, read_cell
from bot.core.roster.rows import parse
from bot.core.roster.sheets import (
    DUTY,
    HOUSEHOLDS,
    LIAISONS,
    SERVICES,
    STAFF,
    UNITS,
    Fault,
    Kind,
    Row,
    RowError,
    Sheet,
    Workbook,
    remarks,
    sheets_of,
)
from bot.excel.wording import sentence
from tests.core.rosters import errors_of, only_community, roster_of, small, workbook

STORED = roster_of(small())


def test_rows_become_a_roster() -> None:
    roster = roster_of(small())
    assert roster.units[0] == UnitRow("LY", None, Level.SUBDISTRICT, "绿荫街道")
    assert roster.units[4] == UnitRow("A-B1-D1", "A-B1", Level.DOOR, "1单元")
    assert roster.households[0] == HouseholdRow("A-101", "A-B1-D1", "101", "王秀英", "13800000201")
    assert roster.households[2] == HouseholdRow("A-103", "A-B1-D1", "103", None, None)
    assert roster.liaisons[0] == LiaisonRow(
        "王秀英", "13800000201", "A-B1-D1", 5, 10, Standing.SERVING
    )
    assert roster.liaisons[1] == LiaisonRow("赵德明", "13800000002", "A-B1", 3, 8, Standing.EXEMPT)


def test_staff_keep_the_order_of_the_sheet_within_their_unit() -> None:
    assert [(one.unit, one.post, one.place) for one in STORED.staff] == [
        ("LY", Post.OFFICER, 0),
        ("LY", Post.ADMINISTRATOR, 1),
        ("A", Post.SECRETARY, 0),
        ("A", Post.SOCIAL_WORKER, 1),
        ("A-G1", Post.GRID_HEAD, 0),
        ("B", Post.SECRETARY, 0),
    ]


@pytest.mark.parametrize(("least", "most", "limits"), [("", "", (5, 10)), ("", "3", (3, 3))])
def test_limits_left_out_never_contradict_the_other(
    least: str, most: str, limits: tuple[int, int]
) -> None:
    sheets = small()
    sheets[LIAISONS][0][3:5] = [least, most]
    liaison = roster_of(sheets).liaisons[0]
    assert (liaison.least, liaison.most) == limits


def test_what_people_type_is_brought_to_one_spelling() -> None:
    sheets = small()
    sheets[UNITS][1] = [" Ａ ", "ＬＹ", " 社 区", "  甲 社区 "]
    sheets[HOUSEHOLDS][0] = ["A－101", "A-B1-D1", "１０１", "王　秀英", "+86 138 0000 0201"]
    sheets[LIAISONS][1][3:5] = ["3.0", "８户"]
    roster = roster_of(sheets)
    assert roster.units[1] == UnitRow("A", "LY", Level.COMMUNITY, "甲 社区")
    assert roster.households[0] == HouseholdRow("A-101", "A-B1-D1", "101", "王秀英", "13800000201")
    assert (roster.liaisons[1].least, roster.liaisons[1].most) == (3, 8)


# sheet, index of the row to change (None: add one), its cells; where the error is and what it is.
U, H, L, S = UNITS, HOUSEHOLDS, LIAISONS, STAFF
WRONG = [
    (U, 3, ["A-B1", "A-G9", "楼", "1号楼"], "上级编号", Fault.UNKNOWN_UNIT),
    (U, 3, ["A-B1", "", "楼", "1号楼"], "上级编号", Fault.NO_PARENT),
    (U, 1, ["A", "", "社区", "甲社区"], "上级编号", Fault.NO_PARENT),  # a second root
    (U, 3, ["A-B1", "A-B1", "楼", "1号楼"], "上级编号", Fault.CYCLE),
    (U, 4, ["A-B1-D1", "A-B1", "楼", "1单元"], "层级", Fault.NOT_BELOW_PARENT),
    (U, 4, ["A-B1-D1", "A-B1", "单元", "1单元"], "层级", Fault.BAD_LEVEL),
    (U, 4, ["A-B1-D1", "A-B1", "门", ""], "名称", Fault.EMPTY),
    (U, 4, ["A-B1-D1", "A-B1", "门", "长" * 201], "名称", Fault.TOO_LONG),
    (U, None, ["A-B1", "A-G1", "楼", "又一栋"], "编号", Fault.DUPLICATE),
    (H, 2, ["A" * 60, "A-B1-D1", "103", "", ""], "户号", Fault.TOO_LONG),
    (H, 0, ["", "A-B1-D1", "101", "王秀英", "13800000201"], "户号", Fault.EMPTY),
    (H, 0, ["A-101", "A-B1-D1", "", "王秀英", "13800000201"], "房号", Fault.EMPTY),
    (H, 0, ["A-101", "A-B7", "101", "", ""], "单位编号", Fault.UNKNOWN_UNIT),
    (H, 0, ["A-101", "A-G1", "101", "", ""], "单位编号", Fault.WRONG_LEVEL),
    (H, 1, ["A-101", "A-B1-D1", "102", "", ""], "户号", Fault.DUPLICATE),
    (H, 1, ["A-102", "A-B1-D1", "102", "李建国", "1380000"], "电话", Fault.BAD_PHONE),
    (H, 1, ["A-102", "A-B1-D1", "102", "别人", "13800000201"], "电话", Fault.PHONE_OF_ANOTHER),
    (L, 0, ["", "13800000201", "A-B1-D1", "", "", ""], "姓名", Fault.EMPTY),
    (L, 0, ["王秀英", "", "A-B1-D1", "", "", ""], "电话", Fault.EMPTY),
    (L, 0, ["王秀英", "13800000201", "LY", "", "", ""], "单位编号", Fault.OUTSIDE_COMMUNITY),
    (L, 0, ["王秀英", "13800000201", "A-B9", "", "", ""], "单位编号", Fault.UNKNOWN_UNIT),
    (L, 0, ["王秀英", "13800000201", "A", "9", "8", ""], "最多户数", Fault.LEAST_OVER_MOST),
    (L, 0, ["王秀英", "13800000201", "A", "五", "", ""], "最少户数", Fault.BAD_COUNT),
    (L, 0, ["王秀英", "13800000201", "A", "-1", "", ""], "最少户数", Fault.BAD_COUNT),
    (L, 0, ["王秀英", "13800000201", "A", "", "", "休假"], "状态", Fault.BAD_STANDING),
    (L, None, ["周永福", "13800000003", "B", "", "", ""], "电话", Fault.DUPLICATE),
    (S, 0, ["吴海涛", "13800000101", "LY", "主任"], "职务", Fault.BAD_POST),
    (S, 0, ["吴海涛", "13800000101", "XX", "街道专员"], "单位编号", Fault.UNKNOWN_UNIT),
    (S, 0, ["吴海涛", "13800000101", "A-B1-D1", "物业"], "单位编号", Fault.WRONG_LEVEL),
    (S, None, ["林立新", "13800000103", "A", "社工"], "电话", Fault.DUPLICATE),
]


@pytest.mark.parametrize(("sheet", "at", "cells", "column", "fault"), WRONG)
def test_a_wrong_row_is_told_with_its_place(
    sheet: str, at: int | None, cells: list[str], column: str, fault: Fault
) -> None:
    sheets = small()
    if at is None:
        sheets[sheet].append(cells)
        at = len(sheets[sheet]) - 1
    else:
        sheets[sheet][at] = cells
    errors = errors_of(sheets)
    found = [(one.sheet, one.row, one.column, one.fault) for one in errors]
    assert found == [(sheet, at + 2, column, fault)]
    assert sentence(errors[0]).count("。") == 2


def test_a_phone_of_two_people_is_told_at_the_later_row() -> None:
    sheets = small()
    sheets[LIAISONS][1][1] = "13800000103"
    found = [(one.sheet, one.row, one.fault, one.about) for one in errors_of(sheets)]
    assert found == [
        (STAFF, 4, Fault.PHONE_OF_ANOTHER, "联络员!3"),
        (STAFF, 5, Fault.PHONE_OF_ANOTHER, "联络员!3"),
    ]


def test_a_level_too_low_is_told_where_it_does_not_fit() -> None:
    sheets = small()
    sheets[UNITS][2][2] = "门"
    found = [(one.sheet, one.row, one.fault) for one in errors_of(sheets)]
    assert found == [(UNITS, 5, Fault.NOT_BELOW_PARENT), (STAFF, 6, Fault.WRONG_LEVEL)]


def test_every_wrong_row_is_found_at_once_and_none_for_anothers_fault() -> None:
    sheets = small()
    sheets[HOUSEHOLDS] = [
        [f"A-{number}", "A-B1-D1", str(number), "", "12345"] for number in range(50)
    ]
    sheets[UNITS][2][2] = "格子"  # everything below A-G1 refers to this row
    errors = errors_of(sheets)
    assert [one.fault for one in errors] == [Fault.BAD_LEVEL] + [Fault.BAD_PHONE] * 50
    assert [one.row for one in errors[1:]] == list(range(2, 52))


def test_a_long_cycle_is_told_at_each_of_its_rows() -> None:
    sheets = small()
    sheets[UNITS] += [["X", "Z", "网格", "x"], ["Y", "X", "楼", "y"], ["Z", "Y", "社区", "z"]]
    found = [(one.row, one.fault) for one in errors_of(sheets) if one.fault is Fault.CYCLE]
    assert found == [(9, Fault.CYCLE), (10, Fault.CYCLE), (11, Fault.CYCLE)]


def test_levels_may_be_skipped_and_there_may_be_several_subdistricts() -> None:
    sheets = small()
    sheets[UNITS] += [["ZZ", "", "街道", "另一街道"], ["C", "ZZ", "社区", "丙社区"]]
    assert len(roster_of(sheets).units) == 9


def test_a_lone_community_needs_no_subdistrict() -> None:
    sheets = only_community("A")
    sheets[UNITS] = [["A", "", "社区", "甲社区"], *sheets[UNITS][2:]]
    assert roster_of(sheets).units[0].parent is None


def test_a_missing_sheet_or_heading_is_told_once_and_not_at_every_row() -> None:
    sheets = small()
    del sheets[STAFF]
    found = workbook(sheets, {UNITS: ["编号", "上级编号", "等级", "名称"]})
    errors = parse(found)
    assert errors == [
        RowError(STAFF, None, None, Fault.MISSING_SHEET),
        RowError(UNITS, 1, "层级", Fault.MISSING_HEADING),
    ]
    assert remarks(found) == [RowError(UNITS, 1, "等级", Fault.UNKNOWN_COLUMN)]


def test_a_heading_there_twice_is_told() -> None:
    sheets = {**small(), LIAISONS: [["王秀英", "1", "13800000201", "A"]]}
    columns = ["姓名", "电话", "电话", "单位编号"]
    assert parse(workbook(sheets, {LIAISONS: columns})) == [
        RowError(LIAISONS, 1, "电话", Fault.DUPLICATE_HEADING)
    ]


def test_columns_that_may_be_left_out_may_be_missing_whole() -> None:
    sheets = {**small(), LIAISONS: [["13800000201", "A", "王秀英"]]}
    found = parse(workbook(sheets, {LIAISONS: ["电话", "单位编号", "姓名"]}))
    assert not isinstance(found, list)
    assert found.liaisons == (LiaisonRow("王秀英", "13800000201", "A", 5, 10, Standing.SERVING),)


def test_cells_that_held_no_text_are_told_by_what_they_held() -> None:
    book = workbook(small())
    sheet = book.sheets[HOUSEHOLDS]
    odd = {"房号": Fault.DATE_CELL, "户号": Fault.MERGED}
    row = Row(HOUSEHOLDS, 2, {**sheet.rows[0].values, "房号": "2026-05-02"}, odd)
    changed = replace(sheet, rows=(row, *sheet.rows[1:]))
    errors = parse(Workbook({**book.sheets, HOUSEHOLDS: changed}))
    assert isinstance(errors, list)
    assert [(one.row, one.column, one.fault) for one in errors] == [
        (2, "户号", Fault.MERGED),
        (2, "房号", Fault.DATE_CELL),
    ]


def test_duty_is_read_and_sheets_of_later_stages_are_checked_and_named() -> None:
    sheets = small()
    sheets[DUTY] = [["A", "林立新", "2026-12-01", "", "20:00-08:00"]]
    sheets[SERVICES] = [["开锁", "A", "赵师傅", "13800000301", "全天"]]
    duty = DutyRow("A", "林立新", "13800000103", date(2026, 12, 1), None, 20 * 60, 32 * 60)
    assert roster_of(sheets) == replace(STORED, duties=(duty,), says_duty=True)
    assert {one.fault for one in remarks(workbook(sheets))} == {Fault.UNUSED_SHEET}
    sheets[DUTY] += [["A", "林立新", "", "", "20:00-08:00"], ["Q", "林立新", "", "周八", "晚上"]]
    sheets[SERVICES][0][3] = "110"
    assert [(one.row, one.column, one.fault) for one in errors_of(sheets)] == [
        (3, "日期", Fault.EMPTY),
        (4, "星期", Fault.BAD_WEEKDAY),
        (4, "时段", Fault.BAD_HOURS),
        (2, "电话", Fault.BAD_PHONE),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.DATE, "2026/12/1", date(2026, 12, 1)),
        (Kind.DATE, "2026年12月1日", date(2026, 12, 1)),
        (Kind.DATE, "46357", date(2026, 12, 1)),  # what a date is once its format is lost
        (Kind.WEEKDAY, "星期天", 6),
        (Kind.WEEKDAY, "周一", 0),
    ],
)
def test_dates_and_weekdays_are_read_as_people_write_them(
    kind: Kind, text: str, value: object
) -> None:
    assert read_cell(kind, text) == value


@pytest.mark.parametrize("text", ["2026-02-30", "明天", "123", "12-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(WrongCellError):
        read_cell(Kind.DATE, text)


def test_unknown_sheets_are_named_and_empty_ones_passed_over() -> None:
    extra = {"说明": Sheet("说明", ("怎么填",), ()), "Sheet2": Sheet("Sheet2", (), ())}
    found = remarks(Workbook({**workbook(small()).sheets, **extra}))
    assert found == [RowError("说明", None, None, Fault.UNKNOWN_SHEET)]


def test_a_file_of_one_community_hangs_on_the_stored_subdistrict() -> None:
    sheets = only_community("A")
    sheets[UNITS] = sheets[UNITS][1:]
    assert roster_of(sheets, STORED).units[0].parent == "LY"
    assert {one.fault for one in errors_of(sheets, Present())} == {Fault.UNKNOWN_UNIT}


# What reaches into a community that the file does not name.
BEYOND = [
    (U, ["A-B9", "B", "楼", "9号楼"], "上级编号", Fault.NOT_NAMED),
    (U, ["B-B1", "A", "楼", "1号楼"], "编号", Fault.ELSEWHERE),
    (H, ["B-1", "A-B1", "1", "", ""], "户号", Fault.ELSEWHERE),
    (H, ["A-9", "B-B1", "9", "", ""], "单位编号", Fault.NOT_NAMED),
    (H, ["A-9", "A-B1", "9", "刘大", "13800000205"], "电话", Fault.PHONE_ELSEWHERE),
    (L, ["周永福", "13800000003", "A", "", "", ""], "电话", Fault.ELSEWHERE),
    (L, ["孙文军", "13800000105", "A", "", "", ""], "电话", Fault.PHONE_ELSEWHERE),
    (L, ["孙文军", "13800000101", "A", "", "", ""], "电话", Fault.PHONE_ELSEWHERE),
    (S, ["孙文军", "13800000106", "B-B1", "物业"], "单位编号", Fault.NOT_NAMED),
]


@pytest.mark.parametrize(("sheet", "cells", "column", "fault"), BEYOND)
def test_a_file_cannot_touch_a_community_it_does_not_name(
    sheet: str, cells: list[str], column: str, fault: Fault
) -> None:
    sheets = only_community("A")
    sheets[sheet].append(cells)
    place = (sheet, len(sheets[sheet]) + 1, column, fault)
    assert [(one.sheet, one.row, one.column, one.fault) for one in errors_of(sheets, STORED)] == [
        place
    ]


def test_a_community_stays_a_community() -> None:
    sheets = small()
    sheets[UNITS][5][2] = "网格"
    assert (7, Fault.ELSEWHERE) in {(one.row, one.fault) for one in errors_of(sheets, STORED)}
    sheets = small()
    sheets[UNITS][2][1:3] = ["LY", "社区"]
    assert (4, Fault.LEVEL_CHANGED) in {(e.row, e.fault) for e in errors_of(sheets, STORED)}


def test_what_is_written_is_read_again_the_same() -> None:
    texts = {
        name: [["" if cell is None else str(cell) for cell in row] for row in rows]
        for name, rows in sheets_of(STORED).items()
    }
    again = roster_of(texts)
    assert set(again.units) == set(STORED.units)
    assert set(again.staff) == set(STORED.staff)
    assert (again.households, again.liaisons) == (STORED.households, STORED.liaisons)


def test_a_broken_tree_is_borne() -> None:
    tree = Tree(
        [
            UnitRow("X", "Y", Level.GRID, "x"),
            UnitRow("Y", "X", Level.GRID, "y"),
            UnitRow("Z", "gone", Level.DOOR, "z"),
        ]
    )
    assert tree.community("X") is None
    assert tree.is_in_cycle("X")
    assert not tree.is_in_cycle("Z")
    assert tree.community("nowhere") is None
