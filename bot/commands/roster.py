"""`roster check|load|export` and `invites`: the roster's way in and out.

Knows files, options and exit codes. Must not know what a row must hold or what follows from it.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from bot.commands.dealing import deal_lines
from bot.commands.opening import opened
from bot.commands.printing import document, json_option
from bot.commands.progress import shown
from bot.commands.trouble import TroubleError, WrongFileError
from bot.core.roster.plan import Retiring
from bot.desk import rosters
from bot.desk.rosters import Comparison
from bot.excel import wording
from bot.store.invites import Invite

_FILE: Final = click.Path(path_type=Path, dir_okay=True)
_AS_TEXT: Final = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run it (CWE-1236)


@click.group()
def roster() -> None:
    """花名册：检查、载入、导出。"""


@roster.command()
@click.argument("file", type=_FILE)
@click.option("--retire", is_flag=True, help="确实要停止超过十分之一的住户或人员。")
@json_option
def check(file: Path, retire: bool, as_json: bool) -> None:
    """检查花名册，什么都不改。"""
    with opened() as bot, shown() as told:
        comparison = rosters.check_roster(bot, file, retire=retire, told=told)
    _report(comparison, as_json)


@roster.command()
@click.argument("file", type=_FILE)
@click.option("--retire", is_flag=True, help="确实要停止超过十分之一的住户或人员。")
@json_option
def load(file: Path, retire: bool, as_json: bool) -> None:
    """载入花名册，并重新分户。"""
    with opened() as bot, shown() as told:
        comparison = rosters.load_roster(bot, file, retire=retire, told=told)
    _report(comparison, as_json)


@roster.command()
@click.argument("file", type=_FILE)
def export(file: Path) -> None:
    """把现有的花名册导出为工作簿。"""
    with opened() as bot:
        exported = rosters.export_roster(bot, file)
    click.echo(
        f"已导出到 {file}：单位 {len(exported.units)}、住户 {len(exported.households)}、"
        f"联络员 {len(exported.liaisons)}、工作人员 {len(exported.staff)}。"
    )


@click.command()
@click.option("--csv", "file", type=_FILE, required=True, help="写到这个 CSV 文件。")
def invites(file: Path) -> None:
    """给还没有从微信加入的联络员和工作人员各一个认领码，14 天有效。"""
    with opened() as bot:
        made = rosters.make_invites(bot)
    _write_csv(file, made)
    click.echo(f"已写入 {file}：{len(made)} 人还没有加入，各有一个认领码，14 天有效。")


def _write_csv(file: Path, made: Iterable[Invite]) -> None:
    """Codes let people in: the file is its owner's alone. With a BOM, for Excel."""
    try:
        file.touch(mode=0o600)
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("name", "phone", "role", "unit", "code"))
            for one in made:
                cells = (one.name, one.phone, one.role, one.unit, one.code)
                writer.writerow([_safe(cell) for cell in cells])
    except OSError as error:
        why = error.strerror or "磁盘错误"
        raise TroubleError(f"写不了 {file}：{why}。请换一个位置再运行，认领码不会变。") from error


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_AS_TEXT) else cell


def _report(comparison: Comparison, as_json: bool) -> None:
    if as_json:
        document(_as_json(comparison))
    elif comparison.errors:
        click.echo("\n".join(map(wording.sentence, comparison.errors + comparison.remarks)))
    else:
        click.echo("\n".join(_lines(comparison)))
    if comparison.errors:
        raise WrongFileError(f"有 {len(comparison.errors)} 处要改，什么都没有载入。")
    if comparison.refused:
        raise WrongFileError(_too_many(comparison.plan.retiring))


def _lines(comparison: Comparison) -> list[str]:
    lines = [*map(wording.sentence, comparison.remarks), *wording.plan_lines(comparison.plan)]
    if comparison.dealt is not None:
        lines += deal_lines(comparison.dealt)
    return lines


def _too_many(retiring: Retiring) -> str:
    return (
        f"这份表会停止 {retiring.of_households} 户中的 {retiring.households} 户、"
        f"{retiring.of_people} 人中的 {retiring.people} 人，超过十分之一，没有载入。"
        "确实要这样，请加 --retire。"
    )


def _as_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "ok": not comparison.errors and not comparison.refused,
        "errors": [wording.as_json(error) for error in comparison.errors],
        "remarks": [wording.as_json(remark) for remark in comparison.remarks],
        "plan": wording.plan_json(comparison.plan),
        "needs_retire": comparison.plan.needs_retire_flag,
    }
