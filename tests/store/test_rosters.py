"""The roster in a real database: what a plan says is what is stored, and history stays."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from bot import excel
from bot.core.roster import (
    HouseholdRow,
    Level,
    LiaisonRow,
    Post,
    Present,
    Roster,
    StaffRow,
    Standing,
    UnitRow,
)
from bot.core.roster.difference import difference
from bot.core.roster.rows import parse
from bot.store import rosters
from bot.store.engine import connect
from bot.store.rosters.plans import apply

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "config" / "sample" / "roster.xlsx"

UNITS = (
    UnitRow("S", None, Level.SUBDISTRICT, "东街道"),
    UnitRow("C", "S", Level.COMMUNITY, "一社区"),
    UnitRow("G1", "C", Level.GRID, "一网格"),
    UnitRow("G2", "C", Level.GRID, "二网格"),
    UnitRow("B1", "G1", Level.BUILDING, "1号楼"),
    UnitRow("D1", "B1", Level.DOOR, "1单元"),
    UnitRow("D2", "B1", Level.DOOR, "2单元"),
)
SMALL = Roster(
    units=UNITS,
    households=tuple(HouseholdRow(f"H{n}", "D1", f"{n}01", None, None) for n in range(1, 7)),
    liaisons=(
        LiaisonRow("王秀英", "13800000001", "D1", 5, 10, Standing.SERVING),
        LiaisonRow("李建国", "13800000002", "D2", 0, 10, Standing.SERVING),
    ),
    staff=(
        StaffRow("张敏", "13800000003", "G1", Post.GRID_HEAD, 0),
        StaffRow("赵强", "13800000004", "S", Post.OFFICER, 0),
    ),
)


@pytest.fixture
def engine(fresh_database: Callable[[], str]) -> Iterator[Engine]:
    made = connect(fresh_database())
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction that is never committed."""
    with engine.connect() as made:
        yield made


def load(connection: Connection, roster: Roster, at: datetime = NOW) -> None:
    apply(connection, difference(roster, rosters.present(connection)), at)


def as_sets(roster: Roster) -> tuple[set[Any], ...]:
    return set(roster.units), set(roster.households), set(roster.liaisons), set(roster.staff)


def one(connection: Connection, query: str, **values: Any) -> Any:
    return connection.execute(text(query), values).one()


def test_the_sample_is_stored_as_it_stands_and_in_its_order(connection: Connection) -> None:
    sample = parse(excel.read(SAMPLE))
    assert isinstance(sample, Roster)
    assert rosters.is_empty(connection)
    load(connection, sample)
    stored = rosters.present(connection)
    assert stored.households == sample.households
    assert stored.liaisons == sample.liaisons
    assert as_sets(stored) == as_sets(sample)
    assert difference(sample, stored).is_empty
    assert not rosters.is_empty(connection)


def test_every_unit_knows_the_line_above_it(connection: Connection) -> None:
    load(connection, SMALL)
    moved = replace(SMALL, units=(*UNITS[:4], replace(UNITS[4], parent="G2"), *UNITS[5:]))
    load(connection, moved)
    line = "select array_agg(code order by place) as codes from units below,"
    line += " unnest(below.lineage) with ordinality as above (id, place)"
    line += " join units using (id) where below.code = 'D1' group by below.id"
    line = line.replace("array_agg(code", "array_agg(units.code")
    assert one(connection, line).codes == ["S", "C", "G2", "B1", "D1"]


def test_a_new_phone_leaves_the_person_as_they_were(connection: Connection) -> None:
    load(connection, SMALL)
    person = one(connection, "select id from people where phone = '13800000001'").id
    connection.execute(text("update people set openid = 'o1' where id = :id"), {"id": person})
    changed = replace(SMALL.liaisons[0], phone="13800000011")
    load(connection, replace(SMALL, liaisons=(changed, SMALL.liaisons[1])))
    found = one(connection, "select id, openid, name from people where phone = '13800000011'")
    assert found == (person, "o1", "王秀英")
    assert changed in rosters.present(connection).liaisons


def test_what_leaves_keeps_its_row_and_what_returns_takes_it_up(connection: Connection) -> None:
    load(connection, SMALL)
    rows = "select (select count(*) from households), (select count(*) from liaisons),"
    rows += " (select count(*) from staff), (select count(*) from units)"
    before = one(connection, rows)
    less = Roster(UNITS[:5], SMALL.households[:0], SMALL.liaisons[:0], SMALL.staff[1:])
    load(connection, less, NOW + timedelta(days=1))
    assert as_sets(rosters.present(connection)) == as_sets(less)
    gone = one(connection, "select retired_at from households where number = 'H1'")
    assert gone.retired_at == NOW + timedelta(days=1)
    load(connection, SMALL, NOW + timedelta(days=2))
    assert as_sets(rosters.present(connection)) == as_sets(SMALL)
    assert one(connection, rows) == before


def test_a_promotion_keeps_leave_and_leaves_the_old_post_in_history(connection: Connection) -> None:
    load(connection, SMALL)
    connection.execute(
        text("update staff set leave_until = :until where post = '网格长'"), {"until": NOW}
    )
    promoted = StaffRow("张敏", "13800000003", "C", Post.SECRETARY, 0)
    load(connection, replace(SMALL, staff=(promoted, SMALL.staff[1])))
    assert promoted in rosters.present(connection).staff
    kept = one(connection, "select leave_until from staff where post = '社区书记'")
    assert kept.leave_until == NOW
    old = one(connection, "select retired_at from staff where post = '网格长'")
    assert old.retired_at == NOW


