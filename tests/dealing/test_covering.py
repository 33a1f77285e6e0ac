"""No covering leaves fewer, changes less or is nearer: held to the optimum of the plain model."""

from collections import Counter
from dataclasses import replace

import pytest

from bot import flow
from bot.core.assignment import deal
from bot.core.covering import cover
from bot.core.deals import Household
from tests.dealing.communities import TINY, Facts, random_facts
from tests.dealing.optimum import parts, tried


@pytest.mark.parametrize("seed", range(300))
def test_no_covering_of_a_handful_is_cheaper(seed: int) -> None:
    households, liaisons = _some_away(seed)
    found = cover(households, liaisons, flow.solve)
    own = Counter(one.liaison for one in households)
    away = {one.person for one in liaisons if one.away and one.serving}
    covering = [
        replace(one, at_least=0, at_most=max(0, one.at_most - own[one.person]))
        for one in liaisons
        if not one.away
    ]
    waiting = [Household(one.id, one.place, one.cover) for one in households if one.liaison in away]
    assert set(found.covers) | set(found.left) == {one.id for one in waiting}
    least = tried(waiting, covering)
    assert parts(waiting, covering, dict(found.covers))[:4] == least[:4]


def _some_away(seed: int) -> Facts:
    """A community as it was dealt, covered, and then with one more or one fewer away."""
    households, liaisons = random_facts(seed, TINY)
    dealt = deal(households, liaisons, flow.solve).assigned
    households = [Household(one.id, one.place, dealt.get(one.id)) for one in households]
    covers = cover(households, liaisons, flow.solve).covers
    households = [replace(one, cover=covers.get(one.id)) for one in households]
    if liaisons:
        other = seed % len(liaisons)
        liaisons[other] = replace(liaisons[other], away=not liaisons[other].away)
    return households, liaisons
