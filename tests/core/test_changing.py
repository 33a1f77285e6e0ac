"""Whose household is whose now, from facts alone: who is told of one that the grid looks after."""

from dataclasses import replace

import pytest

from bot.core.changing import Turn, Turned, tells
from bot.core.notices import GridHas
from tests.build import COMMUNITY, GRID, LIAISON, NOW, PROPERTY, SUBDISTRICT, a_place
from tests.shipped import shipped


@pytest.mark.parametrize(
    ("away", "who"),
    [
        ({LIAISON}, GRID),
        ({LIAISON, GRID}, COMMUNITY),
        ({LIAISON, GRID, COMMUNITY, SUBDISTRICT}, PROPERTY),
    ],
)
def test_a_household_without_liaison_is_told_to_who_would_hold_its_issues(
    away: set[int], who: int
) -> None:
    place = replace(a_place(away=frozenset(away)), liaison=None)
    told = tells([Turned(Turn.MOVED, place)], shipped(NOW), frozenset())
    assert [tell.person_id for tell in told if isinstance(tell.notice, GridHas)] == [who]
