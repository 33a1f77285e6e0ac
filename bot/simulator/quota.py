"""How many customer-service messages may still be pushed to a person.

Knows platform facts 0.1 and 0.2. Must not know messages, HTTP or what time it is.
Two points WeChat does not document are switches: whether a repeated action gives its
allowance anew or on top, and whether allowances of several kinds count singly or together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Act(StrEnum):
    """What a person did that lets the account push."""

    MESSAGE = "message"
    MENU = "menu"  # CLICK, scancode_push, scancode_waitmsg and clicks in a msgmenu
    FOLLOW = "follow"
    SCAN = "scan"


class Repeat(StrEnum):
    """What the same act does a second time."""

    RESET = "reset"
    ADD = "add"


class Across(StrEnum):
    """How the allowances of different acts count."""

    MAX = "max"
    SUM = "sum"


ALLOWANCE: dict[Act, tuple[int, timedelta]] = {
    Act.MESSAGE: (5, timedelta(hours=48)),
    Act.MENU: (3, timedelta(minutes=1)),
    Act.FOLLOW: (3, timedelta(minutes=1)),
    Act.SCAN: (3, timedelta(minutes=1)),
}


class Standing(StrEnum):
    """Whether a push is allowed now."""

    OPEN = "open"
    USED_UP = "used up"
    CLOSED = "closed"


@dataclass
class Grant:
    """An allowance still running: `left` pushes until `ends_at`."""

    act: Act
    left: int
    ends_at: datetime


@dataclass
class Ledger:
    """One person's allowances. Not thread-safe: the platform holds its lock."""

    repeat: Repeat = Repeat.RESET
    across: Across = Across.MAX
    grants: list[Grant] = field(default_factory=list)

    def acted(self, act: Act, now: datetime) -> None:
        """Gives what this act allows."""
        self.grants = self._live(now)
        if self.repeat is Repeat.RESET:
            self.grants = [grant for grant in self.grants if grant.act is not act]
        count, lasts = ALLOWANCE[act]
        self.grants.append(Grant(act, count, now + lasts))

    def left(self, now: datetime) -> int:
        """Pushes allowed now."""
        by_act: dict[Act, int] = {}
        for grant in self._live(now):
            by_act[grant.act] = by_act.get(grant.act, 0) + grant.left
        counts = by_act.values()
        return sum(counts) if self.across is Across.SUM else max(counts, default=0)

    def total(self, now: datetime) -> int:
        """What the running allowances held at first; 0 when none runs."""
        counts = [ALLOWANCE[grant.act][0] for grant in self._live(now)]
        return max(max(counts, default=0), self.left(now))

    def standing(self, now: datetime) -> Standing:
        """Open, used up (45047) or out of every window (45015)."""
        if self.left(now):
            return Standing.OPEN
        return Standing.USED_UP if self._live(now) else Standing.CLOSED

    def spend(self, now: datetime) -> None:
        """Takes one push off; call only when standing is open."""
        usable = sorted((g for g in self._live(now) if g.left), key=lambda g: g.ends_at)
        if self.across is Across.SUM:
            usable = usable[:1]
        for act in {grant.act for grant in usable}:
            next(grant for grant in usable if grant.act is act).left -= 1

    def forget(self) -> None:
        """The person left: nothing may be pushed until they act again."""
        self.grants = []

    def _live(self, now: datetime) -> list[Grant]:
        return [grant for grant in self.grants if now < grant.ends_at]
