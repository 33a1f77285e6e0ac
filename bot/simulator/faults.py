"""Bad days on order: which of the next API calls go wrong, and how.

Knows the kinds of trouble and whom they wait for. Must not know what a call does.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum

SEND = "message/custom/send"


class Trouble(StrEnum):
    """How an API call goes wrong."""

    ERRCODE = "errcode"  # answers an error code, does nothing
    HANG = "hang"  # waits, does nothing, drops the connection
    LOSE_ANSWER = "lose answer"  # does it, then drops the connection
    STATUS = "status"  # answers an HTTP status with an HTML body, does nothing
    SLOW = "slow"  # waits, then does it and answers


@dataclass
class Fault:
    """Trouble for the next `times` calls of `path`, for one openid or for any."""

    trouble: Trouble
    number: float
    times: int
    path: str
    openid: str | None


class Faults:
    """The troubles still waiting; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def errcode(self, code: int, times: int = 1, openid: str | None = None, on: str = SEND) -> None:
        """The next calls answer this error code."""
        self.add(Trouble.ERRCODE, code, times, on, openid)

    def hang(
        self, seconds: float, times: int = 1, openid: str | None = None, on: str = SEND
    ) -> None:
        """The next calls are held for `seconds`, then dropped; nothing is accepted."""
        self.add(Trouble.HANG, seconds, times, on, openid)

    def slow(
        self, seconds: float, times: int = 1, openid: str | None = None, on: str = SEND
    ) -> None:
        """The next calls are held for `seconds`, then done and answered."""
        self.add(Trouble.SLOW, seconds, times, on, openid)

    def lose_answer(
        self, times: int = 1, openid: str | None = None, on: str = SEND, after: float = 0.0
    ) -> None:
        """The next calls are accepted and done; the connection drops `after` seconds later."""
        self.add(Trouble.LOSE_ANSWER, after, times, on, openid)

    def status(
        self, code: int = 502, times: int = 1, openid: str | None = None, on: str = SEND
    ) -> None:
        """The next calls answer this HTTP status with an HTML page."""
        self.add(Trouble.STATUS, code, times, on, openid)

    def html(self, times: int = 1, openid: str | None = None, on: str = SEND) -> None:
        """The next calls answer 200 with an HTML page instead of JSON."""
        self.status(200, times, openid, on)

    def clear(self) -> None:
        """No more trouble."""
        with self._lock:
            self._waiting.clear()

    def take(self, path: str, openid: str | None) -> Fault | None:
        """The trouble that meets this call, used once; None on a good day."""
        with self._lock:
            for fault in self._waiting:
                if fault.path == path and fault.openid in (None, openid):
                    fault.times -= 1
                    self._waiting = [one for one in self._waiting if one.times > 0]
                    return fault
        return None

    def add(self, trouble: Trouble, number: float, times: int, on: str, openid: str | None) -> None:
        """One more trouble, behind those that wait."""
        with self._lock:
            self._waiting.append(Fault(trouble, number, times, on, openid))

    def waiting(self) -> list[Fault]:
        """Those still to come."""
        with self._lock:
            return list(self._waiting)
