"""Judges what `doctor` found in the database: fine, a warning, or broken; and what to do.

Knows the sentences for operators. Must not know how anything was found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.store.breaches import Breach, Broken
from bot.store.promises import Findings

_SHOWN: Final = 10
_TICKS: Final = 6  # a clock that missed so many is not merely busy
_AT_LEAST: Final = timedelta(seconds=30)
_APART: Final = timedelta(seconds=10)  # a due time may be so late within two ticks


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


def clocks_apart(here: datetime, database_at: datetime) -> Iterator[Check]:
    """A host whose time is not PostgreSQL's: what it stamps is too early or too late by that."""
    if abs(here - database_at) > _APART:
        seconds = int(abs(here - database_at).total_seconds())
        which = "快" if here > database_at else "慢"
        words = f"这台机器的钟比数据库那台{which} {seconds} 秒：请把两台都对准（NTP）。"
        yield Check("clocks", Level.WARN, words)


def findings(found: Findings) -> Iterator[Check]:
    """Lateness, notices and kept words, a line for each that is not fine."""
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


def _lateness(found: Findings) -> Check:
    parts = []
    if found.late:
        parts.append(f"{_named(found.late)} 过了时限还没有上报")
    if found.waiting:
        parts.append(f"{found.waiting} 条通知等了一分钟以上")
    if found.waiting_inbox:
        parts.append(f"{found.waiting_inbox} 条来信收下一分钟以上还没有办理")
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


_BROKEN: Final[Mapping[Breach, str]] = {
    Breach.WITHOUT_HOLDER: "没有承办人：请在花名册里核对网格、社区、街道的人员，再 roster load",
    Breach.HOLDER_AWAY: "承办人不在岗，却没有转给在岗的人：请重启 clock，仍不动就请人工转办",
    Breach.WITHOUT_OPENING: "台账里没有开头，或有两个：请核对是否手工改过数据库，从备份找回",
    Breach.SAID_TWICE: "同一句话记了两遍：请把编号和日志交给开发者",
    Breach.STEPPED_TWICE: "在同一层级上报了两次：请确认各机器运行的是同一版本，再把日志交给开发者",
    Breach.FELL: "层级降低了：请核对层级文件有没有改动次序，改回原来的次序",
    Breach.STUCK_UNMOVED: "承办人收不到通知，诉求却没有上报：请重启 clock 和 worker",
    Breach.NEVER_HANDED_OVER: "有通知发到一半就没有下文：请确认 worker 和 clock 在运行",
    Breach.NOT_THEIRS: "有人收到了不该由他知道的内容：请停用相关人员的权限，并联系开发者",
    Breach.OUT_OF_HOURS: "时限落在上班时间以外：请核对层级文件和放假安排，各机器要用同一份",
    Breach.UNGUARDED: "数据库缺少约束：请运行 python -m bot migrate，仍缺就从备份恢复",
}
"""What each broken promise is to an operator, and what to do; behind the issues it is about."""


def broken(found: Broken) -> Iterator[Check]:
    """A line for each promise that is broken; one that says so where none is."""
    for breach, about in found.items():
        named = "、".join(map(str, about)) if breach is Breach.UNGUARDED else _named(_issues(about))
        yield Check("promises", Level.FAIL, f"{named} {_BROKEN[breach]}。".strip())
    if not found:
        yield Check("promises", Level.OK, "承诺都守住了。")


def _issues(about: Sequence[int | str]) -> tuple[int, ...]:
    """0 stands for what belongs to no issue."""
    return tuple(no for no in about if isinstance(no, int) and no)


def _named(numbers: Sequence[int]) -> str:
    shown = "、".join(f"#{no}" for no in numbers[:_SHOWN])
    return shown if len(numbers) <= _SHOWN else f"{shown} 等 {len(numbers)} 件"
