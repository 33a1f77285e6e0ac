"""A PostgreSQL and a Redis-compatible server of our own, for machines that have none.

Their data, logs and passwords lie in DATA_DIR; they listen on 127.0.0.1 at ports chosen anew at
every start, and end when the process that started them does, however it ends. Does not know
settings, the web or what is stored.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.embedded.claim import (
    Addresses,
    InUseError,
    Purpose,
    announced,
    claimed,
    read_addresses,
    used,
)
from bot.embedded.postgres import serving_postgres
from bot.embedded.processes import Server, ServersError
from bot.embedded.valkey import serving_redis

__all__ = ["Addresses", "Running", "ServersError", "announced_in", "borrow", "start"]

PATIENCE_S = {Purpose.RUN: 5.0, Purpose.COMMAND: 600.0}  # with others who use our servers
BORROW_WITHIN_S = 150.0


class Running:
    """Servers that run until `stop`, or until this process ends. A context manager."""

    def __init__(
        self, addresses: Addresses, ending: ExitStack, servers: Sequence[Server] = ()
    ) -> None:
        self.addresses = addresses
        self._ending = ending
        self._servers = servers

    @property
    def database_url(self) -> str:
        """`postgresql://…`; ServersError where PostgreSQL is not ours."""
        return self._had(self.addresses.database_url, "DATABASE_URL")

    @property
    def redis_url(self) -> str:
        """`redis://…`; ServersError where Redis is not ours."""
        return self._had(self.addresses.redis_url, "REDIS_URL")

    @property
    def wechat_api_url(self) -> str | None:
        """Where the simulator of the running `make run` answers, if there is one."""
        return self.addresses.wechat_api_url

    def _had(self, url: str | None, name: str) -> str:
        if url is None:
            raise ServersError(f"the running `make run` uses another server: set its {name} here")
        return url

    def ended(self) -> str | None:
        """The name of a server of ours that has ended by itself, if one has."""
        ended = (server.name for server in self._servers if server.process.poll() is not None)
        return next(ended, None)

    def stop(self) -> None:
        """Stop what was started; safe twice."""
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    data_dir: Path,
    *,
    postgres: bool = True,
    redis: bool = True,
    wechat_api_url: str | None = None,
    purpose: Purpose = Purpose.RUN,
) -> Running:
    """Claim `data_dir` (made if missing) and run the servers asked for on it.

    Call it from a thread that lasts, best the main one: when that thread ends, so do they.
    `wechat_api_url` is only told to those who borrow. Raises ServersError, its text one line,
    when the folder is in use or cannot be written or a server does not start; nothing is left
    running then.
    """
    data_dir = data_dir.absolute()
    with one_line(data_dir), ExitStack() as ending:
        ending.enter_context(claimed(data_dir, purpose))
        cache = ending.enter_context(serving_redis(data_dir)) if redis else None
        database = ending.enter_context(serving_postgres(data_dir)) if postgres else None
        addresses = Addresses(
            redis_url=cache.url if cache else None,
            database_url=database.url if database else None,
            wechat_api_url=wechat_api_url,
        )
        ending.enter_context(announced(data_dir, addresses, patience_s=PATIENCE_S[purpose]))
        servers = [server for server in (cache, database) if server]
        return Running(addresses, ending.pop_all(), servers)


@contextmanager
def borrow(data_dir: Path, *, postgres: bool = True, redis: bool = True) -> Iterator[Running]:
    """Use the servers of a running `make run`, or of a command; start them where none run.

    Waits while another process is starting or stopping them. Servers we started ourselves stop
    at the end, once nobody borrows them from us. Raises ServersError as `start` does.
    """
    data_dir = data_dir.absolute()
    deadline = time.monotonic() + BORROW_WITHIN_S
    while True:
        with ExitStack() as ending:
            running = taken(data_dir, ending, postgres=postgres, redis=redis)
            if running is not None:
                yield running
                return
        if time.monotonic() > deadline:
            raise ServersError(f"the servers of DATA_DIR {data_dir} do not start: see `make run`")
        time.sleep(0.1)


@contextmanager
def one_line(data_dir: Path) -> Iterator[None]:
    """A full disk, a file that is somebody else's: as a ServersError that says where."""
    try:
        yield
    except OSError as error:
        what = f"{error.strerror}: {error.filename}" if error.filename else str(error)
        raise ServersError(f"DATA_DIR {data_dir} cannot be used ({what})") from error


def announced_in(data_dir: Path) -> Addresses | None:
    """What the `make run` on `data_dir` announces now; None where there is none. Starts nothing."""
    if not (data_dir / "servers.json").exists():
        return None
    return read_addresses(data_dir)


def taken(data_dir: Path, ending: ExitStack, *, postgres: bool, redis: bool) -> Running | None:
    """One attempt to borrow; what it takes is given back by `ending`."""
    addresses = ending.enter_context(used(data_dir))
    if addresses is not None:
        return Running(addresses, ExitStack())
    ending.close()  # or we would wait for ourselves at the end
    try:
        own = start(data_dir, postgres=postgres, redis=redis, purpose=Purpose.COMMAND)
    except InUseError:
        return None
    return ending.enter_context(own)
