"""Starting a server program so that it cannot outlive us, and stopping it.

Knows launch.py's command line, signals and log files. Does not know which server it starts.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAUNCH = Path(__file__).with_name("launch.py")
LOG_LIMIT_BYTES = 10_000_000
# A server must not pick up PGDATA, a foreign locale or our own secrets from the environment.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")


class ServersError(Exception):
    """The embedded servers cannot be had; the text is one line that says what to do."""


@dataclass(frozen=True)
class Server:
    """A server that answers at `url`, and its process."""

    name: str
    url: str
    process: subprocess.Popen[bytes]


def spawn(
    program: Path,
    arguments: Iterable[str],
    *,
    cwd: Path,
    log: Path,
    identity: str = "plain",
    dies_by: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `program` in a session of its own, its output appended to `log`.

    `identity` is launch.py's. The program gets the signal `dies_by` when the thread that calls
    this ends, so call it from one that lasts as long as the server should.
    """
    with opened_log(log) as output:
        return subprocess.Popen(
            command(program, arguments, identity=identity, dies_by=dies_by),
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )


def command(
    program: Path | str,
    arguments: Iterable[str],
    *,
    identity: str = "plain",
    dies_by: signal.Signals = signal.SIGTERM,
) -> list[str]:
    """The command line that starts `program` through launch.py."""
    interpreter = [sys.executable, "-I", "-S", str(LAUNCH)]
    return [*interpreter, str(os.getpid()), str(int(dies_by)), identity, str(program), *arguments]


def environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def opened_log(log: Path) -> IO[bytes]:
    """Open for appending, emptied first when it has grown past LOG_LIMIT_BYTES; mode 0600."""
    too_long = log.exists() and log.stat().st_size > LOG_LIMIT_BYTES
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if too_long else 0)
    return os.fdopen(os.open(log, flags, 0o600), "ab")


def last_line(log: Path) -> str:
    """The last thing a server said, for the one line we show when it did not start."""
    lines = log.read_text("utf-8", "replace").splitlines()[-40:] if log.exists() else []
    telling = [line for line in lines if any(word in line for word in ("FATAL", "rror", "ailed"))]
    return next(iter([*telling[-1:], *lines[-1:]]), "it said nothing")


def stop(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn, waiting its seconds for the end, until the process is gone."""
    for signal_number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(signal_number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
