"""Dealing held to its limits, to cases, and to the smallest cost that numbers allow."""

from collections import Counter
from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot import flow
from bot.core.assignment import deal as dealt_by_rule
from bot.core.deals import (
    Cost,
    Deal,
    Household,
    Lack,
    Liaison,
    Load,
    Move,
    Place,
    Want,
    Why,
    distance,
)

DOOR_A = Place(unit=111, building=11, grid=1, community=100)
DOOR_B = Place(unit=112, building=11, grid=1, community=100)
NEXT_BUILDING = Place(unit=121, building=12, grid=1, community=100)
NEXT_GRID = Place(unit=211, building=21, grid=2, community=100)
ELSEWHERE = Place(unit=911, building=91, grid=9, community=900)
PLACES = (DOOR_A, DOOR_B, NEXT_BUILDING, NEXT_GRID, ELSEWHERE)


def deal(households: list[Household], liaisons: list[Liaison]) -> Deal:
    return dealt_by_rule(households, liaisons, flow.solve)


def homes(place: Place, *ids: int, liaison: int | None = None) -> list[Household]:
    return [Household(one, place, liaison) for one in ids]


def test_distance_counts_the_nearest_place_that_two_share() -> None:
    assert [distance(DOOR_A, other) for other in PLACES] == [0, 1, 2, 3, 3]
    building = Place(unit=11, building=11, grid=1, community=100)
    assert distance(DOOR_A, building) == 1
    assert distance(building, building) == 0
    assert distance(Place(unit=5), Place(unit=6)) == 3


def test_a_household_goes_to_the_liaison_behind_the_same_door() -> None:
    liaisons = [Liaison(7, DOOR_B, at_least=0), Liaison(8, DOOR_A, at_least=0)]
    dealt = deal(homes(DOOR_A, 1, 2), liaisons)
    assert dealt.assigned == {1: 8, 2: 8}
    assert dealt.moved == (Move(1, None, 8, Why.FIRST), Move(2, None, 8, Why.FIRST))
    assert dealt.cost == Cost(uncovered=0, shortfall=0, moved=0, distance=0)


def test_nobody_gets_more_than_they_take_and_the_rest_is_lacking() -> None:
    dealt = deal(homes(DOOR_A, *range(25)), [Liaison(7, DOOR_A, 5, 10)])
    assert Counter(dealt.assigned.values()) == {7: 10}
    assert dealt.uncovered == tuple(range(10, 25))
    assert dealt.lacking == (Lack(100, 2, (Want(111, 2),)),)
    assert dealt.cost.uncovered == 15


def test_another_community_is_never_asked() -> None:
    dealt = deal(homes(DOOR_A, 1), [Liaison(7, ELSEWHERE, 5, 10)])
    assert dealt.assigned == {}
    assert dealt.under == (Load(7, 0),)
    assert dealt.cost == Cost(uncovered=1, shortfall=5, moved=0, distance=0)


def test_who_does_not_serve_keeps_and_gets_nothing() -> None:
    liaisons = [Liaison(7, DOOR_A, serving=False), Liaison(8, NEXT_GRID, 0)]
    dealt = deal(homes(DOOR_A, 1, liaison=7), liaisons)
    assert dealt.moved == (Move(1, 7, 8, Why.LEFT),)
    assert dealt.cost == Cost(uncovered=0, shortfall=0, moved=0, distance=3)


def test_the_own_liaison_stays_although_another_is_nearer() -> None:
    liaisons = [Liaison(7, NEXT_GRID, 0), Liaison(8, DOOR_A, 0)]
    assert deal(homes(DOOR_A, 1, 2, liaison=7), liaisons).moved == ()


def test_somebody_short_of_their_least_is_filled_from_who_can_spare() -> None:
    households = homes(DOOR_A, *range(6), liaison=7) + homes(DOOR_B, 6, 7, liaison=7)
    dealt = deal(households, [Liaison(7, DOOR_A, 5, 10), Liaison(8, DOOR_B, 5, 10)])
    assert dealt.moved == (
        Move(5, 7, 8, Why.SHARED),
        Move(6, 7, 8, Why.SHARED),
        Move(7, 7, 8, Why.SHARED),
    )
    assert dealt.under == (Load(8, 3),)
    assert dealt.cost == Cost(uncovered=0, shortfall=2, moved=3, distance=1)


def test_a_household_given_by_hand_stays_while_others_go() -> None:
    mine = homes(DOOR_A, *range(6), liaison=7)
    by_hand = [Household(6, DOOR_B, 7, fixed=True), Household(7, DOOR_B, 7, fixed=True)]
    dealt = deal(mine + by_hand, [Liaison(7, DOOR_A, 3, 7), Liaison(8, DOOR_B, 2, 10)])
    assert dealt.assigned[6] == dealt.assigned[7] == 7
    assert dealt.cost == Cost(uncovered=0, shortfall=0, moved=2, distance=2 + 2)


def test_a_household_given_by_hand_is_dealt_when_that_liaison_stops() -> None:
    liaisons = [Liaison(7, DOOR_A, serving=False), Liaison(8, DOOR_B, 0)]
    dealt = deal([Household(1, DOOR_A, 7, fixed=True)], liaisons)
    assert dealt.moved == (Move(1, 7, 8, Why.LEFT),)


