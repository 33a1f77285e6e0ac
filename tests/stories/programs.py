"""Our processes as production has them, each with its children in a group of its own.

They are forked off, for how they start is not what is told of them; where they are measured, they
are started. Knows signals, ports and output.
Must not know what the processes do.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.embedded.processes import command
from bot.run import answers
from config.settings import ROOT
from tests.forked import Forked

STARTS_WITHIN_S: Final = 40.0
_CHINESE: Final = re.compile(r"[㐀-鿿]")


class Program:
    """`python -m ...`, begun at once; what it says is kept in `log`. `forked`: off a process that
    has loaded what it imports."""

    def __init__(
        self, log: Path, environment: Mapping[str, str], *arguments: str, forked: bool = True
    ) -> None:
        self.arguments: Sequence[str] = arguments
        # What is loaded before all else is there from the very start, or not at all.
        self._forked = forked and "LD_PRELOAD" not in environment
        self._log, self._environment = log, dict(environment)
        self._popen = self._begun()
        self._ended_by_us = False

    def begin_again(self) -> None:
        """A new process in place of the one that was killed."""
        assert self._popen.poll() is not None, "it still runs"
        self._popen, self._ended_by_us = self._begun(), False

    def kill(self) -> None:
        """SIGKILL to it and to all its children, as when a machine goes down."""
        self._ended_by_us = True
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def hold(self) -> None:
        """Stops it in the middle of whatever it does, until `let_go`."""
        self._signal(signal.SIGSTOP)

    def let_go(self) -> None:
        self._signal(signal.SIGCONT)

    def wake(self) -> None:
        """SIGUSR1, for a program of the tests that waits for it."""
        self._signal(signal.SIGUSR1)

    @property
    def ended(self) -> bool:
        return self._popen.poll() is not None

    def ask_to_end(self) -> None:
        """SIGTERM, where it was not killed; it must still be there."""
        if not self._ended_by_us:
            assert self._popen.poll() is None, f"{self} ended by itself\n{self.said}"
            self._ended_by_us = True
            self._popen.terminate()

    def ends(self) -> None:
        """Waits for the end it was asked for; what is left below it is killed."""
        try:
            self._popen.wait(20)
        finally:
            self._signal(signal.SIGKILL)

    def waits_until(self, it_says: str) -> None:
        """Until its output holds these words."""
        self.waits_for(lambda: it_says in self.said)

    def waits_until_bound(self, port: int) -> None:
        """Until somebody listens there."""
        self.waits_for(lambda: _listens(port))

    def waits_until_served(self, port: int, path: str = "/") -> None:
        """Until it answers 200 at this path."""
        self.waits_for(lambda: answers(port, path))

    def waits_for(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not holds():
            assert self._popen.poll() is None, f"{self} ended\n{self.said}"
            assert time.monotonic() < deadline, f"{self} is not ready\n{self.said}"
            time.sleep(0.03)

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def told_of_nobody(self) -> bool:
        """Whether its log holds no word in Chinese: neither what people say nor their names."""
        return _CHINESE.search(self.said) is None

    def __str__(self) -> str:
        return " ".join(self.arguments)

    def _begun(self) -> subprocess.Popen[bytes] | Forked:
        if self._forked:
            _, module, *arguments = self.arguments
            return Forked(module, arguments, self._environment, self._log, self._log)
        with self._log.open("ab") as output:
            return subprocess.Popen(
                # It must not outlive the tests, whatever becomes of them.
                command(sys.executable, self.arguments),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._popen.pid, number)
        except ProcessLookupError:
            # Begun this moment, it has no group of its own yet; or it has ended.
            with suppress(ProcessLookupError):
                if self._popen.poll() is None:
                    os.kill(self._popen.pid, number)


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
