"""Dealing households to liaisons, and what a deal costs.

Knows the limits of contract section 7: inside a community only, never past what a liaison takes,
never to one who does not serve. Must not know storage, names, sentences or the clock.

The fewest uncovered, then the smallest shortfall, then the fewest moved are reached exactly: inside
a community every liaison may have every household, so only numbers count for them. Distance is
served greedily, nearest pairs first, which is short of the best where one liaison's room is wanted
from several places.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from bot.core.coverage import lacking
from bot.core.deals import (
    Cost,
    Deal,
    Household,
    Liaison,
    Load,
    Move,
    Why,
    at,
    distance,
)


def deal(households: Sequence[Household], liaisons: Sequence[Liaison]) -> Deal:
    """Deal these households to these liaisons; the same facts in the same order, the same deal.

    Both must be whole for every community that either names, or limits could be passed.
    """
    serving = {liaison.person: liaison for liaison in liaisons if liaison.serving}
    tables: defaultdict[int, _Table] = defaultdict(_Table)
    for liaison in serving.values():
        if liaison.place.community is not None:
            tables[liaison.place.community].seat(liaison)
    for household in households:
        if household.place.community is not None:
            tables[household.place.community].lay(household)
    for table in tables.values():
        table.deal()
    return _read(households, serving, tables)


@dataclass(slots=True)
class _Hand:
    """A liaison and the households they hold so far."""

    liaison: Liaison
    held: dict[int, Household] = field(default_factory=dict)

    @property
    def short(self) -> int:
        return max(0, self.liaison.at_least - len(self.held))

    @property
    def spare(self) -> int:
        return len(self.held) - self.liaison.at_least

    @property
    def room(self) -> int:
        return self.liaison.at_most - len(self.held)

    def movable(self) -> Iterator[Household]:
        return (one for one in self.held.values() if not self.keeps(one))

    def keeps(self, household: Household) -> bool:
        """Whether it was given to this liaison by hand."""
        return household.fixed and household.liaison == self.liaison.person

    def to(self, household: Household) -> int:
        return distance(household.place, self.liaison.place)


class _Table:
    """One community being dealt. Each step leaves what the steps before it reached untouched."""

    def __init__(self) -> None:
        self.hands: dict[int, _Hand] = {}
        self.pool: dict[int, Household] = {}
        self.released: set[int] = set()

    def seat(self, liaison: Liaison) -> None:
        self.hands[liaison.person] = _Hand(liaison)

    def lay(self, household: Household) -> None:
        """To the own liaison where they serve here, else into the middle."""
        own = None if household.liaison is None else self.hands.get(household.liaison)
        (self.pool if own is None else own.held)[household.id] = household

    def deal(self) -> None:
        for hand in self.hands.values():
            self._release(hand)
        self._spread(lambda hand: hand.short > 0)
        self._spread(lambda hand: hand.room > 0)
        self._share()

    def _release(self, hand: _Hand) -> None:
        """What is too many goes back into the middle, the farthest first."""
        if hand.room >= 0:
            return
        farthest = sorted(hand.held.values(), key=lambda one: (one.fixed, -hand.to(one), -one.id))
        for household in farthest[: -hand.room]:
            self.pool[household.id] = hand.held.pop(household.id)
            self.released.add(household.id)

    def _spread(self, wants: Callable[[_Hand], bool]) -> None:
        """Deal out the pool to those who want more: nearest pairs first, then the least loaded."""
        for reach in range(4):
            near: defaultdict[int | None, list[_Hand]] = defaultdict(list)
            for hand in self.hands.values():
                near[at(hand.liaison.place, reach)].append(hand)
            near.pop(None, None)
            for household in list(self.pool.values()):
                wanting = filter(wants, near.get(at(household.place, reach), ()))
                least = min(wanting, key=lambda hand: len(hand.held), default=None)
                if least is not None:
                    least.held[household.id] = self.pool.pop(household.id)

    def _share(self) -> None:
        """Fill who is still short from who has more than their least.

        Somebody is short here only if the pool ran out before anybody was dealt more than their
        least, so every household that changes hands is one that must.
        """
        for short in [hand for hand in self.hands.values() if hand.short]:
            while short.short:
                spare = [hand for hand in self.hands.values() if hand.spare > 0]
                pairs = ((hand, household) for hand in spare for household in hand.movable())
                taken = min(pairs, key=lambda pair: _farther(short, *pair), default=None)
                if taken is None:
                    return
                giver, household = taken
                short.held[household.id] = giver.held.pop(household.id)


def _farther(short: _Hand, giver: _Hand, household: Household) -> tuple[int, int, int]:
    return short.to(household) - giver.to(household), -len(giver.held), household.id


def _read(
    households: Sequence[Household],
    serving: Mapping[int, Liaison],
    tables: Mapping[int, _Table],
) -> Deal:
    hands = {person: hand for table in tables.values() for person, hand in table.hands.items()}
    holders = {one: person for person, hand in hands.items() for one in hand.held}
    released = {one for table in tables.values() for one in table.released}
    assigned = {one.id: holders[one.id] for one in households if one.id in holders}
    uncovered = tuple(one.id for one in households if one.id not in holders)
    loads = [Load(person, len(hands[person].held) if person in hands else 0) for person in serving]
    return Deal(
        assigned=assigned,
        moved=tuple(_moves(households, serving, assigned, released)),
        uncovered=uncovered,
        under=tuple(load for load in loads if load.households < serving[load.person].at_least),
        over=tuple(load for load in loads if load.households > serving[load.person].at_most),
        lacking=lacking(one for one in households if one.id not in holders),
        cost=Cost(
            uncovered=len(uncovered),
            shortfall=sum(
                max(0, serving[load.person].at_least - load.households) for load in loads
            ),
            moved=sum(
                one.liaison in serving and one.liaison != assigned.get(one.id) for one in households
            ),
            distance=sum(
                hand.to(household) for hand in hands.values() for household in hand.held.values()
            ),
        ),
    )


def _moves(
    households: Iterable[Household],
    serving: Mapping[int, Liaison],
    assigned: Mapping[int, int],
    released: Set[int],
) -> Iterator[Move]:
    for one in households:
        to = assigned.get(one.id)
        if to != one.liaison:
            yield Move(one.id, one.liaison, to, _why(one, serving, released))


def _why(household: Household, serving: Mapping[int, Liaison], released: Set[int]) -> Why:
    if household.liaison is None:
        return Why.FIRST
    own = serving.get(household.liaison)
    if own is None:
        return Why.LEFT
    if own.place.community != household.place.community:
        return Why.ELSEWHERE
    return Why.FULL if household.id in released else Why.SHARED
