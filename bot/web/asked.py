"""Questions to servers that may hang: an answer in time, or none.

Knows threads and patience. Must not know what is asked, nor of whom.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class NoAnswer(Exception):
    """It could not be asked, or the answer did not come in time."""


class Question(Generic[T]):
    """One question, asked in a thread of its own and never twice at once.

    Who asks while it is under way gets the same answer. So a server that hangs holds one
    thread, and callers no longer than `patience_s` after the question was put.
    """

    def __init__(self, ask: Callable[[], T], *, patience_s: float) -> None:
        self._ask, self._patience_s = ask, patience_s
        self._lock = threading.Lock()
        self._answer: Future[T] | None = None
        self._asked_at = 0.0

    def put(self) -> None:
        """Begin to ask, where others are to be asked meanwhile."""
        self._under_way()

    def answer(self) -> T:
        """The answer. Raises NoAnswer, its cause the trouble where there was one."""
        pending, asked_at = self._under_way()
        try:
            return pending.result(max(0.0, asked_at + self._patience_s - time.monotonic()))
        except TimeoutError as error:
            raise NoAnswer("not in time") from error
        except Exception as error:
            raise NoAnswer("failed") from error

    def _under_way(self) -> tuple[Future[T], float]:
        with self._lock:
            if self._answer is None or self._answer.done():
                self._answer, self._asked_at = Future(), time.monotonic()
                threading.Thread(target=self._put, args=(self._answer,), daemon=True).start()
            return self._answer, self._asked_at

    def _put(self, answer: Future[T]) -> None:
        try:
            answer.set_result(self._ask())
        except BaseException as error:
            answer.set_exception(error)
