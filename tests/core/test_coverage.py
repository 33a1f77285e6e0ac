"""What is lacking where, by cases and by counting it again."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.coverage import coverage, lacking
from bot.core.deals import USUAL_ROOM, Coverage, Household, Lack, Liaison, Load, Place, Want

DOOR_A = Place(unit=111, building=11, grid=1, community=100)
DOOR_B = Place(unit=112, building=11, grid=1, community=100)
NEXT_BUILDING = Place(unit=121, building=12, grid=1, community=100)
NEXT_GRID = Place(unit=211, building=21, grid=2, community=100)
GRID_ITSELF = Place(unit=1, grid=1, community=100)
OTHER = Place(unit=911, building=91, grid=9, community=900)
NOWHERE = Place(unit=5)


def homes(**places: tuple[Place, int]) -> list[Household]:
    spread = [place for place, count in places.values() for _ in range(count)]
    return [Household(one, place) for one, place in enumerate(spread)]


def test_a_door_that_fills_a_liaison_gets_one_and_what_is_left_is_put_together() -> None:
    alone = homes(a=(DOOR_A, 12), b=(DOOR_B, 9), c=(NEXT_BUILDING, 8))
    assert lacking(alone) == (Lack(100, 3, (Want(111, 1), Want(11, 1), Want(1, 1))),)


def test_the_last_few_want_one_in_the_smallest_unit_that_holds_them() -> None:
    assert lacking(homes(a=(DOOR_A, 3))) == (Lack(100, 1, (Want(111, 1),)),)
    apart = homes(a=(DOOR_A, 3), b=(NEXT_GRID, 3))
    assert lacking(apart) == (Lack(100, 1, (Want(100, 1),)),)
    assert lacking(homes(a=(GRID_ITSELF, 3), b=(DOOR_A, 1))) == (Lack(100, 1, (Want(1, 1),)),)


def test_each_community_lacks_its_own_and_outside_of_all_nobody_can_be_dealt() -> None:
    alone = homes(a=(DOOR_A, 1), b=(OTHER, 11), c=(NOWHERE, 1))
    assert [(one.community, one.liaisons) for one in lacking(alone)] == [(100, 1), (900, 2)]
    assert lacking([]) == ()


@given(st.lists(st.sampled_from([DOOR_A, DOOR_B, NEXT_BUILDING, NEXT_GRID, GRID_ITSELF])))
def test_the_wants_add_up_to_the_smallest_number(places: list[Place]) -> None:
    found = lacking(Household(one, place) for one, place in enumerate(places))
    assert sum(one.liaisons for one in found) == -(-len(places) // USUAL_ROOM)
    for lack in found:
        assert sum(want.liaisons for want in lack.wants) == lack.liaisons


def test_every_unit_counts_all_that_is_below_it() -> None:
    households = homes(a=(DOOR_A, 2), b=(NEXT_BUILDING, 1))
    liaisons = [
        Liaison(7, DOOR_A, 2, 2),
        Liaison(8, NEXT_BUILDING, 0, 0),
        Liaison(9, NEXT_BUILDING, serving=False),
    ]
    found = coverage(households, liaisons, {0: 7, 1: 9, 2: 8})
    assert found[111] == Coverage(111, 2, 1, 1, under=(Load(7, 1),), over=())
    assert found[121] == Coverage(121, 1, 1, 0, under=(), over=(Load(8, 1),))
    assert found[1] == found[100].__class__(1, 3, 2, 1, (Load(7, 1),), (Load(8, 1),))
    assert found.keys() == {111, 11, 121, 12, 1, 100}


def test_a_unit_with_nobody_to_deal_to_or_nothing_to_deal_is_counted_too() -> None:
    found = coverage(homes(a=(DOOR_A, 1)), [Liaison(7, OTHER, 0)], {})
    assert found[111].uncovered == 1
    assert found[111].liaisons == 0
    assert found[911] == Coverage(911, 0, 1, 0, under=(), over=())
