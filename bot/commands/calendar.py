"""`calendar load FILE` and `calendar show`: the State Council's holidays, as far as they are known.

Knows options and what is printed. Must not know a file's form or what a day off does to an issue.
"""

from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from bot.commands import holiday_file
from bot.commands.opening import opened
from bot.commands.printing import CHINA, document, json_option, table
from bot.commands.trouble import TroubleError
from bot.core.holidays import Announced, Year, calendar_of
from bot.desk import calendars
from bot.store.engine import Stale

_WEEK: Final = "一二三四五六日"


@click.group()
def calendar() -> None:
    """工作日历：放假和调休上班，装入和查看。"""


@calendar.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def load(file: Path, as_json: bool) -> None:
    """装入一年的放假安排（holiday-cn 的 JSON 文件）。"""
    found = holiday_file.read(file)
    with opened() as bot:
        try:
            loaded = calendars.load(bot, found)
        except Stale as error:
            raise TroubleError("数据库正忙，没有装成：请再运行一次。") from error
    if as_json:
        document(_loaded_json(found, loaded))
    else:
        click.echo("\n".join(_loaded_lines(found, loaded)))


@calendar.command()
@click.option("--year", type=int, help="哪一年；不写就是今年。")
@json_option
def show(year: int | None, as_json: bool) -> None:
    """看一年的放假和调休。"""
    with opened() as bot:
        known = calendars.known(bot)
        wanted = year if year is not None else bot.now().astimezone(CHINA).year
    notice = next((one for one in known if one.year == wanted), None)
    horizon = calendar_of(known).horizon
    if as_json:
        document(_shown_json(wanted, notice, horizon))
    else:
        click.echo("\n".join(_shown_lines(wanted, notice, horizon)))


def _loaded_json(found: tuple[Year, ...], loaded: calendars.Loaded) -> dict[str, Any]:
    years = [
        {
            "year": one.year,
            "off": one.off,
            "worked": one.worked,
            "changed": one.year in loaded.changed,
        }
        for one in found
    ]
    return {"years": years, "horizon": _iso(loaded.horizon), "moved": loaded.moved}


def _loaded_lines(found: tuple[Year, ...], loaded: calendars.Loaded) -> list[str]:
    lines = []
    for one in found:
        became = "已装入" if one.year in loaded.changed else "没有变化"
        lines.append(f"{one.year} 年：放假 {one.off} 天，调休上班 {one.worked} 天，{became}。")
    lines += _missing(found, loaded.horizon)
    if loaded.moved:
        lines.append(f"{loaded.moved} 件诉求的时限往后移了，没有一件提前。")
    return [*lines, _until(loaded.horizon)]


def _missing(found: tuple[Year, ...], horizon: date | None) -> list[str]:
    """Years that do not count yet because one before them is not known."""
    beyond = [one.year for one in found if horizon and one.year > horizon.year]
    if not beyond or horizon is None:
        return []
    return [f"{horizon.year + 1} 年还没有装，{beyond[0]} 年要等它装了才算数。"]


def _shown_json(wanted: int, notice: Year | None, horizon: date | None) -> dict[str, Any]:
    """holiday-cn's own form, which `load` takes back, and what is known beside it."""
    days = [
        {"name": one.name, "date": one.day.isoformat(), "isOffDay": one.off}
        for one in (notice.days if notice else ())
    ]
    return {
        "year": wanted,
        "known": notice is not None,
        "horizon": _iso(horizon),
        "days": days,
    }


def _shown_lines(wanted: int, notice: Year | None, horizon: date | None) -> list[str]:
    if notice is None:
        unknown = f"{wanted} 年的放假安排还没有：按周一至周五算，时限标“暂估”。"
        return [unknown, _until(horizon)]
    head = f"{wanted} 年：放假 {notice.off} 天，调休上班 {notice.worked} 天。"
    rows = [_row(one) for one in notice.days]
    return [head, table(("日期", "星期", "安排", "节日"), rows), _until(horizon)]


def _row(one: Announced) -> tuple[str, ...]:
    kind = "放假" if one.off else "上班"
    return (one.day.isoformat(), f"周{_WEEK[one.day.weekday()]}", kind, one.name)


def _until(horizon: date | None) -> str:
    if horizon is None:
        return "还没有任何一年的放假安排。"
    return f"放假安排到 {horizon}；之后按周一至周五算，时限标“暂估”。"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
