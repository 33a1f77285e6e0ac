"""Workbooks by their XML: what other programs write, and what a file may try to do to us."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from bot.core.roster.sheets import HOUSEHOLDS, SHEETS, Fault, Row, remarks, shape_errors
from bot.excel import WorkbookError, read

_KIND: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS: Final = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
)
HEADINGS: Final = "".join(
    f'<c t="inlineStr"><is><t>{column.heading}</t></is></c>' for column in SHEETS[HOUSEHOLDS]
)


def _related(links: Mapping[str, str]) -> str:
    """A part's relations: target → kind; their ids are r1, r2, ..."""
    rows = (
        f'<Relationship Id="r{at}" Type="{_KIND}/{kind}" Target="{target}"/>'
        for at, (target, kind) in enumerate(links.items(), 1)
    )
    return _RELATIONS + "".join(rows) + "</Relationships>"


def package(path: Path, rows: str, *, after: str = "", **more: str) -> Path:
    """A workbook with one sheet of households; `more` are parts and titles to change."""
    titles = more.get("titles", HOUSEHOLDS).split(",")
    sheets = "".join(f'<sheet name="{title}" sheetId="1" r:id="r1"/>' for title in titles)
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _related({more.get("book", "xl/workbook.xml"): "officeDocument"}),
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_KIND}">'
        f'<workbookPr date1904="{more.get("from_1904", "0")}"/><sheets>{sheets}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": _related(
            {
                "/xl/Worksheets/sheet1.xml": "worksheet",
                "sharedStrings.xml": "sharedStrings",
                "styles.xml": "styles",
            }
        ),
        "xl/worksheets/sheet1.xml": more.get(
            "sheet", f"<worksheet {_MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>"
        ),
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{more.get('texts', '')}</sst>",
        "xl/styles.xml": f"<styleSheet {_MAIN}>{more.get('styles', '')}</styleSheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rows_of(path: Path) -> tuple[Row, ...]:
    return read(path).sheets[HOUSEHOLDS].rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.xlsx"


def _row(cells: str, given: str = "") -> str:
    return f"<row>{HEADINGS}</row><row {given}>{cells}</row>"


def test_cells_and_rows_without_their_place_stand_one_after_the_other(path: Path) -> None:
    package(path, _row("<c><v>1</v></c><c r='C2'><v>3</v></c><c><v>4</v></c>"))
    assert [(row.number, dict(row.values)) for row in rows_of(path)] == [
        (2, {"户号": "1", "房号": "3", "联系人": "4"})
    ]


def test_a_room_that_a_chinese_excel_made_a_date_of_is_told(path: Path) -> None:
    """Format 58 is `m"月"d"日"` there and nothing in the standard's own list."""
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="58"/><xf numFmtId="46"/></cellXfs>'
    package(path, _row('<c s="1"><v>46144</v></c><c s="2"><v>1.5</v></c>'), styles=styles)
    (row,) = rows_of(path)
    assert row.odd == {"户号": Fault.DATE_CELL, "单位编号": Fault.DATE_CELL}
    assert row.values["户号"] == "2026-05-02"
    package(path, _row('<c s="1"><v>44682</v></c>'), styles=styles, from_1904="1")
    assert rows_of(path)[0].values["户号"] == "2026-05-02"
    package(path, _row('<c s="1"><v>1e12</v></c>'), styles=styles)
    assert rows_of(path)[0].odd == {"户号": Fault.DATE_CELL}


def test_readings_beside_han_signs_are_no_text(path: Path) -> None:
    name = "<r><t>王</t></r><r><t>秀英</t></r><rPh sb='0' eb='1'><t>wang</t></rPh>"
    cells = f'<c t="s"><v>0</v></c><c t="inlineStr"><is>{name}</is></c>'
    package(path, _row(cells), texts=f"<si>{name}</si>")
    assert dict(rows_of(path)[0].values) == {"户号": "王秀英", "单位编号": "王秀英"}


def test_escaped_signs_are_read_as_what_they_stand_for(path: Path) -> None:
    package(path, _row('<c t="str"><v>A_x000D_\n1_x0041_</v></c>'))
    assert rows_of(path)[0].values["户号"] == "A 1A"


def test_a_formula_whose_result_is_not_in_the_file_is_told(path: Path) -> None:
    package(path, _row('<c><f>A9</f><v></v></c><c t="str"><f>""</f><v></v></c><c><f>1</f></c>'))
    (row,) = rows_of(path)
    assert row.odd == {"户号": Fault.FORMULA, "房号": Fault.FORMULA}


def test_hidden_rows_are_read_and_mentioned(path: Path) -> None:
    package(path, _row("<c><v>1</v></c>", 'hidden="1"'))
    book = read(path)
    assert [(one.fault, one.about) for one in remarks(book)] == [(Fault.HIDDEN_ROWS, "1")]
    assert len(book.sheets[HOUSEHOLDS].rows) == 1


def test_a_second_sheet_of_the_same_name_is_told(path: Path) -> None:
    package(path, _row(""), titles=f"{HOUSEHOLDS}, {HOUSEHOLDS} ")
    assert Fault.DUPLICATE_SHEET in {one.fault for one in shape_errors(read(path))}


def test_names_may_bear_a_prefix(path: Path) -> None:
    main = _MAIN.replace("xmlns", "xmlns:x")
    cells = "<x:row><x:c t='inlineStr'><x:is><x:t>户号</x:t></x:is></x:c></x:row>"
    cells += "<x:row><x:c><x:v>7</x:v></x:c></x:row>"
    sheet = f"<x:worksheet {main}><x:sheetData>{cells}</x:sheetData></x:worksheet>"
    package(path, "", sheet=sheet)
    assert dict(rows_of(path)[0].values) == {"户号": "7"}


def test_a_row_or_a_merged_cell_far_away_costs_nothing(path: Path) -> None:
    rows = f"<row>{HEADINGS}</row><row r='1048576'><c r='A1048576'><v>1</v></c></row>"
    merged = '<mergeCells><mergeCell ref="F2:XFD1048576"/></mergeCells>'
    package(path, rows, after=merged)
    assert [row.number for row in rows_of(path)] == [1_048_576]
    package(path, _row("<c><v>1</v></c>"), after=merged.replace("F2", "A2"))
    assert [row.number for row in rows_of(path)] == [2]


BROKEN: Final[dict[str, dict[str, Any]]] = {
    "a number that is none": {"rows": _row("<c><v>x</v></c>")},
    "a text that is not there": {"rows": _row('<c t="s"><v>7</v></c>')},
    "a column that is none": {"rows": _row('<c r="ABCDE1"><v>7</v></c>')},
    "markup that ends early": {"rows": "<row>"},
    "an entity in an entity": {
        "rows": "",
        "sheet": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(
            f'<!ENTITY {name} "{f"&{last};" * 10}">'
            for last, name in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "]><worksheet><sheetData><row><c><v>&i;</v></c></row></sheetData></worksheet>",
    },
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_sheet_is_one_line(path: Path, what: str) -> None:
    given = dict(BROKEN[what])
    package(path, given.pop("rows"), **given)
    with pytest.raises(WorkbookError, match="重新保存"):
        read(path)


def test_a_binary_workbook_is_no_xlsx(path: Path) -> None:
    package(path, "", book="xl/workbook.bin")
    with pytest.raises(WorkbookError, match="另存为"):
        read(path)
