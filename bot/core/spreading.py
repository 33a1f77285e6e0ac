"""Which household goes to whom in one community: groups the alike, has them shared out, pairs them.

Knows households and seats. Must not know what the rest of a deal is, how a flow is solved, nor
storage, names or sentences.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.core.deals import Household, at
from bot.core.tree_flow import Group, Seat, Shares, Solve, shares


def spread(households: Sequence[Household], seats: Sequence[Seat], solve: Solve) -> dict[int, int]:
    """Household id → person id of the best deal of one community; who is left is not in it.

    A household's `liaison` is whom it had so far; it counts where that person has a seat.
    """
    seat_of = {seat.person: index for index, seat in enumerate(seats)}
    if not households or not seats:
        return {}
    if _is_best(households, seats, seat_of):
        return {one.id: one.liaison for one in households if one.liaison is not None}
    alike: defaultdict[tuple[int, int | None], list[Household]] = defaultdict(list)
    for one in households:
        own = None if one.liaison is None else seat_of.get(one.liaison)
        alike[one.place.unit, own].append(one)
    groups = [Group(some[0].place, own, len(some)) for (_, own), some in alike.items()]
    return _pair(list(alike.values()), groups, seats, shares(groups, seats, solve))


def _is_best(
    households: Iterable[Household], seats: Sequence[Seat], seat_of: Mapping[int, int]
) -> bool:
    """Whether nothing can be better than that everybody stays: nobody is left, nobody moves and
    nobody is short while another has more than they want."""
    held = Counter(one.liaison for one in households)
    if any(person not in seat_of for person in held):
        return False
    pairs = [(seat, held[seat.person]) for seat in seats]
    return all(load <= seat.at_most for seat, load in pairs) and (
        all(load >= seat.at_least for seat, load in pairs)
        or all(load <= seat.at_least for seat, load in pairs)
    )


def _pair(
    alike: Sequence[list[Household]],
    groups: Sequence[Group],
    seats: Sequence[Seat],
    shared: Shares,
) -> dict[int, int]:
    """Give everybody a person: the first of a group stay, the rest go to what is free."""
    dealt: dict[int, int] = {}
    free = list(shared.loads)
    pool: list[Household] = []
    for some, group, kept in zip(alike, groups, shared.kept, strict=True):
        if group.own is not None:
            free[group.own] -= kept
            dealt.update((one.id, seats[group.own].person) for one in some[:kept])
        pool += some[kept:]
    rooms = [seat for seat, rooms in zip(seats, free, strict=True) for _ in range(rooms)]
    return dealt | _nearest(_without(pool, shared.left), rooms)


def _without(pool: Iterable[Household], left: Mapping[int, int]) -> list[Household]:
    """The pool without those that are left in each unit: the last of them."""
    if not left:
        return list(pool)
    by_unit: defaultdict[int, list[Household]] = defaultdict(list)
    for one in pool:
        by_unit[one.place.unit].append(one)
    return [one for unit, some in by_unit.items() for one in some[: len(some) - left.get(unit, 0)]]


def _nearest(pool: list[Household], rooms: list[Seat]) -> dict[int, int]:
    """As many as can be in each door, then in each building, and so up the tree.

    Who lives and who serves where is settled, so whatever cannot be paired below must climb, and
    no pairing is nearer in sum.
    """
    paired: dict[int, int] = {}
    for reach in range(4):
        near: defaultdict[int | None, list[Seat]] = defaultdict(list)
        for seat in reversed(rooms):
            near[at(seat.place, reach)].append(seat)
        higher = near.pop(None, [])
        waiting: list[Household] = []
        for one in pool:
            here = near.get(at(one.place, reach))
            if here:
                paired[one.id] = here.pop().person
            else:
                waiting.append(one)
        pool = waiting
        rooms = [seat for some in (higher, *near.values()) for seat in reversed(some)]
    return paired
