"""The page's console: the clock, the switches and the troubles on order.

Knows the JSON of each control. Must not know HTTP, nor what a trouble does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.simulator.account import Mode
from bot.simulator.faults import Trouble
from bot.simulator.platform import Platform
from bot.simulator.quota import Across, Repeat
from bot.simulator.stage import Stage
from bot.simulator.transit import MenuIds, Mishap

LONGEST_STEP = 24 * 400  # hours the clock is moved at once
LONGEST_WAIT = 60.0  # seconds
MOST_TIMES = 1_000_000

Asked = Mapping[str, Any]


class NoSuchControlError(ValueError):
    """The page asked for what the console does not have."""


def turn(stage: Stage, asked: Asked) -> None:
    """Turns one control; raises NoSuchControlError."""
    try:
        CONTROLS[str(asked.get("do"))](stage, asked)
    except (KeyError, TypeError, ValueError) as error:
        raise NoSuchControlError(str(error)) from error
    stage.platform.stirred()


def _advance(stage: Stage, asked: Asked) -> None:
    stage.platform.clock.advance(hours=min(LONGEST_STEP, float(asked["hours"])))


def _mode(stage: Stage, asked: Asked) -> None:
    stage.platform.mode = Mode(asked["text"])


def _quota(stage: Stage, asked: Asked) -> None:
    stage.platform.count_quota(Repeat(asked["repeat"]), Across(asked["across"]))


def _menu_ids(stage: Stage, asked: Asked) -> None:
    stage.platform.transit.menu_ids = MenuIds(asked["text"])


def _fail_next(stage: Stage, asked: Asked) -> None:
    stage.platform.notices.fail_next = int(bool(asked["text"] == "on"))


def _mishap(stage: Stage, asked: Asked) -> None:
    seconds = min(LONGEST_WAIT, float(asked.get("number") or 1))
    openid = _openid(stage, asked)
    stage.platform.transit.add(Mishap(asked["text"]), _times(asked), openid, seconds)


def _fault(stage: Stage, asked: Asked) -> None:
    number, trouble = float(asked.get("number") or 0), Trouble(asked["text"])
    if trouble in (Trouble.HANG, Trouble.SLOW, Trouble.LOSE_ANSWER):
        number = min(LONGEST_WAIT, number)
    faults = stage.platform.faults
    faults.add(trouble, number, _times(asked), str(asked["on"]), _openid(stage, asked))


def _clear(stage: Stage, _asked: Asked) -> None:
    platform: Platform = stage.platform
    platform.faults.clear()
    platform.transit.clear()
    platform.notices.fail_next = 0


def _times(asked: Asked) -> int:
    return min(MOST_TIMES, max(1, int(asked.get("times") or 1)))


def _openid(stage: Stage, asked: Asked) -> str | None:
    who = asked.get("who")
    return stage.phones[str(who)].openid if who else None


CONTROLS: dict[str, Callable[[Stage, Asked], None]] = {
    "advance": _advance,
    "mode": _mode,
    "quota": _quota,
    "menu_ids": _menu_ids,
    "fail_next": _fail_next,
    "mishap": _mishap,
    "fault": _fault,
    "clear": _clear,
}
