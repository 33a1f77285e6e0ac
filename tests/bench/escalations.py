"""Issues that step up in a second: many due at once, in batches, and beside it one job each.

Knows the desk's batches and RQ. The job's own work is the same step for a single issue.
"""

import time
from typing import Final

from rq import Queue, SimpleWorker

from bot.bootstrap import Bot
from bot.core import escalation
from bot.core.standing import Terms
from bot.desk.escalate import escalate
from bot.store import changes, overdue
from bot.store.changes import Source
from bot.store.engine import transaction
from tests.bench.ground import Ground
from tests.bench.table import Line

_JOBS: Final = 250
_QUEUE: Final = "bench"
_bots: list[Bot] = []


def at_once(ground: Ground) -> list[Line]:
    """All issues of the ledger are due. Some go one by one through a queue, the rest in batches."""
    bot = ground.later()
    single = _by_jobs(bot)
    began = time.monotonic()
    number = escalate(bot)
    rate = number / (time.monotonic() - began)
    bot.engine.dispose()
    bot.redis.close()
    return [
        Line(f"escalations, {number} due at once", f"{rate:.0f} /s"),
        Line("  one RQ job for each issue", f"{single:.0f} /s", f"ours is {rate / single:.1f} x"),
    ]


def _by_jobs(bot: Bot) -> float:
    queue = Queue(_QUEUE, connection=bot.redis)
    _bots.append(bot)
    began = time.monotonic()
    for _ in range(_JOBS):
        queue.enqueue_call("tests.bench.escalations.step_one_up", result_ttl=0)
    worker = SimpleWorker([queue], connection=bot.redis)
    worker.work(burst=True, logging_level="ERROR")
    return _JOBS / (time.monotonic() - began)


def step_one_up() -> None:
    """The issue that is due longest, alone in its transaction."""
    bot = _bots[-1]
    with transaction(bot.engine) as connection:
        for issue in overdue.due(connection, bot.now(), None, (), 1):
            terms = Terms(bot.ladder, bot.calendar, bot.now())
            source = Source(f"due:{issue.no}:{issue.version}", terms.now)
            decision = escalation.time_ran_out(issue, terms)
            changes.write(connection, decision, source, bot.wording.say)
