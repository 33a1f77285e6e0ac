"""Issues that step up: all due at the same moment, one job each beside it, and a steady stream.

Knows the desk's batches, RQ, and our processes. A job's own work is the same step for one issue.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg
from rq import Queue, SimpleWorker

from bot.bootstrap import Bot, build, utc_now
from bot.core import escalation
from bot.core.standing import Terms
from bot.desk.escalate import escalate
from bot.store import changes, overdue
from bot.store.changes import Source
from bot.store.engine import transaction
from config.settings import ROOT
from tests.bench import waiting
from tests.bench.ground import Ground
from tests.bench.table import Line
from tests.stories.programs import Program

DUE: Final = 100_000
_PROCESSES: Final = 2
_JOBS: Final = 250
_QUEUE: Final = "bench"
_A_SECOND: Final = 50
_SECONDS: Final = 20
_bots: list[Bot] = []
_LATENESS: Final = """
select extract(epoch from h.at - i.due) as late_s
from history h join (select unnest(%(no)s::bigint[]) as no, unnest(%(due)s::timestamptz[]) as due) i
    on i.no = h.issue_no where h.kind = 'escalated' order by 1
"""
_ESCALATE: Final = (
    "import sys; from bot.desk.escalate import escalate; from workers import jobs;"
    " bot = jobs.bot(); print(flush=True); sys.stdin.readline();"
    " print(escalate(bot, most=1_000_000))"
)


def at_once(ground: Ground, due: int = DUE) -> tuple[list[Line], float]:
    """All are due at the same moment. The lines, and the steps a second."""
    url = ground.settings.database_url or ""
    ground.residents(1000)
    waiting.wait(url, _JOBS, utc_now())
    bot = build(ground.settings)
    single = _by_jobs(bot)
    escalate(bot)
    bot.engine.dispose()
    bot.redis.close()
    waiting.wait(url, due, utc_now())
    waiting.settle(url)
    number, seconds = _by_processes(ground)
    rate = number / seconds
    return [
        Line(f"escalations, {number} due at once", f"{rate:.0f} /s", f"{_PROCESSES} processes"),
        Line("  one RQ job for each issue", f"{single:.0f} /s", f"ours is {rate / single:.1f} x"),
    ], rate


def _by_processes(ground: Ground) -> tuple[int, float]:
    """What processes of their own did, side by side, and how long it took."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _ESCALATE],
            cwd=ROOT,
            env=ground.surroundings(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(_PROCESSES)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()
    began = time.monotonic()
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    number = sum(int(process.communicate()[0]) for process in processes)
    return number, time.monotonic() - began


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


def in_a_stream(ground: Ground, folder: Path) -> list[Line]:
    """So many a second for a while, with worker and clock as in the Procfile."""
    url, surroundings = ground.settings.database_url or "", ground.surroundings()
    del surroundings["WECHAT_SECRET"]  # so that nothing is pushed meanwhile
    with ExitStack() as ending:
        for name in ("workers", "workers.clock"):
            program = Program(folder / f"{name}.log", surroundings, "-m", name, forked=False)
            ending.callback(program.kill)
        time.sleep(4.0)
        starts = utc_now() + timedelta(seconds=3)
        waiting.wait(url, _A_SECOND * _SECONDS, starts, apart_s=1 / _A_SECOND)
        with psycopg.connect(url) as connection:
            due = connection.execute(
                "select no, due_at from issues where due_at >= %s and tier = 'liaison'"
                " and state = 'waiting' order by no desc limit %s",
                [starts, _A_SECOND * _SECONDS],
            ).fetchall()
        time.sleep(_SECONDS + 6)
        late = _lateness(url, due)
    tick = ground.bot.ladder.tick.total_seconds()
    worst = late[int(len(late) * 0.99)] if late else float("nan")
    return [
        Line(
            f"escalations, {_A_SECOND} due each second, {len(late)} of {len(due)} stepped",
            f"{worst * 1000:.0f} ms late",
            f"p99; a tick is {tick * 1000:.0f} ms, so {max(worst - tick, 0) * 1000:.0f} ms beyond",
        )
    ]


def _lateness(url: str, due: Sequence[tuple[object, ...]]) -> list[float]:
    values = {"no": [row[0] for row in due], "due": [row[1] for row in due]}
    with psycopg.connect(url) as connection:
        return [float(row[0]) for row in connection.execute(_LATENESS, values)]
