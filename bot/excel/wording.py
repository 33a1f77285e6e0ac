"""The sentences that tell people what is wrong in a roster workbook, and what a plan would do.

Knows the Chinese for each fault, with its remedy. Must not know how faults are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.core.roster import DutyRow, HouseholdRow, LiaisonRow, StaffRow, UnitRow
from bot.core.roster.plan import Change, Changes, Plan
from bot.core.roster.sheets import Fault, RowError

# Fault → what is wrong, and what to do. {value} is what stood there, {about} what it is set
# against, {sheet} and {column} where it stands.
_TEXTS: Final[Mapping[Fault, tuple[str, str]]] = {
    Fault.MISSING_SHEET: ("缺少这张工作表", "请新建名为“{sheet}”的工作表，第一行写列名"),
    Fault.DUPLICATE_SHEET: ("有两张这个名字的工作表", "请只保留一张"),
    Fault.MISSING_HEADING: ("第一行没有“{column}”这一列", "请在第一行补上这个列名"),
    Fault.DUPLICATE_HEADING: ("“{column}”这一列出现了两次", "请只保留一列"),
    Fault.EMPTY: ("没有填写", "请补填"),
    Fault.MERGED: ("是合并单元格", "请取消合并，每一行都填上内容"),
    Fault.DATE_CELL: ("被 Excel 当成了日期", "请把这一列设为“文本”格式，再重新填写"),
    Fault.ERROR_CELL: ("是公式错误", "请改填实际内容"),
    Fault.BOOLEAN_CELL: ("是 Excel 的真假值“{value}”", "请改填实际内容"),
    Fault.FORMULA: (
        "是公式，文件里没有它的结果",
        "请用 Excel 或 WPS 打开后重新保存，或改填实际内容",
    ),
    Fault.LONG_NUMBER: (
        "数字太长，Excel 已经丢掉了末尾几位",
        "请把这一列设为“文本”格式，再重新填写",
    ),
    Fault.TOO_LONG: ("太长", "请缩短到 {about} 个字以内"),
    Fault.BAD_PHONE: ("“{value}”不是电话号码", "请填一个 11 位手机号，或带区号的固定电话"),
    Fault.BAD_COUNT: ("“{value}”不是户数", "请填整数，例如 5"),
    Fault.BAD_LEVEL: ("没有“{value}”这个层级", "请从这些里选：{about}"),
    Fault.BAD_POST: ("没有“{value}”这个职务", "请从这些里选：{about}"),
    Fault.BAD_STANDING: ("没有“{value}”这个状态", "请从这些里选：{about}；新来的不填就是在岗"),
    Fault.BAD_DATE: ("“{value}”不是日期", "请按 2026-12-01 这样填写"),
    Fault.BAD_WEEKDAY: ("“{value}”不是星期", "请从这些里选：{about}"),
    Fault.BAD_HOURS: ("“{value}”不是时段", "请按 08:00-20:00 这样填写"),
    Fault.DUPLICATE: ("“{value}”与{about}重复", "请只保留一行，或改成不同的"),
    Fault.UNKNOWN_UNIT: ("找不到单位“{value}”", "请先把它写进“单位”表，或改正编号"),
    Fault.NO_PARENT: ("{about}没有上级", "请填写它上级的编号"),
    Fault.CYCLE: ("上级绕成了一圈", "请改正上级编号，让每个单位最终归到街道"),
    Fault.NOT_BELOW_PARENT: (
        "“{value}”不能放在“{about}”下面",
        "层级从上到下是街道、社区、网格、楼、门；请改正层级或上级编号",
    ),
    Fault.LEVEL_CHANGED: ("这个编号原来是{about}", "街道和社区不能改层级，请换一个新编号"),
    Fault.WRONG_LEVEL: ("单位“{value}”的层级不对", "这里要填这些层级的单位：{about}"),
    Fault.OUTSIDE_COMMUNITY: ("单位“{value}”不在任何社区里", "请填社区里的单位"),
    Fault.NOT_NAMED: (
        "单位“{value}”属于社区 {about}，这份表里没有写这个社区",
        "请把这个社区也写进“单位”表，或改正编号",
    ),
    Fault.ELSEWHERE: (
        "“{value}”已经属于社区 {about}，这份表里没有写那个社区",
        "请先在那个社区的表里去掉，或把两个社区放在同一份表里",
    ),
    Fault.LEAST_OVER_MOST: ("最多户数比最少户数 {about} 还小", "请改正其中一个"),
    Fault.PHONE_OF_ANOTHER: (
        "“{value}”在{about}是另一个人的电话",
        "同一个电话只能是一个人，请核对姓名和电话",
    ),
    Fault.PHONE_ELSEWHERE: (
        "“{value}”已经是别处另一个人的电话",
        "请核对姓名和电话",
    ),
    Fault.NOT_STAFF: (
        "单位 {about} 没有叫“{value}”的工作人员",
        "请先把这个人写进“工作人员”的这个单位，或改正姓名",
    ),
    Fault.SAME_NAME: (
        "这个单位有不止一位“{value}”，分不清是谁值班",
        "请在“工作人员”和这里把姓名写得不一样，例如加上“大”“小”",
    ),
    Fault.NOT_THAT_DAY: ("和日期对不上，那天是{about}", "请改正其中一个，或只填日期"),
    Fault.UNKNOWN_SHEET: ("不认识这张工作表，没有读取", "如果写错了名字，请改正"),
    Fault.UNKNOWN_COLUMN: ("不认识“{column}”这一列，没有读取", "如果写错了列名，请改正"),
    Fault.HIDDEN_ROWS: ("有 {about} 行是隐藏的，也已读取", "如果不要这些行，请删除"),
    Fault.UNUSED_SHEET: ("已检查，现在还用不到，没有存下来", "可以先留着"),
}

NOT_A_FILE = "打不开 {path}：没有这个文件，或没有权限读取。请核对文件名。"
NOT_A_WORKBOOK = "{path} 不是 .xlsx 工作簿。请在 Excel 或 WPS 里另存为“.xlsx”后再试。"
OLD_OR_LOCKED = "{path} 是旧的 .xls 格式，或设了打开密码。请去掉密码，另存为“.xlsx”后再试。"
BROKEN = "{path} 已损坏，读不完整。请用 Excel 或 WPS 打开后重新保存再试。"
TOO_LARGE = "{path} 太大：一份花名册最多 {rows} 行、解开后 {megabytes} MB。请分社区拆成几份。"
NOT_WRITABLE = "写不了 {path}：{reason}。请换一个位置，或关闭正打开它的程序。"


def place(error: RowError) -> str:
    """Where: `「住户」第 12 行“电话”`."""
    row = f"第 {error.row} 行" if error.row is not None else ""
    return f"「{error.sheet}」{row}" + (f"“{error.column}”" if error.column else "")


def wrong(error: RowError) -> str:
    return _filled(_TEXTS[error.fault][0], error)


def remedy(error: RowError) -> str:
    return _filled(_TEXTS[error.fault][1], error)


def sentence(error: RowError) -> str:
    """One line: where, what is wrong, what to do."""
    return f"{place(error)}：{wrong(error)}。{remedy(error)}。"


def as_json(error: RowError) -> dict[str, Any]:
    return {
        "sheet": error.sheet,
        "row": error.row,
        "column": error.column,
        "value": error.value,
        "fault": error.fault.value,
        "wrong": wrong(error),
        "remedy": remedy(error),
    }


def _filled(text: str, error: RowError) -> str:
    value = error.value if len(error.value) <= 40 else error.value[:40] + "…"
    return text.format(
        sheet=error.sheet, column=error.column or "", value=value, about=_about(error)
    )


def _about(error: RowError) -> str:
    """What a fault is set against; another row is named as people find it in the workbook."""
    sheet, mark, row = error.about.rpartition("!")
    return f"「{sheet}」第 {row} 行" if mark else error.about


Listed = UnitRow | HouseholdRow | LiaisonRow | StaffRow | DutyRow


def plan_lines(plan: Plan) -> list[str]:
    """What a plan does, a line for each row it touches, and a closing line of counts."""
    lines = [f"电话或姓名：{one.name} {one.was} → {one.phone}" for one in plan.people]
    counts = []
    for name, changes in lists_of(plan):
        lines += _lines(name, changes)
        if changes:
            counts.append(f"{name}{_counts(changes)}")
    if plan.is_empty:
        return ["没有变化。"]
    return [*lines, "合计：" + "；".join(counts or ["只有电话或姓名变化"]) + "。"]


def lists_of(plan: Plan) -> Iterable[tuple[str, Changes[Any]]]:
    return (
        ("单位", plan.units),
        ("住户", plan.households),
        ("联络员", plan.liaisons),
        ("工作人员", plan.staff),
        ("值班", plan.duties),
    )


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan by list, each row as an object with the sheet's columns in English."""
    kinds = ("units", "households", "liaisons", "staff", "duties")
    return {
        "people": [_fields(one) for one in plan.people],
        **{
            kind: {
                "added": [_fields(one) for one in changes.added],
                "changed": [_both(one) for one in changes.changed],
                "moved": [_both(one) for one in changes.moved],
                "retired": [_fields(one) for one in changes.retired],
            }
            for kind, (_, changes) in zip(kinds, lists_of(plan), strict=True)
        },
    }


