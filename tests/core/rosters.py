"""A small roster to break: one subdistrict, two communities, six households.

Tests change single cells of it and look at what is found.
"""

from collections.abc import Mapping, Sequence

from bot.core.roster import Present, Roster
from bot.core.roster.rows import parse
from bot.core.roster.sheets import (
    HOUSEHOLDS,
    LIAISONS,
    SHEETS,
    STAFF,
    UNITS,
    Row,
    RowError,
    Sheet,
    Workbook,
)

Rows = list[list[str]]
Sheets = dict[str, Rows]


def small() -> Sheets:
    """The rows as typed; the first stands in the workbook's row 2."""
    return {
        UNITS: [
            ["LY", "", "街道", "绿荫街道"],
            ["A", "LY", "社区", "甲社区"],
            ["A-G1", "A", "网格", "第一网格"],
            ["A-B1", "A-G1", "楼", "1号楼"],
            ["A-B1-D1", "A-B1", "门", "1单元"],
            ["B", "LY", "社区", "乙社区"],
            ["B-B1", "B", "楼", "1号楼"],
        ],
        HOUSEHOLDS: [
            ["A-101", "A-B1-D1", "101", "王秀英", "13800000201"],
            ["A-102", "A-B1-D1", "102", "李建国", "13800000202"],
            ["A-103", "A-B1-D1", "103", "", ""],
            ["A-104", "A-B1", "104", "陈桂兰", ""],
            ["B-1", "B-B1", "1", "刘志强", "13800000205"],
            ["B-2", "B-B1", "2", "王秀英", "13800000201"],
        ],
        LIAISONS: [
            ["王秀英", "13800000201", "A-B1-D1", "", "", ""],
            ["赵德明", "13800000002", "A-B1", "3", "8", "豁免"],
            ["周永福", "13800000003", "B-B1", "5", "10", "在岗"],
        ],
        STAFF: [
            ["吴海涛", "13800000101", "LY", "街道专员"],
            ["高凤霞", "13800000102", "LY", "管理员"],
            ["林立新", "13800000103", "A", "社区书记"],
            ["林立新", "13800000103", "A", "社工"],
            ["何素芬", "13800000104", "A-G1", "网格长"],
            ["郭卫东", "13800000105", "B", "社区书记"],
        ],
    }


def only_community(code: str) -> Sheets:
    """The part of `small` that speaks for one community, with the subdistrict's own unit."""
    sheets = small()
    units = [row for row in sheets[UNITS] if row[0] == "LY" or row[0].startswith(code)]
    return {
        UNITS: units,
        HOUSEHOLDS: [row for row in sheets[HOUSEHOLDS] if row[0].startswith(code)],
        LIAISONS: [row for row in sheets[LIAISONS] if row[2].startswith(code)],
        STAFF: [row for row in sheets[STAFF] if row[2].startswith(code)],
    }


def workbook(
    sheets: Mapping[str, Rows], headings: Mapping[str, Sequence[str]] | None = None
) -> Workbook:
    made = {}
    for name, rows in sheets.items():
        columns = (headings or {}).get(name) or [column.heading for column in SHEETS[name]]
        made[name] = Sheet(
            name,
            tuple(columns),
            tuple(
                Row(name, number, dict(zip(columns, row, strict=True)))
                for number, row in enumerate(rows, 2)
            ),
        )
    return Workbook(made)


def roster_of(sheets: Mapping[str, Rows], present: Present | None = None) -> Roster:
    found = parse(workbook(sheets), present)
    assert isinstance(found, Roster), found
    return found


def errors_of(sheets: Mapping[str, Rows], present: Present | None = None) -> list[RowError]:
    found = parse(workbook(sheets), present)
    assert isinstance(found, list), "no error was found"
    return found
