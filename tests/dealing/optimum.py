"""The cheapest deal found in other ways: by trying all, and by a solver on the plain model.

Knows the rule of contract section 7 in its own words: a variable for each household and each
liaison of its community. Shares nothing with what it is compared with but the facts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product

from ortools.sat.python import cp_model

from bot.core.deals import Household, Liaison, Place

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
    """By CP-SAT on household × liaison pairs, one part after the other, each held to its best."""
    model = cp_model.CpModel()
    found: list[int] = []
    for part in _modelled(model, households, liaisons):
        model.minimize(part)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        assert solver.solve(model) == cp_model.OPTIMAL
        found.append(round(solver.objective_value))
        model.add(part == found[-1])
        _hint(model, solver)
    return tuple(found)


def _modelled(
    model: cp_model.CpModel, households: list[Household], liaisons: list[Liaison]
) -> Iterator[cp_model.LinearExprT]:
    """The limits, then each part of the cost in its turn."""
    serving = _serving(liaisons)
    goes: dict[tuple[int, int], cp_model.IntVar] = {}
    taking: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    for one in households:
        some, forced = _choices(one, serving)
        for who in some:
            goes[one.id, who] = model.new_bool_var(f"{one.id} to {who}")
            taking[who].append(goes[one.id, who])
        own = [goes[one.id, who] for who in some]
        model.add(sum(own) == 1 if forced else sum(own) <= 1)
    short = {}
    for who, liaison in serving.items():
        short[who] = model.new_int_var(0, liaison.at_least, f"short {who}")
        model.add(sum(taking[who]) <= liaison.at_most)
        model.add(sum(taking[who]) + short[who] >= liaison.at_least)
    by_id = {one.id: one for one in households}
    yield len(households) - sum(goes.values())
    yield sum(short.values())
    mine = [one for one in households if one.liaison in serving]
    yield len(mine) - sum(goes.get((one.id, one.liaison or 0), 0) for one in mine)
    yield sum(
        var * steps(by_id[home].place, serving[who].place) for (home, who), var in goes.items()
    )


def _hint(model: cp_model.CpModel, solver: cp_model.CpSolver) -> None:
    model.clear_hints()  # type: ignore[no-untyped-call]
    for index in range(len(model.proto.variables)):
        var = model.get_int_var_from_proto_index(index)
        model.add_hint(var, solver.value(var))


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