def test_too_many_are_given_up_the_farthest_first() -> None:
    households = homes(NEXT_GRID, 1, liaison=7) + homes(DOOR_A, 2, 3, liaison=7)
    dealt = deal(households, [Liaison(7, DOOR_A, 0, 2)])
    assert dealt.moved == (Move(1, 7, None, Why.FULL),)
    assert dealt.uncovered == (1,)
    assert dealt.cost.moved == 1


def test_a_household_that_moved_to_another_community_changes_hands() -> None:
    dealt = deal(homes(ELSEWHERE, 1, liaison=7), [Liaison(7, DOOR_A, 0), Liaison(8, ELSEWHERE, 0)])
    assert dealt.moved == (Move(1, 7, 8, Why.ELSEWHERE),)
    assert dealt.cost.moved == 1


def test_equal_deals_are_even() -> None:
    liaisons = [Liaison(person, DOOR_A, 0, 10) for person in (7, 8, 9)]
    loads = Counter(deal(homes(DOOR_A, *range(9)), liaisons).assigned.values())
    assert loads == {7: 3, 8: 3, 9: 3}


def test_dealing_again_moves_nothing() -> None:
    households = [Household(one, PLACES[one % 4]) for one in range(40)]
    liaisons = [Liaison(100 + one, PLACES[one % 4], 5, 10) for one in range(5)]
    first = deal(households, liaisons)
    again = deal([Household(h.id, h.place, first.assigned.get(h.id)) for h in households], liaisons)
    assert again.moved == ()
    assert again.assigned == first.assigned


places = st.sampled_from(PLACES)


@st.composite
def liaison_facts(draw: st.DrawFn) -> list[Liaison]:
    found = draw(st.lists(st.tuples(places, st.integers(0, 3), st.integers(0, 2), st.booleans())))
    return [
        Liaison(person, place, least, least + more, serving or person % 2 == 0)
        for person, (place, least, more, serving) in enumerate(found[:4], 1000)
    ]


@st.composite
def household_facts(draw: st.DrawFn) -> list[Household]:
    owners = st.one_of(st.none(), st.integers(1000, 1004))
    found = draw(st.lists(st.tuples(places, owners), max_size=12))
    return [Household(one, place, owner) for one, (place, owner) in enumerate(found)]


@given(household_facts(), liaison_facts())
def test_every_deal_keeps_the_limits(households: list[Household], liaisons: list[Liaison]) -> None:
    dealt = deal(households, liaisons)
    serving = {one.person: one for one in liaisons if one.serving}
    by_id = {one.id: one for one in households}
    for household, person in dealt.assigned.items():
        assert by_id[household].place.community == serving[person].place.community
    loads = Counter(dealt.assigned.values())
    assert all(loads[one.person] <= one.at_most for one in serving.values())
    assert dealt.over == ()
    assert set(dealt.uncovered) | set(dealt.assigned) == set(by_id)
    assert not set(dealt.uncovered) & set(dealt.assigned)
    now = {one.id: dealt.assigned.get(one.id) for one in households}
    assert {move.household: move.to for move in dealt.moved} == {
        one.id: now[one.id] for one in households if one.liaison != now[one.id]
    }
    assert dealt.cost.distance == sum(
        distance(by_id[one].place, serving[person].place) for one, person in dealt.assigned.items()
    )


@given(household_facts(), liaison_facts())
def test_any_deal_dealt_again_stays(households: list[Household], liaisons: list[Liaison]) -> None:
    first = deal(households, liaisons)
    dealt = [Household(one.id, one.place, first.assigned.get(one.id)) for one in households]
    again = deal(dealt, liaisons)
    assert again.moved == ()
    assert again.cost == replace(first.cost, moved=0)


@given(household_facts(), liaison_facts())
def test_no_other_loads_cost_less(households: list[Household], liaisons: list[Liaison]) -> None:
    dealt = deal(households, liaisons)
    least = (0, 0, 0)
    for community in {place.community for place in PLACES}:
        least = tuple(map(sum, zip(least, _least(community, households, liaisons), strict=True)))  # type: ignore[assignment]
    assert (dealt.cost.uncovered, dealt.cost.shortfall, dealt.cost.moved) == least


def _least(
    community: int | None, households: list[Household], liaisons: list[Liaison]
) -> tuple[int, int, int]:
    """The smallest cost of one community by trying every load of every liaison."""
    here = [one for one in liaisons if one.serving and one.place.community == community]
    mine = [one for one in households if one.place.community == community]
    anywhere = {one.person for one in liaisons if one.serving}
    own = Counter(one.liaison for one in mine if one.liaison in anywhere)
    best: list[tuple[int, int, int]] = []
    for loads in product(*(range(one.at_most + 1) for one in here)):
        if sum(loads) > len(mine):
            continue
        kept = sum(min(load, own[one.person]) for load, one in zip(loads, here, strict=True))
        short = sum(max(0, one.at_least - load) for load, one in zip(loads, here, strict=True))
        best.append((len(mine) - sum(loads), short, own.total() - kept))
    return min(best)
