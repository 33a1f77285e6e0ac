"""Beside the tree of places: the plain model, an arc for each household and liaison.

Same solver, same first deal, same limits; only the shape of the network differs. Knows both.
"""

import time
from array import array
from collections.abc import Sequence
from random import Random
from typing import Final

from bot import flow
from bot.core.assignment import deal
from bot.core.deals import Household, Liaison, Place, distance
from bot.core.tree_flow import Network
from tests.bench.estates import HOUSEHOLDS, LIAISONS
from tests.bench.table import Line

_SIZES: Final = (300, 1_000, 3_000)


def beside_plain() -> list[Line]:
    """Seconds of the plain model on the sizes it can do, and how many times ours that is."""
    return [_compared(size) for size in _SIZES]


def _compared(size: int) -> Line:
    households, liaisons = _community(size)
    began = time.monotonic()
    ours = deal(households, liaisons, flow.solve).cost.distance
    between = time.monotonic()
    theirs = _plain(households, liaisons)
    ended = time.monotonic()
    assert ours == theirs, "both models are of one rule"
    return Line(
        f"  plain model, {size:,} households × {len(liaisons)} liaisons",
        f"{(ended - between) * 1000:.0f} ms",
        f"ours {(between - began) * 1000:.0f} ms, {(ended - between) / (between - began):.0f} x",
    )


def _community(size: int) -> tuple[list[Household], list[Liaison]]:
    chance = Random(size)
    doors = [Place(10_000 + one, 5_000 + one // 5, 100 + one // 25, 1) for one in range(size // 12)]
    households = [Household(one, doors[one % len(doors)]) for one in range(size)]
    serving = range(1, 1 + size * LIAISONS // HOUSEHOLDS)
    return households, [Liaison(10**6 + one, chance.choice(doors)) for one in serving]


def _plain(households: Sequence[Household], liaisons: Sequence[Liaison]) -> int:
    """The sum of the distances of the cheapest first deal in which nobody is left or short."""
    network = Network()
    homes = [network.node(1) for _ in households]
    seats = [network.node(-one.at_least) for one in liaisons]
    sink = network.node(-(len(households) - sum(one.at_least for one in liaisons)))
    for seat, liaison in zip(seats, liaisons, strict=True):
        network.arc(seat, sink, liaison.at_most - liaison.at_least, 0)
    for home, household in zip(homes, households, strict=True):
        for seat, liaison in zip(seats, liaisons, strict=True):
            network.arc(home, seat, 1, distance(household.place, liaison.place))
    flows = array("q", flow.solve(network))
    return sum(cost * flown for cost, flown in zip(network.costs, flows, strict=True))
