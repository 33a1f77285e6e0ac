"""The cheapest deal found in other ways: by trying all, and by a solver on the plain model.

Knows the rule of contract section 7 in its own words: a variable for each household and each
liaison of its community. Shares nothing with what it is compared with but the facts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from math import ceil
from typing import Any, Final

from ortools.linear_solver import pywraplp

from bot.core.deals import Household, Liaison, Place

_ROUNDING: Final = 1e-4

Parts = tuple[int, ...]
"""Uncovered, shortfall, moved, distance, and the sum of the squares of all loads."""


def tried(households: list[Household], liaisons: list[Liaison]) -> Parts:
    """By trying every deal there is: for a handful of households."""
    serving = _serving(liaisons)
    choices = [_choices(one, serving) for one in households]
    dealt = product(*[[*some, None] if not forced else some for some, forced in choices])
    return min(
        parts(households, liaisons, dict(zip((one.id for one in households), deal, strict=True)))
        for deal in dealt
        if all(load <= serving[who].at_most for who, load in _loads(deal).items())
    )


def parts(
    households: list[Household], liaisons: list[Liaison], dealt: dict[int, int | None]
) -> Parts:
    """What a deal costs, counted from the contract's words."""
    serving = _serving(liaisons)
    loads = _loads(tuple(dealt.values()))
    return (
        sum(dealt.get(one.id) is None for one in households),
        sum(max(0, one.at_least - loads[one.person]) for one in serving.values()),
        sum(one.liaison in serving and dealt.get(one.id) != one.liaison for one in households),
        sum(
            steps(one.place, serving[who].place)
            for one in households
            if (who := dealt.get(one.id)) is not None
        ),
        sum(load * load for load in loads.values()),
    )


def steps(one: Place, other: Place) -> int:
    """Distance of two places of one community."""
    if one.unit == other.unit:
        return 0
    if one.building is not None and one.building == other.building:
        return 1
    return 2 if one.grid is not None and one.grid == other.grid else 3


def solved(households: list[Household], liaisons: list[Liaison]) -> Parts:
    """By HiGHS on household × liaison pairs, one part after the other, each held to its best.

    Halves of households may be dealt here, so nothing whole can be less than what is found.
    """
    if not households or not _serving(liaisons):
        return parts(households, liaisons, {})[:4]
    model: Any = pywraplp.Solver.CreateSolver("HIGHS_LP")
    found: list[int] = []
    for part in _modelled(model, households, liaisons):
        model.Minimize(part)
        assert model.Solve() == pywraplp.Solver.OPTIMAL
        found.append(ceil(model.Objective().Value() - _ROUNDING))
        model.Add(part == found[-1])
    return tuple(found)


def _modelled(model: Any, households: list[Household], liaisons: list[Liaison]) -> Iterator[Any]:
    """The limits, then each part of the cost in its turn."""
    serving = _serving(liaisons)
    goes: dict[tuple[int, int], Any] = {}
    taking: defaultdict[int, list[Any]] = defaultdict(list)
    for one in households:
        some, forced = _choices(one, serving)
        for who in some:
            goes[one.id, who] = model.NumVar(0, 1, "")
            taking[who].append(goes[one.id, who])
        if some:
            total = model.Sum([goes[one.id, who] for who in some])
            model.Add(total == 1 if forced else total <= 1)
    short = {who: model.NumVar(0, one.at_least, "") for who, one in serving.items()}
    for who, liaison in serving.items():
        model.Add(model.Sum(taking[who]) <= liaison.at_most)
        model.Add(model.Sum([*taking[who], short[who]]) >= liaison.at_least)
    by_id = {one.id: one for one in households}
    mine = [one for one in households if one.liaison in serving]
    kept = [var for one in mine if (var := goes.get((one.id, one.liaison or 0))) is not None]
    yield len(households) - model.Sum(list(goes.values()))
    yield model.Sum(list(short.values()))
    yield len(mine) - model.Sum(kept)
    yield model.Sum(
        [var * steps(by_id[home].place, serving[who].place) for (home, who), var in goes.items()]
    )


def _choices(one: Household, serving: dict[int, Liaison]) -> tuple[list[int], bool]:
    """Who may have it, and whether it must go to them: it was given by hand."""
    home = one.place.community
    here = [who for who, liaison in serving.items() if liaison.place.community == home]
    if one.fixed and one.liaison in here:
        return [one.liaison], True
    return here, False


def _serving(liaisons: list[Liaison]) -> dict[int, Liaison]:
    return {one.person: one for one in liaisons if one.serving}


def _loads(deal: tuple[int | None, ...]) -> Counter[int]:
    return Counter(who for who in deal if who is not None)
