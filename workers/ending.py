"""Being asked to end by a signal: what has begun is finished, nothing new is begun.

Knows signals; not what the process does. A plain flag and a pipe, no Event: they are set in a
signal handler, which may interrupt anything.
"""

import os
import select
import signal
from types import FrameType
from typing import Final

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """`begun`: somebody asked this process to end."""

    def __init__(self) -> None:
        self.begun = False
        self._woken: int | None = None

    def listen(self, *waking: signal.Signals) -> None:
        """From now on SIGTERM and SIGINT begin the end; they and `waking` cut `wait` short.

        Call it from the main thread.
        """
        self._woken, writing = os.pipe()
        for end in (self._woken, writing):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (*STOPPING, *waking):
            signal.signal(number, self._heard)

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until a signal comes; whether the end has begun."""
        if self._woken is not None and select.select([self._woken], [], [], max(seconds, 0.0))[0]:
            os.read(self._woken, 4096)
        return self.begun

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number in STOPPING:
            self.begun = True


ending = Ending()
