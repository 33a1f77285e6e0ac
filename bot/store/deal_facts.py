"""Reads the facts that a deal is made from: of all communities, or of those a change touches.

Knows units, households, liaisons and assignments as rows, and where they lie. Decides nothing,
writes nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from bot.core.deals import Household, Liaison, Place

_UNITS: Final = "select id, level, lineage from units"
_UNITS_WITHIN: Final = f"{_UNITS} where lineage && cast(:communities as bigint[])"

# One row of four columns: a million households are read as arrays in a second or two, as rows in
# many.
_HOUSEHOLDS: Final = """
    select array_agg(household.id order by household.id) as ids,
        array_agg(household.unit_id order by household.id) as units,
        array_agg(assignment.person_id order by household.id) as people,
        array_agg(coalesce(assignment.fixed, false) order by household.id) as fixed
    from households household
    left join assignments assignment
        on assignment.household_id = household.id and assignment.until is null
    where household.retired_at is null
"""
_LIAISONS: Final = """
    select person_id, unit_id, at_least, at_most, status = '在岗' as serving,
        coalesce(leave_until > :now, false) as away
    from liaisons
    where retired_at is null
"""

_COMMUNITY_OF: Final = """
    community_of as (
        select unit.id as unit, community.id as community
        from units unit
        cross join unnest(unit.lineage) above
        join units community on community.id = above and community.level = '社区'
    )
"""
# Households whose liaison does not serve, or serves in another community.
_OUT_OF_JOINT: Final = text(
    f"""
    with {_COMMUNITY_OF},
    apart as (
        select home.community as home, theirs.community as theirs
        from assignments assignment
        join households household on household.id = assignment.household_id
        left join community_of home on home.unit = household.unit_id
        left join liaisons liaison on liaison.person_id = assignment.person_id
            and liaison.retired_at is null and liaison.status = '在岗'
        left join community_of theirs on theirs.unit = liaison.unit_id
        where assignment.until is null and household.retired_at is null
            and (liaison.id is null or home.community is distinct from theirs.community)
    )
    select distinct home as community from apart
    union
    select theirs from apart where theirs is not null
    """
)
# Where liaisons of households here serve, and where households of liaisons here are.
_TIED: Final = text(
    """
    with beyond as (
        select unit_id from liaisons
        where person_id = any(cast(:owners as bigint[]))
            and retired_at is null and status = '在岗'
        union
        select household.unit_id
        from assignments assignment
        join households household on household.id = assignment.household_id
        where assignment.person_id = any(cast(:liaisons as bigint[]))
            and assignment.until is null and household.retired_at is null
    )
    select distinct community.id
    from beyond
    join units unit on unit.id = beyond.unit_id
    cross join unnest(unit.lineage) above
    join units community on community.id = above and community.level = '社区'
    """
)


@dataclass(frozen=True)
class Facts:
    """Of whole communities: every household and every liaison in them."""

    households: tuple[Household, ...]
    liaisons: tuple[Liaison, ...]


def everywhere(connection: Connection, now: datetime) -> Facts:
    """Of all communities, and of what lies outside of any."""
    places = _places(connection.execute(text(_UNITS)).all())
    liaisons = connection.execute(text(f"{_LIAISONS} order by id"), {"now": now}).all()
    households = connection.execute(text(_HOUSEHOLDS)).one()
    return Facts(_households(places, households), _liaisons(places, liaisons))


def within(connection: Connection, now: datetime, communities: Collection[int]) -> Facts:
    """Of these communities (ids), and of those they share a household and its liaison with.

    Reads no other community, so that one change costs the same in a village and in a district.
    """
    whole = set(communities)
    while True:
        facts = _facts_within(connection, now, whole)
        tied = _tied(connection, facts) - whole
        if not tied:
            return facts
        whole |= tied


def communities(connection: Connection, codes: Collection[str]) -> set[int]:
    """The ids of the communities with these codes."""
    query = text("select id from units where level = '社区' and code = any(cast(:codes as text[]))")
    return set(connection.scalars(query, {"codes": list(codes)}))


def communities_of(connection: Connection, people: Collection[int]) -> set[int]:
    """Where these people serve as liaisons, or have households: what their change touches."""
    query = text(
        """
        with touched as (
            select unit_id from liaisons where person_id = any(cast(:people as bigint[]))
            union
            select household.unit_id
            from assignments assignment
            join households household on household.id = assignment.household_id
            where assignment.person_id = any(cast(:people as bigint[]))
                and assignment.until is null
        )
        select distinct community.id
        from touched
        join units unit on unit.id = touched.unit_id
        cross join unnest(unit.lineage) above
        join units community on community.id = above and community.level = '社区'
        """
    )
    return set(connection.scalars(query, {"people": list(people)}))


def out_of_joint(connection: Connection) -> set[int | None]:
    """The communities where a household's liaison does not serve it any more, and those of such
    liaisons; None where a household that has one lies outside of any community."""
    return set(connection.scalars(_OUT_OF_JOINT))


def _facts_within(connection: Connection, now: datetime, communities: Collection[int]) -> Facts:
    units = connection.execute(text(_UNITS_WITHIN), {"communities": list(communities)}).all()
    places = _places(units)
    liaisons = connection.execute(
        text(f"{_LIAISONS} and unit_id = any(cast(:units as bigint[])) order by id"),
        {"now": now, "units": list(places)},
    ).all()
    households = connection.execute(
        text(f"{_HOUSEHOLDS} and household.unit_id = any(cast(:units as bigint[]))"),
        {"units": list(places)},
    ).one()
    return Facts(_households(places, households), _liaisons(places, liaisons))


def _households(places: dict[int, Place], row: Any) -> tuple[Household, ...]:
    columns = [column or () for column in (row.ids, row.units, row.people, row.fixed)]
    return tuple(
        Household(id_, places[unit], person, fixed)
        for id_, unit, person, fixed in zip(*columns, strict=True)
    )


def _liaisons(places: dict[int, Place], rows: Iterable[Any]) -> tuple[Liaison, ...]:
    return tuple(
        Liaison(
            row.person_id, places[row.unit_id], row.at_least, row.at_most, row.serving, row.away
        )
        for row in rows
    )


def _tied(connection: Connection, facts: Facts) -> set[int]:
    here = {one.person for one in facts.liaisons}
    owners = {one.liaison for one in facts.households} - here - {None}
    return set(connection.scalars(_TIED, {"owners": list(owners), "liaisons": list(here)}))


def _places(units: Sequence[Any]) -> dict[int, Place]:
    level = {unit.id: unit.level for unit in units}
    return {
        unit.id: _place({level.get(above, ""): above for above in unit.lineage}, unit.id)
        for unit in units
    }


def _place(line: dict[str, int], unit: int) -> Place:
    return Place(unit, line.get("楼"), line.get("网格"), line.get("社区"))
