"""Bad days on the way from a phone to the account's program.

Knows the kinds of trouble and whom they wait for. Must not know what a message says.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum


class Mishap(StrEnum):
    """What happens to a message on its way in."""

    DROP = "drop"  # never arrives; the person sees nothing
    DELAY = "delay"  # arrives `seconds` late
    DUPLICATE = "duplicate"  # arrives twice at once, byte for byte the same message
    REORDER = "reorder"  # arrives after the next one, or after `seconds` without one


class MenuIds(StrEnum):
    """What becomes of bizmsgmenuid in clicks on bizmsgmenu links (platform facts 2.2)."""

    GIVEN = "given"
    MISSING = "missing"
    ZERO = "zero"


@dataclass
class Waiting:
    """A mishap for the next `times` messages of one openid, or of any."""

    mishap: Mishap
    times: int
    openid: str | None
    seconds: float


class Transit:
    """The mishaps still waiting, and two lasting oddities; thread-safe.

    `one_msg_id` gives every message the same MsgId, as has happened across people (facts 1.3).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.waiting: list[Waiting] = []
        self.menu_ids = MenuIds.GIVEN
        self.one_msg_id = False

    def drop(self, times: int = 1, openid: str | None = None) -> None:
        """The next messages never arrive."""
        self.add(Mishap.DROP, times, openid)

    def delay(self, seconds: float, times: int = 1, openid: str | None = None) -> None:
        """The next messages arrive late."""
        self.add(Mishap.DELAY, times, openid, seconds)

    def duplicate(self, times: int = 1, openid: str | None = None) -> None:
        """The next messages arrive twice at once."""
        self.add(Mishap.DUPLICATE, times, openid)

    def reorder(self, times: int = 1, openid: str | None = None, seconds: float = 5.0) -> None:
        """The next message arrives after the one that follows it."""
        self.add(Mishap.REORDER, times, openid, seconds)

    def add(
        self, mishap: Mishap, times: int = 1, openid: str | None = None, seconds: float = 1.0
    ) -> None:
        """One more mishap, behind those that wait."""
        with self._lock:
            self.waiting.append(Waiting(mishap, times, openid, seconds))

    def clear(self) -> None:
        """A good day again."""
        with self._lock:
            self.waiting.clear()
        self.menu_ids, self.one_msg_id = MenuIds.GIVEN, False

    def take(self, openid: str) -> Waiting | None:
        """The mishap that meets this message, used once."""
        with self._lock:
            for one in self.waiting:
                if one.openid in (None, openid):
                    one.times -= 1
                    self.waiting = [left for left in self.waiting if left.times > 0]
                    return one
        return None
