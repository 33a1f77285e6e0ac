"""Covering for those on leave: by whom, how far, and what becomes of it when they are back."""

from collections import Counter
from dataclasses import replace

from bot import flow
from bot.core import covering
from bot.core.assignment import deal
from bot.core.deals import Cover, Covering, Household, Liaison, Place

DOOR_A = Place(unit=111, building=11, grid=1, community=100)
DOOR_B = Place(unit=112, building=11, grid=1, community=100)
NEXT_GRID = Place(unit=211, building=21, grid=2, community=100)
ELSEWHERE = Place(unit=911, building=91, grid=9, community=900)


def homes(place: Place, *ids: int, liaison: int, cover: int | None = None) -> list[Household]:
    return [Household(one, place, liaison, cover=cover) for one in ids]


def covered(households: list[Household], liaisons: list[Liaison]) -> Covering:
    return covering.cover(households, liaisons, flow.solve)


def test_the_nearest_with_room_covers_and_the_grid_takes_what_is_left() -> None:
    households = [*homes(DOOR_A, *range(7), liaison=7), *homes(DOOR_B, *range(10, 18), liaison=8)]
    households += homes(NEXT_GRID, *range(20, 26), liaison=9)
    liaisons = [
        Liaison(7, DOOR_A, away=True),
        Liaison(8, DOOR_B),
        Liaison(9, NEXT_GRID, at_most=9),
        Liaison(10, ELSEWHERE),
    ]
    found = covered(households, liaisons)
    assert Counter(found.covers.values()) == {8: 2, 9: 3}
    assert len(found.left) == 2
    assert set(found.left) | set(found.covers) == set(range(7))
    assert found.changed == tuple(Cover(one, None, who) for one, who in found.covers.items())


def test_leave_is_no_move() -> None:
    households = homes(DOOR_A, *range(6), liaison=7)
    liaisons = [Liaison(7, DOOR_A, away=True), Liaison(8, DOOR_B, 0)]
    assert deal(households, liaisons, flow.solve).moved == ()


def test_whoever_is_away_or_does_not_serve_covers_nobody() -> None:
    households = homes(DOOR_A, 1, liaison=7)
    others = [Liaison(8, DOOR_A, away=True), Liaison(9, DOOR_A, serving=False)]
    found = covered(households, [Liaison(7, DOOR_A, away=True), *others])
    assert found.left == (1,)
    assert found.covers == {}
    assert found.changed == ()


def test_when_the_liaison_is_back_nobody_covers_any_more() -> None:
    households = homes(DOOR_A, 1, 2, liaison=7, cover=8)
    found = covered(households, [Liaison(7, DOOR_A), Liaison(8, DOOR_B)])
    assert found == Covering({}, (Cover(1, 8, None), Cover(2, 8, None)), ())


def test_who_covers_goes_on_although_another_is_nearer() -> None:
    households = homes(DOOR_A, 1, liaison=7, cover=9)
    liaisons = [Liaison(7, DOOR_A, away=True), Liaison(8, DOOR_A), Liaison(9, NEXT_GRID)]
    assert covered(households, liaisons).covers == {1: 9}
    gone = [*liaisons[:2], replace(liaisons[2], away=True)]
    assert covered(households, gone).changed == (Cover(1, 9, 8),)


def test_covering_is_shared_evenly_counting_what_they_have() -> None:
    households = homes(DOOR_A, *range(4), liaison=7)
    households += homes(DOOR_B, *range(10, 16), liaison=8) + homes(DOOR_B, 20, 21, liaison=9)
    liaisons = [Liaison(7, DOOR_A, away=True), Liaison(8, DOOR_B), Liaison(9, DOOR_B)]
    assert set(covered(households, liaisons).covers.values()) == {9}


def test_who_has_too_many_already_covers_none() -> None:
    households = homes(DOOR_A, 0, liaison=7) + homes(DOOR_A, *range(1, 4), liaison=8)
    liaisons = [Liaison(7, DOOR_A, away=True), Liaison(8, DOOR_A, 0, 2)]
    assert covered(households, liaisons).left == (0,)
