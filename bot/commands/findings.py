"""Judges what `doctor` found in the database: fine, a warning, or broken; and what to do.

Knows the sentences for operators. Must not know how anything was found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.store.promises import Findings

_SHOWN: Final = 10
_TICKS: Final = 6  # a clock that missed so many is not merely busy
_AT_LEAST: Final = timedelta(seconds=30)


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `text` says how it is and what to do."""

    name: str
    level: Level
    text: str


def clock(beat_at: datetime | None, now: datetime, tick: timedelta, *, at_work: bool) -> Check:
    """The clock's heartbeat; where nobody is at work its silence is no fault."""
    if beat_at is None:
        return Check("clock", Level.WARN, "时钟还没有运行过：请启动 clock 进程。")
    age = now - beat_at
    if age <= max(_TICKS * tick, _AT_LEAST):
        return Check("clock", Level.OK, f"时钟在走，{max(0, int(age.total_seconds()))} 秒前。")
    level = Level.FAIL if at_work else Level.WARN
    stopped = f"时钟停在 {int(age.total_seconds())} 秒前"
    return Check("clock", level, f"{stopped}，到期的诉求不会上报：请启动 clock 进程。")


def findings(found: Findings) -> Iterator[Check]:
    """Lateness, notices, kept words and the promises, a line for each that is not fine."""
    yield _lateness(found)
    yield _notices(found)
    if found.stuck_inbox:
        words = f"{found.stuck_inbox} 条来信处理不了，已保存：请把日志里的 inbox 错误交给开发者。"
        yield Check("inbox", Level.WARN, words)
    if found.lost_pieces:
        words = (
            f"七天里有 {found.lost_pieces} 份图片、语音或视频没存下来：请看日志里的 file_not_had。"
        )
        yield Check("media", Level.WARN, words)
    if found.holder_left:
        words = f"{_named(found.holder_left)} 的承办人已不在花名册，到期后自动上报：请尽快转办。"
        yield Check("holders", Level.WARN, words)
    if found.tier_gone:
        words = f"{_named(found.tier_gone)} 的层级已不在层级文件里，按原来的位置办理：请核对文件。"
        yield Check("tiers", Level.WARN, words)
    yield from _promises(found)


def _lateness(found: Findings) -> Check:
    parts = []
    if found.late:
        parts.append(f"{_named(found.late)} 过了时限还没有上报")
    if found.waiting:
        parts.append(f"{found.waiting} 条通知等了一分钟以上")
    if not parts:
        return Check("lateness", Level.OK, "没有拖延。")
    return Check("lateness", Level.WARN, "；".join(parts) + "：请查看 clock 和 worker 进程。")


def _notices(found: Findings) -> Check:
    parts = []
    if found.stuck:
        parts.append(f"{found.stuck} 条通知哪条渠道都送不到：请打电话告诉本人")
    if found.unknown:
        parts.append(f"{found.unknown} 条通知微信没有回音，不知是否送到：请向本人核对")
    if not parts:
        return Check("notices", Level.OK, "通知都有着落。")
    return Check("notices", Level.WARN, "；".join(parts) + "。")


def _promises(found: Findings) -> Iterator[Check]:
    broken = []
    if found.without_holder:
        broken.append(f"{_named(found.without_holder)} 没有承办人")
    if found.stepped_twice:
        broken.append(f"{_named(found.stepped_twice)} 在同一层级上报了两次")
    if found.missing_guards:
        broken.append(f"数据库缺少约束 {'、'.join(found.missing_guards)}")
    if broken:
        words = "；".join(broken) + "：请备份数据库并联系开发者。"
        yield Check("promises", Level.FAIL, words)
    else:
        yield Check("promises", Level.OK, "承诺都守住了。")


def _named(numbers: Sequence[int]) -> str:
    shown = "、".join(f"#{no}" for no in numbers[:_SHOWN])
    return shown if len(numbers) <= _SHOWN else f"{shown} 等 {len(numbers)} 件"
