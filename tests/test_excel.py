"""Workbooks as people and programs make them: numbers, dates, merged cells, broken files."""

import re
import struct
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.roster import Roster
from bot.core.roster.cells import read_cell
from bot.core.roster.rows import parse
from bot.core.roster.sheets import (
    HOUSEHOLDS,
    LIAISONS,
    SHEETS,
    UNITS,
    Fault,
    Kind,
    remarks,
    sheets_of,
)
from bot.excel import WorkbookError, read, write
from bot.excel.package import plain
from tests.core.rosters import roster_of, small

HEADINGS = [column.heading for column in SHEETS[HOUSEHOLDS]]


def saved(path: Path, sheets: dict[str, Iterable[Iterable[Any]]]) -> openpyxl.Workbook:
    """A workbook as a person's own program saves it."""
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        worksheet = book.create_sheet(name)
        for row in rows:
            worksheet.append(list(row))
    book.save(path)
    return book


def values(path: Path) -> list[dict[str, str]]:
    return [dict(row.values) for row in read(path).sheets[HOUSEHOLDS].rows]


def test_numbers_come_as_people_see_them(tmp_path: Path) -> None:
    path = tmp_path / "numbers.xlsx"
    rows: list[list[Any]] = [
        HEADINGS,
        ["A-1", 12, 502.0, "王秀英", 13800000001],
        ["A-2", "A", 5.5, None, 13800000002.0],
        ["A-3", "A", 7],
    ]
    book = saved(path, {HOUSEHOLDS: rows})
    book[HOUSEHOLDS]["C4"].number_format = "0000"
    book.save(path)
    assert values(path) == [
        {"户号": "A-1", "单位编号": "12", "房号": "502", "联系人": "王秀英", "电话": "13800000001"},
        {"户号": "A-2", "单位编号": "A", "房号": "5.5", "电话": "13800000002"},
        {"户号": "A-3", "单位编号": "A", "房号": "0007"},
    ]


def test_text_loses_blanks_and_what_cannot_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "blanks.xlsx"
    saved(path, {" 住户 ": [HEADINGS, ["\ufeffA-1 ", "\u3000B\xa0", "1\n2", " ", "\u200b1"]]})
    assert values(path) == [{"户号": "A-1", "单位编号": "B", "房号": "1 2", "电话": "1"}]


def test_what_excel_made_of_a_cell_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.xlsx"
    row = [datetime(2026, 5, 2), time(8, 0), 2**60, "#N/A", date(2026, 1, 1)]  # noqa: DTZ001
    saved(path, {HOUSEHOLDS: [HEADINGS, row]})
    (found,) = read(path).sheets[HOUSEHOLDS].rows
    assert found.odd == {
        "户号": Fault.DATE_CELL,
        "单位编号": Fault.DATE_CELL,
        "房号": Fault.LONG_NUMBER,
        "联系人": Fault.ERROR_CELL,
        "电话": Fault.DATE_CELL,
    }
    assert found.values["户号"] == "2026-05-02"


def test_merged_cells_are_told_at_each_row_they_cover(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    rows = [[*HEADINGS, "备注"], *(["A", "B", "C", "D", "E", "F"] for _ in range(5))]
    book = saved(path, {HOUSEHOLDS: rows, UNITS: [["编号"], ["LY"]]})
    for merged in ("B3:B5", "D3:E3", "F2:F3"):  # the last is no column of ours
        book[HOUSEHOLDS].merge_cells(merged)
    book.save(path)
    odd = {row.number: dict(row.odd) for row in read(path).sheets[HOUSEHOLDS].rows if row.odd}
    assert odd == {
        3: {"单位编号": Fault.MERGED, "联系人": Fault.MERGED, "电话": Fault.MERGED},
        4: {"单位编号": Fault.MERGED},
        5: {"单位编号": Fault.MERGED},
    }


def test_empty_rows_are_passed_over_and_numbers_stay_those_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "gaps.xlsx"
    book = saved(path, {HOUSEHOLDS: [HEADINGS, [], ["A-1"], [None, " ", ""], ["A-2"]]})
    book[HOUSEHOLDS]["A90"] = "A-3"
    book[HOUSEHOLDS]["H200"] = "beside the table"
    book.save(path)
    assert [row.number for row in read(path).sheets[HOUSEHOLDS].rows] == [3, 5, 90]


def test_headings_may_be_starred_and_stand_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "order.xlsx"
    saved(
        path,
        {HOUSEHOLDS: [["备注", "电话", "户 号*"], ["x", "13800000001", "A-1"]], "说明": [["a"]]},
    )
    book = read(path)
    assert [dict(row.values) for row in book.sheets[HOUSEHOLDS].rows] == [
        {"电话": "13800000001", "户号": "A-1"}
    ]
    assert [(one.sheet, one.column) for one in remarks(book)] == [
        (HOUSEHOLDS, "备注"),
        ("说明", None),
    ]


def test_a_formula_counts_by_what_it_last_showed(tmp_path: Path) -> None:
    """As Excel saves it: the formula, and beside it the value it had."""
    path = tmp_path / "formula.xlsx"
    saved(path, {HOUSEHOLDS: [HEADINGS, ["A-1", '=UPPER("bb")']]})
    _replaced(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(rb"</f><v ?(?:/>|></v>)", b"</f><v>BB</v>", text).replace(
            b'<c r="B2">', b'<c r="B2" t="str">'
        ),
    )
    assert values(path)[0]["单位编号"] == "BB"


def _replaced(path: Path, name: str, change: Any) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in parts.items():
            archive.writestr(one, content)


def test_a_wrong_size_written_by_another_program_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "size.xlsx"
    saved(path, {HOUSEHOLDS: [HEADINGS, ["A-1", "B", "1"]]})
    _replaced(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b'<dimension ref="A1:E2"', b'<dimension ref="A1"'),
    )
    assert values(path) == [{"户号": "A-1", "单位编号": "B", "房号": "1"}]


