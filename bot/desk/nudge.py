"""Nudge: a word to the workers that a queue has work. Decides nothing, and may be lost.

Knows RQ and which job serves which queue. The rows say what there is to do: where Redis is away,
was emptied or nobody listens, the clock finds them all the same.
"""

import threading
import time
from collections.abc import Mapping
from typing import Final
from weakref import WeakKeyDictionary

import structlog
from redis import Redis, RedisError
from rq import Queue

from bot.bootstrap import Bot

DELIVER: Final = "deliver"
INBOX: Final = "inbox"
REMIND: Final = "remind"
MEDIA: Final = "media"

JOBS: Final[Mapping[str, str]] = {
    DELIVER: "workers.jobs.deliver",
    INBOX: "workers.jobs.bring_in",
    REMIND: "workers.jobs.remind",
    MEDIA: "workers.jobs.carry",
}
"""The job behind each queue of ours; every other queue is a tier's."""
_ESCALATE: Final = "workers.jobs.escalate"
_TIER: Final = ".tier"  # no tier's key holds a dot

_OUTSTANDING_MS: Final = 2000
_JOB_LIVES_S: Final = 30
_FAILURE_LIVES_S: Final = 60
_PAUSE_S: Final = 2.0

log = structlog.get_logger()


class _Turns:
    """One nudge at a time, and one that waits stands for all that come meanwhile: it will go after
    whatever they wrote."""

    def __init__(self) -> None:
        self.sending = threading.Lock()
        self._noting = threading.Lock()
        self._waiting: set[str] = set()

    def is_wanted(self, queue: str) -> bool:
        with self._noting:
            wanted = queue not in self._waiting
            self._waiting.add(queue)
            return wanted

    def begins(self, queue: str) -> None:
        with self._noting:
            self._waiting.discard(queue)


_turns: WeakKeyDictionary[Redis, _Turns] = WeakKeyDictionary()
_silent_until: WeakKeyDictionary[Redis, float] = WeakKeyDictionary()


def tier_queue(key: str) -> str:
    """The queue of the tier with this key: named after it."""
    return f"{key}{_TIER}" if key in JOBS else key


def nudge(bot: Bot, queue: str) -> bool:
    """Wake whoever serves `queue`, unless a nudge is outstanding there. False: Redis is away.

    One round trip where one is outstanding, else two. After a failure Redis is left alone for
    two seconds, so that a Redis that hangs does not make everybody who speaks wait for it.
    """
    turns = _turns.setdefault(bot.redis, _Turns())
    if not turns.is_wanted(queue):
        return True
    with turns.sending:
        turns.begins(queue)
        return _send(bot, queue)


def _send(bot: Bot, queue: str) -> bool:
    if is_away(bot):
        return False
    try:
        if _is_first(bot.redis, queue):
            _enqueue(bot.redis, queue)
    except Exception as error:
        # Whatever it is (redis-py has been seen to raise ValueError after a time-out): what was
        # said is written and answered, and a lost nudge costs it no more than a tick.
        leave_alone(bot)
        log.warning("nudge_lost", queue=queue, why=type(error).__name__)
        return False
    return True


def is_away(bot: Bot) -> bool:
    """Whether Redis failed somebody here a moment ago."""
    return time.monotonic() < _silent_until.get(bot.redis, 0.0)


def leave_alone(bot: Bot) -> None:
    """Redis failed: nobody here nudges for two seconds."""
    _silent_until[bot.redis] = time.monotonic() + _PAUSE_S


def heard(bot: Bot, queue: str) -> None:
    """What a job says before it looks for work: rows written after this nudge again."""
    try:
        bot.redis.delete(_key(queue))
    except RedisError as error:
        log.warning("nudge_not_taken_back", queue=queue, why=type(error).__name__)


def _is_first(redis: Redis, queue: str) -> bool:
    """Whether no nudge is outstanding and no job waits: one that waits will look after us.

    Nobody listening, at most one job waits for ever, and is passed over once its life is over.
    """
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.set(_key(queue), 1, nx=True, px=_OUTSTANDING_MS)
        pipeline.llen(Queue.redis_queue_namespace_prefix + queue)
        first, waiting = pipeline.execute()
    return bool(first) and waiting == 0


def _enqueue(redis: Redis, queue: str) -> None:
    """A new job each time. RQ's `unique=True` with a fixed id would refuse repeats for minutes
    after a success and for a year after a failure."""
    Queue(queue, connection=redis).enqueue_call(
        JOBS.get(queue, _ESCALATE),
        args=() if queue in JOBS else (queue.removesuffix(_TIER),),
        result_ttl=0,
        failure_ttl=_FAILURE_LIVES_S,
        ttl=_JOB_LIVES_S,
        timeout=-1,
        description=queue,
    )


def _key(queue: str) -> str:
    return f"nudge:{queue}"
