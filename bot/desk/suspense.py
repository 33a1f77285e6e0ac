"""What one process knows of the acts that wait in Redis, and how long it may be in doubt.

Knows nothing of how they got there or how they are handled. Times are seconds of a monotonic clock.
"""

import threading
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final
from weakref import WeakKeyDictionary

from redis import Redis

DOUBTED_S: Final = 30.0
"""So long what is said waits for a Redis that may hold earlier words and does not answer: longer,
and a Redis that is gone for good would hold up everybody for good."""

# So often a process looks whether others keep acts in Redis: what somebody says within this time of
# an act of theirs that another process kept might overtake it.
_LOOKS_EVERY_S: Final = 0.1
_LOOKS_AGAIN_S: Final = 2.0  # where Redis did not answer: who looks at one that hangs has to wait


class InRedis(Enum):
    """What waits in Redis and has to go before whatever is said now."""

    NOTHING = auto()
    SOME = auto()
    UNKNOWN = auto()
    """Redis does not answer, and acts may be in it."""


@dataclass
class Suspense:
    """`waiting`: acts are known or expected to be there. `changes`: how often that came up, for
    who looks whether it came up meanwhile. `is_silent`: Redis did not answer the last look.
    `bringing`: held by whoever empties Redis."""

    bringing: threading.Lock = field(default_factory=threading.Lock)
    waiting: bool = False
    changes: int = 0
    is_silent: bool = False
    _look_at: float = 0.0
    _doubted_until: float | None = None

    def expect(self) -> None:
        """Acts are there, or may be: where PostgreSQL is away they are kept there."""
        self.waiting, self._doubted_until = True, None
        self.changes += 1

    def is_to_look(self, at: float) -> bool:
        """Whether it is time to ask Redis; said to one of those who ask at the same time."""
        due = self._look_at <= at
        if due:
            self._look_at = at + (_LOOKS_AGAIN_S if self.is_silent else _LOOKS_EVERY_S)
        return due

    def answered(self) -> None:
        self.is_silent = False

    def unanswered(self, at: float) -> None:
        self.is_silent, self._look_at = True, at + _LOOKS_AGAIN_S

    def cleared(self, changes: int) -> None:
        """Redis was empty, and nothing has come up since `changes` was read."""
        if changes == self.changes:
            self.waiting, self._doubted_until = False, None

    def silent(self, at: float) -> InRedis:
        """Redis does not answer: UNKNOWN for a while where acts may be in it, then NOTHING."""
        if not self.waiting:
            return InRedis.NOTHING
        if self._doubted_until is None:
            self._doubted_until = at + DOUBTED_S
        if at < self._doubted_until:
            return InRedis.UNKNOWN
        self.waiting, self._doubted_until = False, None
        return InRedis.NOTHING

    def doubted_for(self, at: float) -> float:
        """For how many seconds more."""
        return max((self._doubted_until or at) - at, 0.0)


_known: WeakKeyDictionary[Redis, Suspense] = WeakKeyDictionary()


def of(redis: Redis) -> Suspense:
    return _known.get(redis) or _known.setdefault(redis, Suspense())
