"""Dealing one community as a min-cost flow on its tree of places: builds it, reads the answer.

Knows nodes, arcs and what each cost weighs. Must not know who solves a flow, nor people, names or
storage. Households go from where they live up the tree as far as they must and down to a liaison;
never is there an arc for a household and a liaison, so that the flow grows with the community and
not with its square.

How many are uncovered and how far liaisons stay below their least is no matter of cost here: any
liaison of a community may have any household, so both follow from the numbers alone, and become
what the nodes supply and demand (`_Needs`). Three costs are left, in this order:

    moved      one for a household that leaves its own liaison
    distance   in halves: a step of the tree costs how many levels it climbs
    evenness   the n-th household of a liaison costs n, so that equal loads cost least

They are weighed into one number, and the order holds exactly. A cheaper flow differs from a dearer
one by simple cycles of the residual network, so it is enough that in no simple cycle a later cost
outweighs one unit of an earlier. A simple cycle passes the sink at most once, by one arc in and
one out: its evenness is less than `top`, the greatest load of all. It passes each node of the tree
and each group at most once: its distance is at most 3 halves a node and 6 a group, together
`reach`. So half a step of distance weighs `top`, and a move `top * (reach + 1)`.

A tree has at most four nodes a unit. With n nodes no cost is then above 12·n·top, and a solver that
multiplies costs by n stays within 64 bits while n²·top is below 7·10¹⁷: n may be 100,000 even where
one liaison takes 100,000 households.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.deals import Place, at, distance

_EVEN_STEPS: Final = 64  # further than this above the least, evenness is counted in wider steps


@dataclass(frozen=True, slots=True)
class Network:
    """Arc i goes from tails[i] to heads[i]; `supplies` is what enters a node, less than 0 what
    leaves it. The sum of all supplies is 0, and some flow always fits."""

    tails: "array[int]" = field(default_factory=lambda: array("q"))
    heads: "array[int]" = field(default_factory=lambda: array("q"))
    capacities: "array[int]" = field(default_factory=lambda: array("q"))
    costs: "array[int]" = field(default_factory=lambda: array("q"))
    supplies: "array[int]" = field(default_factory=lambda: array("q"))

    def node(self, supply: int = 0) -> int:
        self.supplies.append(supply)
        return len(self.supplies) - 1

    def arc(self, tail: int, head: int, capacity: int, cost: int) -> int:
        self.tails.append(tail)
        self.heads.append(head)
        self.capacities.append(capacity)
        self.costs.append(cost)
        return len(self.tails) - 1


Solve = Callable[[Network], Sequence[int]]
"""Network → the flow of each arc, of all flows the cheapest. The same network, the same flow."""


@dataclass(frozen=True, slots=True)
class Group:
    """Households behind one door that are alike: `own` is the place in the seats of whoever has
    them now, None where that is nobody here."""

    place: Place
    own: int | None
    size: int


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody to deal to, who wants `at_least` and takes `at_most` further to the `held` that
    are theirs already."""

    person: int
    place: Place
    at_least: int
    at_most: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class Shares:
    """What each group keeps with its own, what each seat gets, and who is left, by unit."""

    kept: tuple[int, ...]
    loads: tuple[int, ...]
    left: dict[int, int]


def shares(groups: Sequence[Group], seats: Sequence[Seat], solve: Solve) -> Shares:
    """The cheapest shares of one community's households; all places are in that community."""
    builder = _Builder(groups, seats)
    flows = solve(builder.network)
    return Shares(
        kept=tuple(0 if arc is None else flows[arc] for arc in builder.own_arcs),
        loads=tuple(
            need.surely + sum(flows[arc] for arc in arcs)
            for need, arcs in zip(builder.needs, builder.seat_arcs, strict=True)
        ),
        left={unit: flows[arc] for unit, arc in builder.left_arcs.items() if flows[arc]},
    )


@dataclass(frozen=True, slots=True)
class _Need:
    """A seat gets this many surely, and up to `more` beyond."""

    surely: int
    more: int


