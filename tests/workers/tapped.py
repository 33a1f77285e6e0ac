"""One of our processes with a tap in each of its lines, to be killed at a numbered point.

Knows the lines: PostgreSQL, Redis, WeChat. Must not know what the process does on them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final

from bot.embedded.processes import free_port
from tests.chaos.taps import Tap
from tests.stories.district import District, eventually
from tests.stories.programs import Program

LINES: Final = {"DATABASE_URL": "postgres", "REDIS_URL": "redis", "WECHAT_API_URL": "wechat"}
_numbers = count(1)

Point = tuple[str, int]
"""A line, and the number of the turn on it that is never passed on."""


@dataclass
class Tapped:
    """`port` is where it serves, if it does."""

    program: Program
    taps: dict[str, Tap]
    port: int

    def turns(self, during: Callable[[], object]) -> dict[str, int]:
        """How many turns each line takes while this is done."""
        before = {name: tap.turns for name, tap in self.taps.items()}
        during()
        return {name: tap.turns - before[name] for name, tap in self.taps.items()}

    def dies_at(self, point: Point, done: Callable[[], bool] = lambda: False) -> bool:
        """Kills it once the point is reached, or when it has done all it had to do; whether it
        was reached."""
        reached = self.taps[point[0]].reached
        eventually(lambda: reached.is_set() or self.program.ended or done())
        self.program.kill()
        for one in self.taps.values():
            one.cut()  # as its own connections are
        return reached.is_set()


def points(turns: dict[str, int]) -> list[Point]:
    """Before each turn. What a server did for the last one is met by the end of the whole."""
    return [(line, number) for line, most in turns.items() for number in range(1, most + 1)]


@contextmanager
def a_tapped(here: District, *arguments: str) -> Iterator[Tapped]:
    """Started at once; wait until it is ready before a point is set."""
    port, surroundings, taps = free_port(), here.surroundings, {}
    for setting, name in LINES.items():
        taps[name] = Tap.before(surroundings[setting])
        surroundings[setting] = taps[name].url(surroundings[setting])
    log = here.folder / f"tapped-{next(_numbers)}.log"
    # One process takes all its turns alike; of several each would open lines of its own.
    own = {"PORT": str(port), "WEB_PROCESSES": "1"}
    program = Program(log, surroundings | own, *arguments)
    try:
        yield Tapped(program, taps, port)
    finally:
        program.kill()
        for tap in taps.values():
            tap.close()
