"""Who looks after the households of liaisons who are on leave.

Knows that leave is no move: a household keeps its liaison and is covered meanwhile by another of
its community with room, counting what they have and what they cover, by the same distances as a
deal (contract section 7); where nobody has room, by its grid. Must not know how a flow is solved,
storage, names, sentences or the clock.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.deals import Cover, Covering, Household, Liaison
from bot.core.spreading import spread
from bot.core.tree_flow import Seat, Solve


def cover(households: Sequence[Household], liaisons: Sequence[Liaison], solve: Solve) -> Covering:
    """Who covers what from now on; the same facts in the same order, the same covering.

    A household's `liaison` is the one it keeps, its `cover` who looks after it so far; who covers
    goes on while they can. Both must be whole for every community that either names.
    """
    away = {one.person for one in liaisons if one.serving and one.away}
    waiting: defaultdict[int, list[Household]] = defaultdict(list)
    for one in households:
        if one.liaison in away and one.place.community is not None:
            waiting[one.place.community].append(replace(one, liaison=one.cover))
    seats = _seats(households, liaisons)
    covers: dict[int, int] = {}
    for community, some in waiting.items():
        covers |= spread(some, seats.get(community, ()), solve)
    return _read(households, away, covers)


def _seats(
    households: Sequence[Household], liaisons: Sequence[Liaison]
) -> Mapping[int, list[Seat]]:
    """Community → who of it is there, with the room that their own households leave."""
    own = Counter(one.liaison for one in households)
    seats: defaultdict[int, list[Seat]] = defaultdict(list)
    for one in liaisons:
        if one.serving and not one.away and one.place.community is not None:
            held = own[one.person]
            room = max(0, one.at_most - held)
            seats[one.place.community].append(Seat(one.person, one.place, 0, room, held))
    return seats


def _read(households: Sequence[Household], away: set[int], covers: Mapping[int, int]) -> Covering:
    return Covering(
        covers={one.id: covers[one.id] for one in households if one.id in covers},
        changed=tuple(
            Cover(one.id, one.cover, covers.get(one.id))
            for one in households
            if one.cover != covers.get(one.id)
        ),
        left=tuple(one.id for one in households if one.liaison in away and one.id not in covers),
    )