def _fields(row: Any) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__slots__}
    if isinstance(row, DutyRow):
        values |= {"day": row.day and row.day.isoformat()}
    return values


def _both(change: Change[Any]) -> dict[str, Any]:
    return {"before": _fields(change.before), "after": _fields(change.after)}


def _lines(name: str, changes: Changes[Any]) -> Iterable[str]:
    yield from (f"{name}新增：{_told(one)}" for one in changes.added)
    yield from (f"{name}修改：{_told(one.before)} → {_told(one.after)}" for one in changes.changed)
    yield from (f"{name}迁移：{_told(one.before)} → {_told(one.after)}" for one in changes.moved)
    yield from (f"{name}停止：{_told(one)}" for one in changes.retired)


def _counts(changes: Changes[Any]) -> str:
    parts = (
        ("新增", changes.added),
        ("修改", changes.changed),
        ("迁移", changes.moved),
        ("停止", changes.retired),
    )
    return "、".join(f"{word} {len(rows)}" for word, rows in parts if rows)


def _told(row: Listed) -> str:
    match row:
        case UnitRow():
            return f"{row.code} {row.level}{row.name}（上级 {row.parent or '无'}）"
        case HouseholdRow():
            return " ".join(filter(None, (row.code, row.unit, row.room, row.contact, row.phone)))
        case LiaisonRow():
            limits = f"{row.least}–{row.most} 户"
            return f"{row.name} {row.phone} {row.unit} {limits} {row.standing}"
        case StaffRow():
            return f"{row.name} {row.phone} {row.unit} {row.post}（第 {row.place + 1} 位）"
        case DutyRow():
            return f"{row.unit} {row.name} {row.when} {row.typed_hours}"
