"""What was dealt stays dealt: one change of life moves only those whom it must."""

from dataclasses import replace

import pytest

from bot import flow
from bot.core.assignment import deal
from bot.core.deals import Household, Why
from tests.dealing.communities import USUAL, Facts, random_facts


def dealt(seed: int) -> Facts:
    """A random community as its deal leaves it."""
    households, liaisons = random_facts(seed, USUAL)
    found = deal(households, liaisons, flow.solve).assigned
    return [replace(one, liaison=found.get(one.id)) for one in households], liaisons


@pytest.mark.parametrize("seed", range(150))
def test_dealing_again_moves_nobody(seed: int) -> None:
    assert deal(*dealt(seed), flow.solve).moved == ()


@pytest.mark.parametrize("seed", range(150))
def test_a_liaison_who_leaves_moves_their_own_households_only(seed: int) -> None:
    households, liaisons = dealt(seed)
    for index, leaving in [(at, one) for at, one in enumerate(liaisons) if one.serving][:3]:
        staying = [*liaisons[:index], replace(leaving, serving=False), *liaisons[index + 1 :]]
        found = deal(households, staying, flow.solve)
        theirs = {one.id for one in households if one.liaison == leaving.person}
        assert {move.household for move in found.moved} == theirs
        assert {move.why for move in found.moved} <= {Why.LEFT}
        assert found.cost.moved == 0


@pytest.mark.parametrize("seed", range(150))
def test_a_household_more_moves_no_other(seed: int) -> None:
    households, liaisons = dealt(seed)
    if not households:
        return
    newcomer = Household(9_999, households[0].place)
    found = deal([*households, newcomer], liaisons, flow.solve)
    assert {move.household for move in found.moved} <= {newcomer.id}


@pytest.mark.parametrize("seed", range(60))
def test_the_same_facts_are_the_same_deal(seed: int) -> None:
    facts = random_facts(seed, USUAL)
    assert deal(*facts, flow.solve) == deal(*facts, flow.solve)
