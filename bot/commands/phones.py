"""`sample` and `phones FILE`: people to try the service with.

Knows the form of the simulator's file of phones and what its people may say. Must not know who of
the sample is chosen, nor anything else of the simulator.
"""

import json
from pathlib import Path
from typing import Any, Final

import click

from bot.commands.opening import opened
from bot.commands.trouble import TroubleError
from bot.core.roster import HouseholdRow, StaffRow
from bot.desk.sample import Cast, Player, cast, load_sample

_RESIDENT: Final = (
    "电梯坏了",
    "停水了，什么时候来水？",
    "进度",
    "我的联络员",
    "换联络员 …",
    "没解决",
    "满意",
    "全文",
    "帮助",
)
_LIAISON: Final = (
    "{no} 师傅十分钟到",
    "接单 {no}",
    "办结 {no} 修好了",
    "延期 {no} 3天 等配件到货",
    "上报 {no}",
    "全文 {no}",
    "待办",
    "我的住户",
    "请假 1天",
    "销假",
)
_STAFF: Final = (
    "接单 {no}",
    "{no} 已经安排人去了",
    "办结 {no} 处理好了",
    "延期 {no} 3天 等配件到货",
    "上报 {no}",
    "全文 {no}",
    "待办",
    "覆盖",
    "分配",
    "确认",
)
_KEYS: Final = {"网格长": "grid", "社区书记": "community", "街道专员": "subdistrict"}


@click.command()
def sample() -> None:
    """数据库为空时载入示例社区。"""
    with opened() as bot:
        loaded = load_sample(bot)
    if loaded is None:
        click.echo("数据库里已有花名册，没有载入示例。")
    else:
        click.echo(f"已载入示例街道：{len(loaded.plan.households.added)} 户。")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def phones(file: Path) -> None:
    """把示例里的六个人写成模拟器的手机；没有示例就写空表。"""
    with opened() as bot:
        people = cast(bot)
    entries = _entries(people) if people else []
    try:
        file.touch(mode=0o600)  # it holds codes that let people in
        file.write_text(json.dumps(entries, ensure_ascii=False, indent=2), "utf-8")
    except OSError as error:
        why = error.strerror or "磁盘错误"
        raise TroubleError(f"写不了 {file}：{why}。请换一个位置。") from error


def _entries(people: Cast) -> list[dict[str, Any]]:
    """In the order of the page. Each asks to join before the next does, so no number is needed."""
    first, second = people.households
    scan, follow = {"do": "scan", "text": _scene(people)}, {"do": "follow"}
    known = {"do": "say", "text": "认识"}
    return [
        _resident(people, "resident1", first) | {"setup": [scan, _bind(first)]},
        _resident(people, "resident2", second) | {"setup": [scan], "setup_later": [_bind(second)]},
        _serving(people.liaison, "liaison", "联络员", _LIAISON)
        | {"setup": [follow, *_claim(people.liaison), known], "setup_later": [known]},
        *(
            _serving(player, _KEYS[player.row.post], player.row.post, _STAFF)
            | {"setup": [follow, *_claim(player)]}
            for player in people.staff
            if isinstance(player.row, StaffRow)
        ),
    ]


def _scene(people: Cast) -> str:
    return f"door-{people.door}"


def _resident(people: Cast, key: str, home: HouseholdRow) -> dict[str, Any]:
    return {
        "key": key,
        "name": home.contact,
        "role": f"居民 · {people.address}{home.room}",
        "scene": _scene(people),
        "door": people.address,
        "say": [f"绑定 {home.room}", *_RESIDENT],
    }


def _serving(player: Player, key: str, role: str, say: tuple[str, ...]) -> dict[str, Any]:
    note = f"短信：您的认领码是 {player.code}，关注后发送“认领 {player.code}”。"
    known = ["认识"] if key == "liaison" else []
    return {
        "key": key,
        "name": player.row.name,
        "role": role,
        "note": note if player.code else "",
        "say": [*(claim["text"] for claim in _claim(player)), *known, *say],
    }


def _bind(home: HouseholdRow) -> dict[str, str]:
    return {"do": "say", "text": f"绑定 {home.room}"}


def _claim(player: Player) -> list[dict[str, str]]:
    """Nothing for one who has joined."""
    return [{"do": "say", "text": f"认领 {player.code}"}] if player.code else []
