"""What is done to the running service, one thing after the other, chosen by a seed.

Each is undone before the next, or heals by itself. Knows processes, lines and WeChat's bad days.
Must not know what people say meanwhile.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random

import psycopg
from redis import Redis

from bot.desk.kept import KEPT_IN_REDIS
from tests.chaos.taps import Tap
from tests.stories.district import District
from tests.stories.programs import Program


@dataclass
class Stage:
    """A district whose lines to PostgreSQL and Redis run through taps. `database_url` and
    `redis_url` lead past them."""

    here: District
    database: Tap
    redis: Tap
    database_url: str
    redis_url: str
    webs: list[tuple[Program, int]]
    workers: list[Program]
    clocks: list[Program]


@dataclass
class Mischief:
    """`longest_s`: how long a server stays away at most."""

    stage: Stage
    chance: Random
    longest_s: float
    done: Counter[str] = field(default_factory=Counter)

    def until(self, deadline: float) -> None:
        """One thing after the other until then."""
        names = list(self._all())
        weights = [3 if name.startswith("kill") else 1 for name in names]
        while time.monotonic() < deadline:
            time.sleep(self.chance.uniform(0.2, 0.8))
            (name,) = self.chance.choices(names, weights)
            self.done[name] += 1
            self._all()[name]()

    def _all(self) -> Mapping[str, Callable[[], None]]:
        faults = self.stage.here.platform.faults
        return {
            "kill a web": self._kill_web,
            "kill a worker": lambda: self._kill(self.stage.workers),
            "kill a clock": lambda: self._kill(self.stage.clocks),
            "redis flushed": self._flush,
            "redis gone": lambda: self._away(self.stage.redis),
            "redis hangs": lambda: self._hangs(self.stage.redis),
            "postgresql gone": lambda: self._away(self.stage.database),
            "postgresql hangs": lambda: self._hangs(self.stage.database),
            "postgresql drops all": self._dropped,
            "both gone": lambda: self._away(self.stage.database, self.stage.redis),
            "both hang": lambda: self._hangs(self.stage.database, self.stage.redis),
            "wechat hangs": lambda: faults.hang(3.0, times=3),
            "wechat 502": lambda: faults.status(502, times=4),
            "wechat html": lambda: faults.html(times=4),
            "wechat 40001": lambda: faults.errcode(40001, times=8),
            "wechat busy": lambda: faults.errcode(-1, times=4),
            "wechat answers lost": lambda: faults.lose_answer(times=4),
            "callbacks doubled": lambda: self.stage.here.platform.transit.duplicate(times=5),
            "callbacks late": lambda: self.stage.here.platform.transit.delay(1.0, times=3),
        }

    def _kill(self, programs: list[Program]) -> None:
        program = self.chance.choice(programs)
        program.kill()
        program.begin_again()

    def _kill_web(self) -> None:
        """WeChat's next calls go to another, as a load balancer sees to it."""
        program, port = self.chance.choice(self.stage.webs)
        program.kill()
        others = [one for _, one in self.stage.webs if one != port]
        self.stage.here.platform.webhook = f"http://127.0.0.1:{self.chance.choice(others)}/wechat"
        program.begin_again()
        program.waits_until_served(port)

    def _flush(self) -> None:
        """What Redis keeps for a PostgreSQL that is away is nowhere else: not while it does."""
        with Redis.from_url(self.stage.redis_url) as redis:
            deadline = time.monotonic() + 10
            while redis.xlen(KEPT_IN_REDIS) and time.monotonic() < deadline:
                time.sleep(0.05)
            if not redis.xlen(KEPT_IN_REDIS):
                redis.flushdb()

    def _away(self, *taps: Tap) -> None:
        for tap in taps:
            tap.cut()
        time.sleep(self._for_a_while())
        for tap in taps:
            tap.mend()

    def _hangs(self, *taps: Tap) -> None:
        for tap in taps:
            tap.freeze()
        time.sleep(self._for_a_while())
        for tap in taps:
            tap.thaw()

    def _dropped(self) -> None:
        with psycopg.connect(self.stage.database_url, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )

    def _for_a_while(self) -> float:
        return self.chance.uniform(0.5, 1.0) * self.longest_s


@contextmanager
def tapped_lines(database_url: str, redis_url: str) -> Iterator[tuple[Tap, Tap]]:
    with ExitStack() as ending:
        taps = Tap.before(database_url), Tap.before(redis_url)
        for tap in taps:
            ending.callback(tap.close)
        yield taps
