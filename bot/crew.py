"""The processes of one service on one machine: started, listened to, stopped together.

Knows processes, their output and signals. Does not know what they do or what they need. Not
honcho's Manager: that one forgets its processes when it is interrupted early, when its output is
closed and when it is killed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from bot.embedded.processes import command
from bot.terminal import go_silent

GRACE_S = 10.0
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Part:
    """One process: its name in the output and what follows `python` on its command line."""

    name: str
    arguments: Sequence[str]


@dataclass(frozen=True)
class Ended:
    name: str
    code: int

    @property
    def how(self) -> str:
        """The exit code in words."""
        return signal.Signals(-self.code).name if self.code < 0 else f"exit {self.code}"


class Crew:
    """Starts every part at once; when one ends, the caller is told and stops the rest."""

    def __init__(self, parts: Sequence[Part], environment: Mapping[str, str], cwd: Path) -> None:
        self._parts, self._environment, self._cwd = parts, environment, cwd
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._voice = Voice(max(len(part.name) for part in parts))

    def start(self) -> None:
        """Start the parts; each gets SIGTERM when the calling thread ends, however it ends."""
        for part in self._parts:
            process = subprocess.Popen(
                command(sys.executable, part.arguments, dies_by=signal.SIGTERM),
                cwd=self._cwd,
                env={**self._environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to pass on, in our order
            )
            self._processes[part.name] = process
            self._voice.relay(part.name, process)

    def ended(self) -> Ended | None:
        """The first part that has ended by itself, if any has."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                return Ended(name, process.returncode)
        return None

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Ask all to end, in their order; who has not after `grace_s` is killed with its group."""
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + grace_s
        for process in self._processes.values():
            end(process, deadline - time.monotonic())
        self._voice.fall_silent()


def end(process: subprocess.Popen[bytes], within_s: float) -> None:
    try:
        process.wait(max(within_s, 0))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Voice:
    """Prints what the parts say, as honcho does; goes on listening when nobody reads it."""

    def __init__(self, width: int) -> None:
        self._colours = cycle(get_colours())
        self._printer = Printer(sys.stdout, width=width)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def relay(self, name: str, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe above
        arguments = (name, next(self._colours), process.stdout)
        thread = threading.Thread(target=self._listen, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def fall_silent(self) -> None:
        for thread in self._threads:
            thread.join(1.0)

    def _listen(self, name: str, colour: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self._print(Message("line", line, datetime.now(UTC).astimezone(), name, colour))

    def _print(self, message: Message) -> None:
        with self._lock:
            try:
                self._printer.write(message)
            except (OSError, ValueError):
                go_silent()  # the terminal or the pipe has gone; the service has not


def leave_nobody() -> None:
    """Kill whatever is still below us, such as a part's child that outlived it.

    Needs `adopt_orphans` before; where there is no /proc it does nothing.
    """
    for entry in Path("/proc").glob("[0-9]*"):
        if parent_of(entry) == os.getpid():
            try:
                os.kill(int(entry.name), signal.SIGKILL)
            except ProcessLookupError:
                continue


def parent_of(entry: Path) -> int | None:
    try:
        # The name in parentheses may hold anything, so what counts begins after the last one.
        return int((entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
