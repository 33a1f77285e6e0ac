"""Ends a conversation with PostgreSQL that has gone silent. Knows sockets; nothing of tables.

A server that is frozen, or a host that vanished, answers nothing at all: `statement_timeout` runs
on the server and libpq waits for ever. One thread a process looks at the conversations under way
and shuts the socket of those past their time, which their own thread meets as a broken connection.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LOOKS_EVERY_S = 0.1


class _Watchdog:
    def __init__(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._watched: dict[int, tuple[float, int]] = {}
        self._last = 0
        threading.Thread(target=self._look, name="postgres-watchdog", daemon=True).start()

    @property
    def is_of_this_process(self) -> bool:
        """A fork copies the object, not its thread."""
        return self._pid == os.getpid()

    def watch(self, descriptor: int, until: float) -> int:
        with self._changed:
            self._last += 1
            self._watched[self._last] = (until, descriptor)
            self._changed.notify()
            return self._last

    def leave(self, watched: int) -> None:
        with self._changed:
            self._watched.pop(watched, None)

    def _look(self) -> None:
        while True:
            with self._changed:
                while not self._watched:
                    self._changed.wait()
                self._end_overdue(time.monotonic())
            time.sleep(_LOOKS_EVERY_S)

    def _end_overdue(self, now: float) -> None:
        """Under the lock, so that a descriptor cannot meanwhile be somebody else's."""
        for watched, (until, descriptor) in list(self._watched.items()):
            if until <= now:
                del self._watched[watched]
                _shut(descriptor)


def _shut(descriptor: int) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as again:
        again.shutdown(socket.SHUT_RDWR)


_making = threading.Lock()
_dog: _Watchdog | None = None


def _of_this_process() -> _Watchdog:
    global _dog  # noqa: PLW0603 — one a process, made when first needed
    with _making:
        if _dog is None or not _dog.is_of_this_process:
            _dog = _Watchdog()
        return _dog


@contextmanager
def bounded(descriptor: int, seconds: float) -> Iterator[None]:
    """Shut the socket `descriptor` if the block is not done within `seconds`."""
    dog = _of_this_process()
    watched = dog.watch(descriptor, time.monotonic() + seconds)
    try:
        yield
    finally:
        dog.leave(watched)
