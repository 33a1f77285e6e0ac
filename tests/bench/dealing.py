"""Dealing: a village's community to a district's million households, and one change among them.

Knows the steps of a deal and times each. Everything, PostgreSQL too, is held to one core while it
is measured, and each size has a process of its own, so that its memory is its own.
"""

import os
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text

from bot import flow
from bot.bootstrap import utc_now
from bot.core.assignment import deal
from bot.core.deals import Deal
from bot.core.tree_flow import Network
from bot.embedded import start
from bot.store import deal_facts, dealing
from bot.store.engine import connect
from bot.store.migrations import migrate
from tests.bench.estates import HOUSEHOLDS, LIAISONS, settle
from tests.bench.ground import tell
from tests.bench.plain import beside_plain
from tests.bench.table import Line
from tests.conftest import create_database

_COMMUNITIES: Final = (1, 10, 100, 330)
_CHANGES: Final = 20


@dataclass(frozen=True)
class Figures:
    """Seconds of each step, `flow` being part of `deal`; bytes; milliseconds of each change."""

    communities: int
    read: float
    deal: float
    flow: float
    write: float
    memory: int
    changes: list[float] = field(default_factory=list)

    @property
    def whole(self) -> float:
        return self.read + self.deal + self.write


def dealt(folder: Path) -> list[Line]:
    """All sizes one after the other, then beside the plain model."""
    found: list[Figures] = []
    with _one_core(), start(folder) as servers:
        for communities in _COMMUNITIES:
            tell(f"dealing {communities * HOUSEHOLDS} households ...")
            url = create_database(servers.database_url, template="template0")
            migrate(url)
            settle(url, communities)
            found.append(_alone(url, communities))
        return [*_lines(found), *beside_plain()]


@contextmanager
def _one_core() -> Iterator[None]:
    """Hold this process, and those it starts meanwhile, to one core where that can be done."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _alone(url: str, communities: int) -> Figures:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(measured, url, communities).result()


def measured(url: str, communities: int) -> Figures:
    """A first deal of all, written; then liaisons who leave, one at a time."""
    engine = connect(url, hurried=True)
    at = [time.monotonic()]
    solver = _Timed()
    with engine.begin() as connection:
        dealing.wait_for_turn(connection)
        facts = deal_facts.everywhere(connection, utc_now())
        at.append(time.monotonic())
        found = deal(facts.households, facts.liaisons, solver.solve)
        at.append(time.monotonic())
        dealing.write(connection, found, utc_now(), "bench")
    at.append(time.monotonic())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    leaving = list(found.assigned.values())[:: max(1, len(found.assigned) // _CHANGES)]
    read, dealing_s, write = (after - before for before, after in pairwise(at))
    changes = [_leaves(engine, person) for person in dict.fromkeys(leaving)]
    return Figures(communities, read, dealing_s, solver.seconds, write, memory, changes)


class _Timed:
    """The solver with its seconds added up."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def solve(self, network: Network) -> Sequence[int]:
        began = time.monotonic()
        flows = flow.solve(network)
        self.seconds += time.monotonic() - began
        return flows


def _leaves(engine: Engine, person: int) -> float:
    """Milliseconds from a liaison's leaving to the commit of what it changes."""
    began = time.monotonic()
    with engine.begin() as connection:
        query = text("update liaisons set status = '停用' where person_id = :person")
        connection.execute(query, {"person": person})
        changed = _dealt_again(connection, person)
    assert changed.moved
    return (time.monotonic() - began) * 1000


def _dealt_again(connection: Connection, person: int) -> Deal:
    assert dealing.take_turn(connection)
    touched = deal_facts.communities_of(connection, [person])
    facts = deal_facts.within(connection, utc_now(), touched)
    found = deal(facts.households, facts.liaisons, flow.solve)
    dealing.write(connection, found, utc_now(), "bench")
    return found


def _lines(found: Sequence[Figures]) -> list[Line]:
    first = found[0]
    lines = [_size(one, first) for one in found]
    for one in (found[0], found[-1]):
        changes = sorted(one.changes)
        lines.append(
            Line(
                f"  one liaison leaves, among {one.communities * HOUSEHOLDS:,} households",
                f"{changes[len(changes) // 2]:.0f} ms",
                f"worst of {len(changes)}: {changes[-1]:.0f} ms, dealt and written",
            )
        )
    return lines


def _size(one: Figures, first: Figures) -> Line:
    households, liaisons = one.communities * HOUSEHOLDS, one.communities * LIAISONS
    growth = (one.whole / one.communities) / (first.whole / first.communities)
    return Line(
        f"dealing {households:,} households, {liaisons:,} liaisons",
        f"{one.whole:.2f} s",
        f"read {one.read:.2f}, dealt {one.deal:.2f} (of it flow {one.flow:.2f}), written"
        f" {one.write:.2f}; {one.memory / 2**20:.0f} MB; {growth:.2f} x the first for each",
    )
