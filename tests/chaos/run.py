"""One run of chaos: a district, its people, mischief for so many seconds, then the reckoning.

Knows the order of a run. What is wrong at its end is told, not raised.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from redis import Redis

from bot.bootstrap import build
from bot.core.standing import Terms
from bot.desk.kept import KEPT_IN_REDIS
from bot.embedded.processes import free_port
from bot.simulator.phones import Phone
from bot.store import breaches
from bot.store.engine import connect, transaction
from tests.chaos.book import Balance, Book, balance
from tests.chaos.crowd import Crowd
from tests.chaos.mischief import Mischief, Stage, tapped_lines
from tests.stories.district import District, Pace, running
from tests.stories.programs import Program

_PACE = Pace(answer="5s", answer_above="15s", handle="10s")
_SETTLES_WITHIN_S = 90.0
_WAITING = """
select (select count(*) from inbox where state = 'waiting')
    + (select count(*) from outbox where state = 'pending'
        and (lease_until < now() or next_at < now() - interval '3 s')) as number
"""


@dataclass(frozen=True)
class Reckoning:
    """`mischief`: what was done how often; `wrong`: each thing that must not be, in words."""

    balance: Balance
    mischief: dict[str, int]
    wrong: Sequence[str]
    settled_s: float


def chaos(
    database_url: str, redis_url: str, folder: Path, *, seconds: float, seed: int
) -> Reckoning:
    """On a database that holds the sample and nothing else."""
    with tapped_lines(database_url, redis_url) as (database, redis):
        lines = database.url(database_url), redis.url(redis_url)
        with running(*lines, folder, _PACE, judged=False, web_processes=2, pause=1.5) as here:
            stage = Stage(here, database, redis, database_url, redis_url, [], [], [])
            return _run(stage, seconds, seed)


def _run(stage: Stage, seconds: float, seed: int) -> Reckoning:
    here, book = stage.here, Book()
    chain = here.all_join()
    residents = [
        here.moves_in(f"居民{name}", chain.liaison, here.rooms[place % 2])
        for place, name in enumerate("一二三四")
    ]
    _doubled(stage)
    crowd = Crowd(here, book, residents, chain, seed)
    mischief = Mischief(stage, Random(seed), longest_s=min(60.0, max(2.0, seconds / 10)))
    crowd.begin()
    try:
        mischief.until(time.monotonic() + seconds)
    finally:
        crowd.end()
    here.platform.faults.clear()
    here.platform.transit.clear()
    return _reckoned(stage, book, [*residents, *vars(chain).values()], mischief)


def _doubled(stage: Stage) -> None:
    """Two of each kind of process, as on two hosts."""
    here, port = stage.here, free_port()
    log = here.folder / "second-web.log"
    second = Program(log, here.surroundings | {"PORT": str(port)}, "-m", "bot", "web")
    here.programs.append(second)
    second.waits_until_served(port)
    stage.webs += [(here.web, here.settings.port), (second, port)]
    stage.workers += [here.worker, here.runs("-m", "workers")]
    stage.clocks += [here.clock, here.runs("-m", "workers.clock")]


def _reckoned(stage: Stage, book: Book, phones: Sequence[Phone], mischief: Mischief) -> Reckoning:
    engine = connect(stage.database_url, patience_s=60.0)
    began = time.monotonic()
    settled = _settles(stage)
    bot = build(stage.here.settings.model_copy(update={"database_url": stage.database_url}))
    with transaction(engine) as connection:
        result = balance(book, phones, connection)
        terms = Terms(bot.ladder, bot.calendar, bot.now())
        broken = breaches.look(connection, terms)
        late = connection.execute(
            "select no from issues where due_at < now() - %s and state <> 'closed'",
            [2 * bot.ladder.tick + bot.ladder.tick],
        ).fetchall()
    engine.dispose()
    bot.engine.dispose()
    bot.redis.close()
    wrong = [*result.wrong, *(f"broken: {name} {about}" for name, about in broken.items())]
    wrong += [f"late: #{row['no']}" for row in late]
    wrong += [f"violation: {one}" for one in stage.here.platform.violations]
    wrong += [] if settled else [f"still at work after {_SETTLES_WITHIN_S:.0f} s"]
    wrong += _in_logs(stage.here)
    return Reckoning(result, dict(mischief.done), wrong, time.monotonic() - began)


def _settles(stage: Stage) -> bool:
    """Whether all that waited was done in time."""
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    engine = connect(stage.database_url)
    quiet = 0
    with Redis.from_url(stage.redis_url) as redis:
        while quiet < 3 and time.monotonic() < deadline:
            with transaction(engine) as connection:
                (row,) = connection.execute(_WAITING).fetchall()
            quiet = quiet + 1 if not row["number"] and not redis.xlen(KEPT_IN_REDIS) else 0
            time.sleep(0.1)
    engine.dispose()
    return quiet >= 3


def _in_logs(here: District) -> list[str]:
    return [
        f"{program} logged words of people"
        for program in here.programs
        if not program.told_of_nobody()
    ]
