"""What a deal is made from, read whole or of the communities that a change touches."""

from collections.abc import Collection

import pytest
from sqlalchemy import text

from bot.core.deals import Household, Liaison
from bot.store import deal_facts
from tests.town import Town


def changed(town: Town, *queries: str) -> None:
    with town.bot.engine.begin() as connection:
        for query in queries:
            connection.execute(text(query))


def everywhere(town: Town) -> deal_facts.Facts:
    with town.bot.engine.begin() as connection:
        return deal_facts.everywhere(connection, town.bot.now())


def within(town: Town, *codes: str) -> deal_facts.Facts:
    with town.bot.engine.begin() as connection:
        chosen = deal_facts.communities(connection, codes)
        return deal_facts.within(connection, town.bot.now(), chosen)


def apart(town: Town) -> set[str | None]:
    with town.bot.engine.begin() as connection:
        query = "select id, code from units"
        codes = {row.id: row.code for row in connection.execute(text(query))}
        found = deal_facts.out_of_joint(connection)
    return {None if one is None else codes[one] for one in found}


def only(facts: deal_facts.Facts, communities: Collection[int | None]) -> deal_facts.Facts:
    return deal_facts.Facts(
        tuple(one for one in facts.households if one.place.community in communities),
        tuple(one for one in facts.liaisons if one.place.community in communities),
    )


def of(facts: deal_facts.Facts) -> set[int | None]:
    """The communities that facts speak of."""
    both: list[Household | Liaison] = [*facts.households, *facts.liaisons]
    return {one.place.community for one in both}


def test_within_a_community_it_reads_what_the_whole_holds_of_it(town: Town) -> None:
    whole, one = everywhere(town), within(town, "A")
    assert (len(whole.households), len(whole.liaisons)) == (6, 3)
    assert (len(one.households), len(one.liaisons)) == (4, 2)
    assert one == only(whole, of(one))
    assert within(town, "A", "B") == whole
    assert within(town) == deal_facts.Facts((), ())


def test_by_hand_and_away_are_read_while_they_last(town: Town) -> None:
    changed(
        town,
        "update assignments set fixed = true"
        " where household_id = (select id from households where number = 'A101')",
        "update liaisons set leave_until = '2100-01-01' where id = 1",
        "update liaisons set leave_until = '2001-01-01' where id = 2",
    )
    facts = everywhere(town)
    assert [one.fixed for one in facts.households].count(True) == 1
    assert [one.away for one in facts.liaisons] == [True, False, False]


TO_B = "update households set unit_id = (select id from units where code = 'B-D1')"


@pytest.mark.parametrize("code", ["A", "B"])
def test_a_household_that_moved_ties_two_communities(town: Town, code: str) -> None:
    changed(town, f"{TO_B} where number = 'A101'")
    assert apart(town) == {"A", "B"}
    assert within(town, code) == everywhere(town)


def test_where_liaison_and_household_are_together_nothing_is_out_of_joint(town: Town) -> None:
    assert apart(town) == set()


def test_whose_liaison_stopped_is_out_of_joint_and_ties_nobody(town: Town) -> None:
    changed(town, "update liaisons set status = '停用' where id = 3")
    assert apart(town) == {"B"}
    assert {one.place.community for one in within(town, "A").households} == of(within(town, "A"))
    assert len(within(town, "B").households) == 2


def test_a_household_outside_of_any_community_is_told_as_such(town: Town) -> None:
    changed(
        town,
        "insert into units (code, parent_id, level, name, lineage)"
        " select 'X', id, '楼', '孤楼', lineage || currval('units_id_seq') from units"
        " where code = 'S' and nextval('units_id_seq') > 0",
        "update households set unit_id = (select id from units where code = 'X')"
        " where number = 'B101'",
    )
    assert apart(town) == {None, "B"}
    assert {one.place.community for one in everywhere(town).households} >= {None}


def test_what_a_person_touches_is_where_they_serve_and_where_their_households_are(
    town: Town,
) -> None:
    changed(town, f"{TO_B} where number = 'A101'")
    with town.bot.engine.begin() as connection:
        person = connection.scalar(text("select person_id from liaisons where id = 1"))
        assert person is not None
        touched = deal_facts.communities_of(connection, [person])
        assert touched == deal_facts.communities(connection, ["A", "B"])
