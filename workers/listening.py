"""One process that waits at some queues and does their jobs, however often Redis comes and goes.

Knows RQ's worker and what of it does not suit us. Does not know what the jobs do.
"""

import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Final

import structlog
from redis import Redis, RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.timeouts import BaseDeathPenalty
from rq.worker import DequeueStrategy, WorkerStatus

from workers.ending import STOPPING, ending

_TTL_S: Final = 30  # so a blocking read lasts 15 s at most
_PATIENCE_S: Final = 25.0
_PAUSE_S: Final = 1.0

log = structlog.get_logger()


class Unhurried(BaseDeathPenalty):
    """No alarm in the middle of a transaction or a push: every wait inside has its own limit."""

    def setup_death_penalty(self) -> None:
        """Nothing."""

    def cancel_death_penalty(self) -> None:
        """Nothing."""


class Listener(SimpleWorker):
    """RQ's worker without forks (40 ms each), for jobs that drain rows until none is due."""

    death_penalty_class = Unhurried
    log_result_lifespan = False
    max_connection_wait_time = 2.0  # RQ would stay away for up to a minute after Redis is back

    def subscribe(self) -> None:
        """No channel for RQ's remote commands: a thread and a connection nobody needs."""

    def _install_signal_handlers(self) -> None:
        """`listen` has its own: RQ's talk to Redis, and break the job where that is away."""

    def is_busy(self) -> bool:
        return bool(self.get_state() == WorkerStatus.BUSY)

    def end_after_this(self) -> None:
        self._stop_requested = True


def listen(queues: Sequence[str], redis_url: str) -> None:
    """Serve `queues` in turn until SIGTERM or SIGINT; a job that has begun is finished.

    Redis away, now or later, is waited for with one line in the log. Call it from the main
    thread.
    """
    present: list[Listener] = []
    away = False
    try:
        _on_signals(present)
        while not ending.begun:
            try:
                _work(queues, redis_url, present)
                away = False
            except RedisError as error:
                if not away:
                    log.warning("redis_away", queues=list(queues), why=type(error).__name__)
                away = True
            if not ending.begun:
                time.sleep(_PAUSE_S)
    except StopRequested:
        pass


def _work(queues: Sequence[str], redis_url: str, present: list[Listener]) -> None:
    """One worker's life: until it is asked to end, or the connection to Redis breaks badly."""
    connection = Redis.from_url(
        redis_url, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PAUSE_S
    )
    with connection:
        worker = Listener(
            list(queues), connection=connection, worker_ttl=_TTL_S, log_job_description=False
        )
        present.append(worker)
        try:
            worker.work(logging_level="WARNING", dequeue_strategy=DequeueStrategy.ROUND_ROBIN)
        except StopRequested:
            # Asked to end between its birth and its first wait.
            worker.register_death()  # type: ignore[no-untyped-call]
            raise
        finally:
            present.clear()


def _on_signals(present: list[Listener]) -> None:
    """The first signal ends the waiting at once, or the work after the present job."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        if ending.begun:
            return
        ending.begun = True
        if present and present[0].is_busy():
            present[0].end_after_this()
        else:
            raise StopRequested

    for number in STOPPING:
        signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
