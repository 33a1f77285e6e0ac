"""Random communities to deal: every shape that a subdistrict may have, from a seed.

Knows facts of a deal. Must not know how one is found.
"""

from dataclasses import dataclass
from random import Random

from bot.core.deals import Household, Liaison, Place

Facts = tuple[list[Household], list[Liaison]]


@dataclass(frozen=True)
class Size:
    """At most so many of each."""

    households: int
    liaisons: int
    grids: int = 3
    buildings: int = 3
    doors: int = 3
    room: int = 10


TINY = Size(households=6, liaisons=3, grids=2, buildings=2, doors=2, room=4)
USUAL = Size(households=200, liaisons=30)


def random_facts(seed: int, size: Size) -> Facts:
    """One community, or two that lend each other liaisons; the same seed, the same facts."""
    chance = Random(seed)
    places = _places(chance, 1, size)
    if chance.random() < 0.2:
        places += _places(chance, 2, size)
    liaisons = _liaisons(chance, places, size)
    return _households(chance, places, liaisons, size), liaisons


def _places(chance: Random, community: int, size: Size) -> list[Place]:
    """Doors; buildings that are doors themselves; grids and the community, where some live too."""
    top = community * 1000
    found = [Place(top, community=top)] * chance.randint(0, 1)
    for grid in range(top + 100, top + 100 * (1 + chance.randint(1, size.grids)), 100):
        found += [Place(grid, grid=grid, community=top)] * chance.randint(0, 1)
        for building in range(grid + 10, grid + 10 * (1 + chance.randint(1, size.buildings)), 10):
            above = None if chance.random() < 0.05 else grid
            found.append(Place(building, building, above, top))
            for door in range(1, 1 + chance.choice((0, size.doors))):
                found.append(Place(building + door, building, above, top))
    return found


def _liaisons(chance: Random, places: list[Place], size: Size) -> list[Liaison]:
    count = chance.choice((size.liaisons, chance.randint(1, size.liaisons)))
    count = 0 if chance.random() < 0.05 else count
    return [_liaison(chance, 1_000_000 + one, places, size.room) for one in range(count)]


def _liaison(chance: Random, person: int, places: list[Place], room: int) -> Liaison:
    at_most = chance.choice((room, room, chance.randint(0, room)))
    return Liaison(
        person,
        chance.choice(places),
        at_least=chance.choice((at_most // 2, at_most // 2, chance.randint(0, at_most))),
        at_most=at_most,
        serving=chance.random() < 0.85,
        away=chance.random() < 0.2,
    )


def _households(
    chance: Random, places: list[Place], liaisons: list[Liaison], size: Size
) -> list[Household]:
    """Nearly all dealt, none dealt or anything between; some to people who never were here."""
    room = sum(one.at_most for one in liaisons if one.serving)
    wished = chance.choice((size.households, chance.randint(0, size.households), room, room // 2))
    wished = wished or chance.randint(0, size.households)
    had = chance.choice((0.0, 0.5, 0.95))
    near_home = chance.random() < 0.5
    some = chance.sample(places, chance.randint(1, len(places)))
    found: list[Household] = []
    for one in range(min(wished, size.households)):
        place = chance.choice(some)
        neighbours = [liaison for liaison in liaisons if liaison.place.community == place.community]
        before = chance.choice((neighbours if near_home else liaisons) or [None])
        owned = before is not None and chance.random() < had
        found.append(Household(one, place, before.person if owned and before else None))
    if found and chance.random() < 0.2:
        found[0] = Household(0, found[0].place, 999)
    return _some_by_hand(chance, found, liaisons)


def _some_by_hand(
    chance: Random, households: list[Household], liaisons: list[Liaison]
) -> list[Household]:
    """Fix some to the liaison they have, never more than that liaison takes."""
    often = chance.choice((0.0, 0.0, 0.3))
    room = {one.person: one.at_most for one in liaisons}
    found: list[Household] = []
    for one in households:
        fixed = one.liaison in room and room[one.liaison] > 0 and chance.random() < often
        if fixed and one.liaison is not None:
            room[one.liaison] -= 1
        found.append(Household(one.id, one.place, one.liaison, fixed))
    return found