def _ole(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))


def _cut_short(path: Path) -> None:
    write(path, sheets_of(roster_of(small())))
    path.write_bytes(path.read_bytes()[:2000])


def _another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")


def _no_sheets(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")


def _broken_sheet(path: Path) -> None:
    saved(path, {HOUSEHOLDS: [HEADINGS]})
    _replaced(path, "xl/worksheets/sheet1.xml", lambda text: text[:-30])


def _bomb(path: Path) -> None:
    """An archive that says it unpacks to 4 GB."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    content = path.read_bytes()
    at = content.index(b"PK\x01\x02") + 24
    path.write_bytes(content[:at] + struct.pack("<I", 0xFFFFFFF0) + content[at + 4 :])


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda path: path.write_text("编号,上级编号\n", encoding="utf-8"), "另存为"),
        (lambda path: path.write_bytes(b""), "另存为"),
        (_ole, "去掉密码"),
        (_cut_short, "重新保存"),
        (_another_zip, "另存为"),
        (_no_sheets, "另存为"),
        (_broken_sheet, "重新保存"),
        (_bomb, "分社区"),
        (lambda path: path.mkdir(), "核对文件名"),
        (lambda path: None, "核对文件名"),
    ],
)
def test_a_file_that_is_no_workbook_is_one_line(tmp_path: Path, make: Any, remedy: str) -> None:
    path = tmp_path / "roster.xlsx"
    make(path)
    with pytest.raises(WorkbookError) as found:
        read(path)
    line = str(found.value)
    assert remedy in line
    assert "roster.xlsx" in line
    assert "\n" not in line


def test_what_is_written_is_read_again_the_same(tmp_path: Path) -> None:
    roster, path = roster_of(small()), tmp_path / "out.xlsx"
    write(path, sheets_of(roster))
    again = parse(read(path))
    assert isinstance(again, Roster)
    assert set(again.units) == set(roster.units)
    assert (again.households, again.liaisons) == (roster.households, roster.liaisons)
    assert set(again.staff) == set(roster.staff)
    assert [one.name for one in tmp_path.iterdir()] == ["out.xlsx"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", '=HYPERLINK("http://x","y")'])
def test_nothing_written_is_a_formula(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.xlsx"
    write(path, {HOUSEHOLDS: [("A-1", "B", "1", text, "13800000001")]})
    cell = openpyxl.load_workbook(path)[HOUSEHOLDS]["D2"]
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.quotePrefix
    assert values(path)[0]["联系人"] == text


def test_codes_keep_their_zeros_and_letters_no_program_can_read_are_left_out(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out.xlsx"
    write(path, {LIAISONS: [("王\x07秀英", "01069546688", "007", 5, 10, "在岗")]})
    row = read(path).sheets[LIAISONS].rows[0].values
    assert (row["姓名"], row["电话"], row["单位编号"]) == ("王秀英", "01069546688", "007")


ODD = [
    "=1+1", "'王", '"', "<a>&amp;", "_x000D_", "_x_", "007", "1e5", "TRUE", "#N/A", "2026-05-02",
    "王 秀英", "Anna  Li", "①", "\U0001f468\u200d\U0001f469", "欧阳\u3000娜娜", "e\u0301", "  x ",
]  # fmt: skip


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=20)
        | st.sampled_from(ODD),
        min_size=1,
        max_size=8,
    )
)
@settings(deadline=None, max_examples=20)
@example(ODD)
@example(["R\u00b8"])
def test_whatever_is_stored_comes_back_from_a_file_as_it_was(texts: list[str]) -> None:
    kinds = (Kind.CODE, Kind.WORDS, Kind.NAME)
    kept = [[read_cell(kind, plain(text)) for kind in kinds] for text in texts if plain(text)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        write(path, {HOUSEHOLDS: [tuple(row) for row in kept if all(row)]})
        again = [
            [read_cell(kind, text) for kind, text in zip(kinds, row.values.values(), strict=True)]
            for row in read(path).sheets[HOUSEHOLDS].rows
        ]
    assert again == [row for row in kept if all(row)]


def test_a_place_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"^[^\n]+$"):
        write(tmp_path / "missing" / "out.xlsx", {})
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(WorkbookError, match=r"^[^\n]+$"):
        write(tmp_path / "folder.xlsx", {UNITS: []})
    assert [one.name for one in tmp_path.iterdir()] == ["folder.xlsx"]