def test_a_phone_taken_over_from_somebody_gone_is_theirs_no_more(connection: Connection) -> None:
    load(connection, SMALL)
    load(connection, replace(SMALL, liaisons=SMALL.liaisons[:1]))
    changed = replace(SMALL.liaisons[0], phone="13800000002")
    load(connection, replace(SMALL, liaisons=(changed,)))
    assert one(connection, "select name from people where phone = '13800000002'").name == "王秀英"
    assert one(connection, "select phone from people where name = '李建国'").phone is None


def test_numbers_that_pass_in_a_ring_leave_everybody_who_they_were(connection: Connection) -> None:
    load(connection, SMALL)
    names = "select array_agg(name order by id) as names from people"
    before = one(connection, names).names
    first, second = SMALL.liaisons
    swapped = (replace(first, phone=second.phone), replace(second, phone=first.phone))
    load(connection, replace(SMALL, liaisons=swapped))
    assert one(connection, names).names == before
    assert as_sets(rosters.present(connection))[2] == set(swapped)


def test_a_number_taken_over_in_the_same_file_retires_who_left(connection: Connection) -> None:
    load(connection, SMALL)
    taken = replace(SMALL.liaisons[0], phone=SMALL.liaisons[1].phone)
    load(connection, replace(SMALL, liaisons=(taken,)))
    assert rosters.present(connection).liaisons == (taken,)
    left = "select name from people join liaisons on person_id = people.id"
    assert one(connection, f"{left} where retired_at is not null").name == "李建国"


def test_a_number_that_returns_under_another_name_is_somebody_else(connection: Connection) -> None:
    load(connection, SMALL)
    second = SMALL.liaisons[1]
    connection.execute(
        text("update people set openid = 'o2' where phone = :phone"), {"phone": second.phone}
    )
    load(connection, replace(SMALL, liaisons=SMALL.liaisons[:1]))
    newcomer = replace(second, name="孙文军")
    load(connection, replace(SMALL, liaisons=(SMALL.liaisons[0], newcomer)))
    found = "select name, openid from people where phone = :phone"
    assert one(connection, found, phone=second.phone) == ("孙文军", None)
    assert one(connection, "select name, phone from people where openid = 'o2'") == (
        second.name,
        None,
    )
    load(connection, replace(SMALL, liaisons=(SMALL.liaisons[0],)))
    load(connection, replace(SMALL, liaisons=(SMALL.liaisons[0], newcomer)))
    assert one(connection, "select count(*) as n from people where name = '孙文军'").n == 1


def test_who_leaves_has_no_good_code_any_more(connection: Connection) -> None:
    load(connection, SMALL)
    connection.execute(
        text(
            "insert into invites (person_id, code, made_at, expires_at)"
            " select id, phone, :now, :later from people"
        ),
        {"now": NOW, "later": NOW + timedelta(days=14)},
    )
    load(connection, replace(SMALL, liaisons=SMALL.liaisons[:1]), NOW + timedelta(days=1))
    good = text("select count(*) from invites where expires_at > :now")
    assert connection.execute(good, {"now": NOW + timedelta(days=1)}).scalar_one() == 3


PEOPLE = ("王秀英", "李建国", "张敏", "赵强")
PHONES = tuple(f"1380000010{n}" for n in range(6))


@st.composite
def rosters_of_one_community(draw: st.DrawFn) -> Roster:
    phones = dict(zip(PEOPLE, draw(st.permutations(PHONES)), strict=False))
    doors = draw(st.lists(st.sampled_from(("D1", "D2", "B1")), min_size=1, max_size=4))
    serving = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    posts = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PEOPLE),
                st.sampled_from(("S", "C", "G1")),
                st.sampled_from((Post.GRID_HEAD, Post.OFFICER)),
            ),
            unique=True,
            max_size=5,
        )
    )
    place = {unit: iter(range(9)) for unit in ("S", "C", "G1")}
    grid = draw(st.sampled_from(("G1", "G2", "C")))
    return Roster(
        units=tuple(replace(unit, parent=grid) if unit.code == "B1" else unit for unit in UNITS),
        households=tuple(
            HouseholdRow(f"H{n}", door, str(n), None, None) for n, door in enumerate(doors)
        ),
        liaisons=tuple(
            LiaisonRow(name, phones[name], draw(st.sampled_from(("D1", "C"))), 5, 10, standing)
            for name in serving
            for standing in [draw(st.sampled_from(Standing))]
        ),
        staff=tuple(
            StaffRow(name, phones[name], unit, post, next(place[unit]))
            for name, unit, post in posts
        ),
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=rosters_of_one_community(), then=rosters_of_one_community())
def test_after_any_two_rosters_the_second_is_stored(
    engine: Engine, first: Roster, then: Roster
) -> None:
    with engine.connect() as connection:
        load(connection, first)
        assert as_sets(rosters.present(connection)) == as_sets(first)
        before: Present = rosters.present(connection)
        load(connection, then)
        after = rosters.present(connection)
        kept_street = {one for one in before.staff if one.unit == "S"}
        if any(one.unit == "S" for one in then.staff):
            kept_street = set()
        assert {one for one in after.staff if one.unit != "S"} == {
            one for one in then.staff if one.unit != "S"
        }
        assert {(one.unit, one.post) for one in kept_street} <= {
            (one.unit, one.post) for one in after.staff
        }
        assert as_sets(after)[:3] == as_sets(then)[:3]
