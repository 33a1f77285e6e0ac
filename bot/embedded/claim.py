"""Who has the servers of a DATA_DIR, where they answer, and who is using them meanwhile.

Three files: `lock` (held by the process that runs the servers, with what it is), `servers.json`
(where they answer, there only while they do) and `users.lock` (shared by those who borrow them).
Locks are flock(2), which the kernel takes back from the dead. Does not start or stop a server.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from bot.embedded.kept import write_private
from bot.embedded.processes import ServersError

WAIT_FOR_COMMAND_S = 60.0
WAIT_FOR_RUN_S = 2.0  # one that was just stopped or killed needs a moment to be gone
POLL_S = 0.05


class Purpose(StrEnum):
    RUN = "run"  # `make run`: one at a time, for as long as it likes
    COMMAND = "command"  # a command that needs the servers for the moment


@dataclass(frozen=True)
class Addresses:
    """Where the servers answer; None for what is not ours. URLs carry their passwords."""

    database_url: str | None
    redis_url: str | None
    wechat_api_url: str | None = None


class InUseError(ServersError):
    """Another process holds the folder."""


@contextmanager
def claimed(data_dir: Path, purpose: Purpose) -> Iterator[None]:
    """Hold `data_dir` alone; makes it (mode 0711) where it is missing.

    Raises InUseError where a `make run` has it, or for a command where anybody has it; a `make
    run` waits WAIT_FOR_COMMAND_S for a command to finish and WAIT_FOR_RUN_S for a run that is
    ending. Raises ServersError where the folder cannot be written.
    """
    descriptor = open_lock(data_dir, "lock")
    try:
        take(descriptor, data_dir, purpose)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "purpose": purpose}).encode(), 0)
        (data_dir / "servers.json").unlink(missing_ok=True)  # left by one who was killed
        yield
    finally:
        os.close(descriptor)


def open_lock(data_dir: Path, name: str) -> int:
    try:
        # Others may pass, for PostgreSQL may have to be one of them, but see and read nothing.
        data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        return os.open(data_dir / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        wanted = "set DATA_DIR to a folder you may write to"
        raise ServersError(f"DATA_DIR {data_dir}: {error.strerror}; {wanted}") from error


def take(descriptor: int, data_dir: Path, purpose: Purpose) -> None:
    since = time.monotonic()
    while not locked(descriptor, fcntl.LOCK_EX):
        by_run = read_holder(descriptor) == Purpose.RUN
        patience = WAIT_FOR_RUN_S if by_run else WAIT_FOR_COMMAND_S
        if purpose is Purpose.COMMAND or time.monotonic() > since + patience:
            who = "`make run`" if by_run else "command"
            remedy = "stop it, or set another DATA_DIR"
            raise InUseError(f"DATA_DIR {data_dir} is in use by another {who}; {remedy}")
        time.sleep(POLL_S)


def locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_holder(descriptor: int) -> str | None:
    """What the living holder says it is; None while a new one has not yet said it."""
    try:
        holder = json.loads(os.pread(descriptor, 200, 0))
        os.kill(holder["pid"], 0)
    except PermissionError:
        pass  # it lives, as somebody else
    except (ValueError, ProcessLookupError):
        return None
    return str(holder["purpose"])


@contextmanager
def announced(data_dir: Path, addresses: Addresses, *, patience_s: float) -> Iterator[None]:
    """Let others find the servers; at the end wait up to `patience_s` until none uses them."""
    write_private(data_dir / "servers.json", json.dumps(asdict(addresses)))
    try:
        yield
    finally:
        (data_dir / "servers.json").unlink(missing_ok=True)
        wait_for_users(data_dir, patience_s)


def wait_for_users(data_dir: Path, patience_s: float) -> None:
    descriptor = open_lock(data_dir, "users.lock")
    deadline = time.monotonic() + patience_s
    try:
        while not locked(descriptor, fcntl.LOCK_EX) and time.monotonic() < deadline:
            time.sleep(POLL_S)
    finally:
        os.close(descriptor)


@contextmanager
def used(data_dir: Path) -> Iterator[Addresses | None]:
    """Addresses of servers that another process runs, kept alive meanwhile; None if none are."""
    descriptor = open_lock(data_dir, "users.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield read_addresses(data_dir)
    finally:
        os.close(descriptor)


def read_addresses(data_dir: Path) -> Addresses | None:
    """What is announced by a living holder, else None."""
    descriptor = open_lock(data_dir, "lock")
    try:
        if locked(descriptor, fcntl.LOCK_SH):
            return None  # nobody holds it: what is announced was left by the dead
        return Addresses(**json.loads((data_dir / "servers.json").read_text("utf-8")))
    except FileNotFoundError:
        return None
    finally:
        os.close(descriptor)
