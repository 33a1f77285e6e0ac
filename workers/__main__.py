"""`python -m workers`: runs the queues, in three processes that live and end together.

Knows which queues share a process. Pushes wait for WeChat, so they have one of their own and
never make an escalation wait; files take longer still, and make no words wait. Does not know
what the jobs do.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

import workers.jobs  # noqa: F401 - loaded once here, not by each child at its first job
from bot import logs
from bot.bootstrap import CANNOT_START, Bot, from_environment
from bot.desk.nudge import DELIVER, INBOX, MEDIA, REMIND, tier_queue
from bot.embedded.launch import die_with
from workers.ending import STOPPING, ending
from workers.listening import listen

GRACE_S: Final = 8.0
_LOOK_S: Final = 0.5  # a child's end is signalled, but signals of a kind fall together

log = structlog.get_logger()


def main() -> int:
    """0 when asked to end by SIGTERM or SIGINT; 1 where a setting is wrong or a part died."""
    try:
        bot = from_environment()
    except CANNOT_START as error:
        sys.stderr.write(f"hulianwang: {error}\n")
        return 1
    logs.set_up(bot.settings.log_level)
    ending.listen(signal.SIGCHLD)
    children = {_started(queues, bot): name for name, queues in _queues(bot).items()}
    log.info("workers_ready", parts=sorted(children.values()))
    died = _watched(children)
    _end(children)
    return 1 if died else 0


def _queues(bot: Bot) -> Mapping[str, Sequence[str]]:
    """The queues of each process."""
    tiers = [tier_queue(tier.key) for tier in bot.ladder.tiers]
    return {"desk": [*tiers, INBOX, REMIND], "delivery": [DELIVER], "media": [MEDIA]}


def _started(queues: Sequence[str], bot: Bot) -> int:
    """Fork a process that serves `queues`; it is asked to end when this one is gone."""
    parent = os.getpid()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    child = os.fork()
    if child == 0:
        _serve(queues, bot, parent)
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    return child


def _serve(queues: Sequence[str], bot: Bot, parent: int) -> None:
    """The child's whole life; signals are let in once its own handlers stand. Never returns."""
    code = 1
    try:
        die_with(parent, signal.SIGTERM)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        listen(queues, bot.settings.redis_url or "")
        code = 0
    except BaseException:
        log.exception("worker_failed", queues=list(queues))
    finally:
        sys.stderr.flush()
        os._exit(code)


def _watched(children: dict[int, str]) -> list[str]:
    """Until somebody asks us to end; or the names of the parts that died by themselves."""
    while not ending.wait(_LOOK_S):
        if died := _reap(children):
            log.error("worker_died", parts=died)
            return died
    return []


def _end(children: dict[int, str]) -> None:
    """Ask, wait, kill. What is killed in the middle of a push is put down as unknown."""
    _signal(children, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while children and time.monotonic() < deadline:
        ending.wait(_LOOK_S)
        _reap(children)
    if children:
        log.warning("workers_killed", parts=sorted(children.values()))
        _signal(children, signal.SIGKILL)


def _signal(children: Mapping[int, str], number: signal.Signals) -> None:
    for child in children:
        os.kill(child, number)


def _reap(children: dict[int, str]) -> list[str]:
    """Take those that have ended out of `children`; their names."""
    ended = [child for child in children if os.waitpid(child, os.WNOHANG)[0]]
    return [children.pop(child) for child in ended]


if __name__ == "__main__":
    sys.exit(main())
