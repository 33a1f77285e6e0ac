"""What is lacking where: who has nobody, who has too few or too many, how many more are needed.

Knows places and counts of a deal, made or planned. Must not know how a deal is found, nor storage,
names or sentences.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.core.deals import USUAL_ROOM, Coverage, Household, Lack, Liaison, Load, Place, Want, at


def lacking(uncovered: Iterable[Household]) -> tuple[Lack, ...]:
    """How many further liaisons would cover these households, per community, and where.

    A liaison may have any household of the community, so their number is that of the households
    through USUAL_ROOM, rounded up. Households outside any community cannot be dealt at all.
    """
    at_home: defaultdict[int, list[Place]] = defaultdict(list)
    for household in uncovered:
        if household.place.community is not None:
            at_home[household.place.community].append(household.place)
    return tuple(
        Lack(community, -(-len(places) // USUAL_ROOM), _wants(places))
        for community, places in at_home.items()
    )


def _wants(places: Sequence[Place]) -> tuple[Want, ...]:
    """A liaison in each door that fills one, then in each building by what its doors leave over,
    then in each grid; the last few together need one more, in the smallest unit that holds them."""
    wants: Counter[int] = Counter()
    left = list(places)
    for reach in range(3):
        by_unit: defaultdict[int | None, list[Place]] = defaultdict(list)
        for place in left:
            by_unit[at(place, reach)].append(place)
        left = by_unit.pop(None, [])
        for unit, here in by_unit.items():
            full, rest = divmod(len(here), USUAL_ROOM)
            if full and unit is not None:
                wants[unit] += full
            left += here[len(here) - rest :]
    if left:
        wants[_around(left)] += -(-len(left) // USUAL_ROOM)
    return tuple(Want(unit, liaisons) for unit, liaisons in wants.items())


def _around(places: Sequence[Place]) -> int:
    """The smallest unit that holds all these places of one community."""
    for reach in range(4):
        units = {at(place, reach) for place in places}
        if len(units) == 1 and (unit := units.pop()) is not None:
            return unit
    raise AssertionError("places of two communities")


def coverage(
    households: Iterable[Household],
    liaisons: Iterable[Liaison],
    assigned: Mapping[int, int],
) -> dict[int, Coverage]:
    """How things stand in every unit that somebody lives in or serves, and in those above it.

    `assigned` is household id → person id, as now or as planned. In the order of the households.
    """
    serving = {one.person: one for one in liaisons if one.serving}
    homes: Counter[int] = Counter()
    alone: Counter[int] = Counter()
    for one in households:
        homes.update(_line(one.place))
        if assigned.get(one.id) not in serving:
            alone.update(_line(one.place))
    held = Counter(assigned.values())
    seated: defaultdict[int, list[Liaison]] = defaultdict(list)
    for liaison in serving.values():
        for unit in _line(liaison.place):
            seated[unit].append(liaison)
    return {
        unit: _standing(unit, homes[unit], alone[unit], seated.get(unit, ()), held)
        for unit in dict.fromkeys([*homes, *seated])
    }


def _line(place: Place) -> set[int]:
    """The unit and those above it, each once."""
    line = (place.unit, place.building, place.grid, place.community)
    return {unit for unit in line if unit is not None}


def _standing(
    unit: int, homes: int, alone: int, here: Sequence[Liaison], held: Counter[int]
) -> Coverage:
    loads = [(one, Load(one.person, held[one.person])) for one in here]
    return Coverage(
        unit=unit,
        households=homes,
        liaisons=len(here),
        uncovered=alone,
        under=tuple(load for one, load in loads if load.households < one.at_least),
        over=tuple(load for one, load in loads if load.households > one.at_most),
    )