def _needs(households: int, seats: Sequence[Seat]) -> list[_Need]:
    """What leaves the fewest uncovered, then the least shortfall.

    Too many households: all seats are filled. Too few for what is wanted: nobody gets more than
    they want. Between the two everybody gets what they want, and no one goes without.
    """
    if households >= sum(seat.at_most for seat in seats):
        return [_Need(seat.at_most, 0) for seat in seats]
    if households <= sum(seat.at_least for seat in seats):
        return [_Need(0, seat.at_least) for seat in seats]
    return [_Need(seat.at_least, seat.at_most - seat.at_least) for seat in seats]


class _Builder:
    """The network of one community, and which of its arcs tell what."""

    def __init__(self, groups: Sequence[Group], seats: Sequence[Seat]) -> None:
        self.network = Network()
        self.households = sum(group.size for group in groups)
        self.needs = _needs(self.households, seats)
        self._weigh(groups, seats)
        self._nodes: dict[tuple[int, int], int] = {}
        self.seat_nodes = [self.network.node(-need.surely) for need in self.needs]
        self.seat_arcs = self._seat(seats)
        self.own_arcs = [self._lay(group, seats) for group in groups]
        self.left_arcs = self._leave(groups)

    def _weigh(self, groups: Sequence[Group], seats: Sequence[Seat]) -> None:
        """What half a step of distance and what a move costs; see the head of this file."""
        top = max(seat.held + min(seat.at_most, self.households) for seat in seats)
        units = {one.place.unit for one in groups} | {one.place.unit for one in seats}
        self.half_step = max(1, top)
        self.move = self.half_step * (12 * len(units) + 6 * len(groups) + 1)

    def _seat(self, seats: Sequence[Seat]) -> list[list[int]]:
        """From each seat's door to the seat, and from the seat to the sink what is not sure."""
        sink = self.network.node(-max(0, self.households - sum(need.surely for need in self.needs)))
        self.sink = sink
        arcs: list[list[int]] = []
        for seat, node, need in zip(seats, self.seat_nodes, self.needs, strict=True):
            if need.surely + need.more:
                self.network.arc(self._leaf(seat.place), node, need.surely + need.more, 0)
            first = seat.held + need.surely + 1
            arcs.append(
                [
                    self.network.arc(node, sink, width, first + after)
                    for after, width in _steps(min(need.more, self.households))
                ]
            )
        return arcs

    def _lay(self, group: Group, seats: Sequence[Seat]) -> int | None:
        """A group enters at its door, or by a node of its own from which its own seat is near."""
        leaf = self._leaf(group.place)
        if group.own is None:
            self.network.supplies[leaf] += group.size
            return None
        node = self.network.node(group.size)
        self.network.arc(node, leaf, group.size, self.move)
        cost = 2 * distance(group.place, seats[group.own].place) * self.half_step
        return self.network.arc(node, self.seat_nodes[group.own], group.size, cost)

    def _leave(self, groups: Sequence[Group]) -> dict[int, int]:
        """Where not all can be covered, any door may keep some: unit → the arc that tells how many.

        The sink then takes them, for every seat is full.
        """
        if self.households <= sum(need.surely + need.more for need in self.needs):
            return {}
        return {
            place.unit: self.network.arc(self._leaf(place), self.sink, self.households, 0)
            for place in {group.place.unit: group.place for group in groups}.values()
        }

    def _leaf(self, place: Place) -> int:
        """The node of a unit as a place to live, apart from what lies below it: who lives in a
        building itself is a step from its doors."""
        line = ((reach, at(place, reach)) for reach in range(4))
        below: tuple[int, int] | None = None
        for reach, unit in line:
            if unit is None:
                continue
            known = (reach, unit) in self._nodes
            node = self._nodes.setdefault((reach, unit), len(self.network.supplies))
            if not known:
                self.network.node()
            if below is not None:
                self._join(*below, node, reach)
            if known:
                break
            below = node, reach
        return self._nodes[0, place.unit]

    def _join(self, low: int, low_reach: int, high: int, high_reach: int) -> None:
        cost = (high_reach - low_reach) * self.half_step
        self.network.arc(low, high, self.households, cost)
        self.network.arc(high, low, self.households, cost)


def _steps(more: int) -> Iterator[tuple[int, int]]:
    """(after how many, how many) in which further households of a seat are counted: one by one,
    and in steps that double where somebody takes very many."""
    after, width = 0, 1
    while after < more:
        if after >= _EVEN_STEPS:
            width *= 2
        yield after, min(width, more - after)
        after += width
