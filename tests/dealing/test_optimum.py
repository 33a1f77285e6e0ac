"""No deal is cheaper: held to an optimum found in other ways, over random communities."""

from dataclasses import replace

import pytest

from bot import flow
from bot.core.assignment import deal
from bot.core.deals import Deal
from tests.dealing.communities import TINY, USUAL, Facts, random_facts
from tests.dealing.optimum import Parts, parts, solved, tried


def counted(found: Deal, facts: Facts) -> Parts:
    """The deal's parts as counted anew, after they are seen to be what the deal says itself."""
    again = parts(*facts, dict(found.assigned))
    cost = found.cost
    assert (cost.uncovered, cost.shortfall, cost.moved, cost.distance) == again[:4]
    return again


@pytest.mark.parametrize("seed", range(800))
def test_no_deal_of_a_handful_is_cheaper_or_more_even(seed: int) -> None:
    facts = random_facts(seed, TINY)
    assert counted(deal(*facts, flow.solve), facts) == tried(*facts)


@pytest.mark.parametrize("seed", range(300))
def test_no_deal_of_the_plain_model_is_cheaper(seed: int) -> None:
    size = replace(USUAL, households=40, liaisons=8) if seed % 4 else USUAL
    facts = random_facts(seed, size)
    assert counted(deal(*facts, flow.solve), facts)[:4] == solved(*facts)
