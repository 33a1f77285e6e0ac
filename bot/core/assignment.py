"""Dealing households to liaisons, and what a deal costs.

Knows the rule of contract section 7, `assign --json`: inside a community only, never past what a
liaison takes, never to one who does not serve; of such deals the cheapest. Must not know how a flow
is solved, storage, names, sentences or the clock.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.core.coverage import lacking
from bot.core.deals import Cost, Deal, Household, Liaison, Load, Move, Why, distance
from bot.core.spreading import spread
from bot.core.tree_flow import Seat, Solve


def deal(households: Sequence[Household], liaisons: Sequence[Liaison], solve: Solve) -> Deal:
    """Deal these households to these liaisons; the same facts in the same order, the same deal.

    Both must be whole for every community that either names, or limits could be passed. Who is
    away is dealt to like all who serve: leave is no move.
    """
    serving = {one.person: one for one in liaisons if one.serving}
    tables: defaultdict[int, _Table] = defaultdict(_Table)
    for liaison in serving.values():
        if liaison.place.community is not None:
            tables[liaison.place.community].liaisons.append(liaison)
    for household in households:
        if household.place.community is not None:
            tables[household.place.community].households.append(household)
    holders: dict[int, int] = {}
    for table in tables.values():
        holders |= table.dealt(solve)
    return _read(households, serving, holders)


class _Table:
    """One community that is dealt."""

    def __init__(self) -> None:
        self.liaisons: list[Liaison] = []
        self.households: list[Household] = []

    def dealt(self, solve: Solve) -> dict[int, int]:
        """Household id → person id."""
        stay = _given_by_hand(self.households, self.liaisons)
        held = Counter(stay.values())
        seats = [
            Seat(
                one.person,
                one.place,
                at_least=max(0, one.at_least - held[one.person]),
                at_most=one.at_most - held[one.person],
                held=held[one.person],
            )
            for one in self.liaisons
        ]
        others = [one for one in self.households if one.id not in stay] if stay else self.households
        return stay | spread(others, seats, solve)


def _given_by_hand(households: Iterable[Household], liaisons: Iterable[Liaison]) -> dict[int, int]:
    """Household id → the serving liaison it was given to by hand.

    Where those are more than the liaison takes, only the nearest of them, then the eldest, are
    held to it; the rest are dealt like any other.
    """
    fixed: defaultdict[int, list[Household]] = defaultdict(list)
    for one in households:
        if one.fixed and one.liaison is not None:
            fixed[one.liaison].append(one)
    if not fixed:
        return {}
    return {
        one.id: liaison.person
        for liaison in liaisons
        for one in _nearest(fixed.get(liaison.person, ()), liaison)[: liaison.at_most]
    }


def _nearest(households: Iterable[Household], liaison: Liaison) -> list[Household]:
    return sorted(households, key=lambda one: (distance(one.place, liaison.place), one.id))


def _read(
    households: Sequence[Household], serving: Mapping[int, Liaison], holders: Mapping[int, int]
) -> Deal:
    assigned = {one.id: holders[one.id] for one in households if one.id in holders}
    alone = [one for one in households if one.id not in holders]
    held = Counter(assigned.values())
    loads = [(liaison, Load(person, held[person])) for person, liaison in serving.items()]
    return Deal(
        assigned=assigned,
        moved=tuple(_moves(households, serving, assigned)),
        uncovered=tuple(one.id for one in alone),
        under=tuple(load for liaison, load in loads if load.households < liaison.at_least),
        over=tuple(load for liaison, load in loads if load.households > liaison.at_most),
        lacking=lacking(alone),
        cost=Cost(
            uncovered=len(alone),
            shortfall=sum(max(0, liaison.at_least - load.households) for liaison, load in loads),
            moved=sum(
                one.liaison in serving and one.liaison != assigned.get(one.id) for one in households
            ),
            distance=sum(
                distance(one.place, serving[assigned[one.id]].place)
                for one in households
                if one.id in assigned
            ),
        ),
    )


def _moves(
    households: Sequence[Household],
    serving: Mapping[int, Liaison],
    assigned: Mapping[int, int],
) -> Iterator[Move]:
    had = Counter(one.liaison for one in households)
    for one in households:
        to = assigned.get(one.id)
        if to != one.liaison:
            yield Move(one.id, one.liaison, to, _why(one, serving, had))


def _why(
    household: Household, serving: Mapping[int, Liaison], had: Mapping[int | None, int]
) -> Why:
    if household.liaison is None:
        return Why.FIRST
    own = serving.get(household.liaison)
    if own is None:
        return Why.LEFT
    if own.place.community != household.place.community:
        return Why.ELSEWHERE
    return Why.FULL if had[household.liaison] > own.at_most else Why.SHARED
