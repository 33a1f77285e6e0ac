"""Builders: a small subdistrict as a roster, and places, people and issues without a database.

The district of `DISTRICT`, as it is dealt:

    绿荫街道                    周专员 (街道专员), 高管理 (管理员)
      甲社区                    林书记 (社区书记), 钱社工 (社工)
        甲一网格                赵物业 (物业, first in the sheet), 张网格 (网格长)
          1号楼 1单元 101, 102  王联络
                2单元 201       李联络
                3单元 301       nobody
      乙社区                    何书记 (社区书记)
        乙一网格                郭网格 (网格长)
          1号楼 1单元 101       陈联络
          2号楼 1单元 101       陈联络

Holds no stand-in for our own code: everything is made of the trade's own classes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.core import commands
from bot.core.facts import Facts, Heard
from bot.core.issue import Issue, State
from bot.core.ladder import Ladder, Tier
from bot.core.messages import Kind, Said
from bot.core.people import Household, Person, Place, Resident, Role, Server, Unit
from bot.core.people import Post as PostOf
from bot.core.roster import (
    HouseholdRow,
    Level,
    LiaisonRow,
    Post,
    Roster,
    StaffRow,
    Standing,
    UnitRow,
)
from bot.core.standing import Terms
from bot.core.workdays import Calendar, Duration, WallClock

NOW: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in China

DISTRICT: Final = Roster(
    units=(
        UnitRow("S", None, Level.SUBDISTRICT, "绿荫街道"),
        UnitRow("A", "S", Level.COMMUNITY, "甲社区"),
        UnitRow("A-G", "A", Level.GRID, "甲一网格"),
        UnitRow("A-B", "A-G", Level.BUILDING, "1号楼"),
        UnitRow("A-D1", "A-B", Level.DOOR, "1单元"),
        UnitRow("A-D2", "A-B", Level.DOOR, "2单元"),
        UnitRow("A-D3", "A-B", Level.DOOR, "3单元"),
        UnitRow("B", "S", Level.COMMUNITY, "乙社区"),
        UnitRow("B-G", "B", Level.GRID, "乙一网格"),
        UnitRow("B-B", "B-G", Level.BUILDING, "1号楼"),
        UnitRow("B-D1", "B-B", Level.DOOR, "1单元"),
        UnitRow("B-B2", "B-G", Level.BUILDING, "2号楼"),
        UnitRow("B-D2", "B-B2", Level.DOOR, "1单元"),
    ),
    households=(
        HouseholdRow("A101", "A-D1", "101", "户主甲一", "13911000101"),
        HouseholdRow("A102", "A-D1", "102", "户主甲二", "13911000102"),
        HouseholdRow("A201", "A-D2", "201", "户主甲三", "13911000201"),
        HouseholdRow("A301", "A-D3", "301", "户主甲四", "13911000301"),
        HouseholdRow("B101", "B-D1", "101", "户主乙一", "13922000101"),
        HouseholdRow("B201", "B-D2", "101", "户主乙二", "13922000201"),
    ),
    liaisons=(
        LiaisonRow("王联络", "13800000001", "A-D1", 0, 2, Standing.SERVING),
        LiaisonRow("李联络", "13800000002", "A-D2", 0, 1, Standing.SERVING),
        LiaisonRow("陈联络", "13800000003", "B-D1", 0, 5, Standing.SERVING),
    ),
    staff=(
        StaffRow("赵物业", "13700000001", "A-G", Post.PROPERTY, 0),
        StaffRow("张网格", "13700000002", "A-G", Post.GRID_HEAD, 1),
        StaffRow("林书记", "13700000003", "A", Post.SECRETARY, 0),
        StaffRow("钱社工", "13700000004", "A", Post.SOCIAL_WORKER, 1),
        StaffRow("周专员", "13700000005", "S", Post.OFFICER, 0),
        StaffRow("高管理", "13700000006", "S", Post.ADMINISTRATOR, 1),
        StaffRow("郭网格", "13700000007", "B-G", Post.GRID_HEAD, 0),
        StaffRow("何书记", "13700000008", "B", Post.SECRETARY, 0),
    ),
)

LIAISONS: Final = tuple(row.name for row in DISTRICT.liaisons)
STAFF: Final = tuple(row.name for row in DISTRICT.staff)
EVERYBODY: Final = LIAISONS + STAFF
PHONES: Final = tuple(
    phone
    for phone in (
        *(row.phone for row in DISTRICT.households),
        *(row.phone for row in DISTRICT.liaisons),
        *(row.phone for row in DISTRICT.staff),
    )
    if phone
)


def wall_ladder() -> Ladder:
    """Four tiers on the wall clock: an hour to answer, a day to handle, three days to close."""
    names = (
        ("liaison", "联络员", None),
        ("grid", "网格", "网格"),
        ("community", "社区", "社区"),
        ("subdistrict", "街道", "街道"),
    )
    hour, day = Duration(time=timedelta(hours=1)), Duration(days=1)
    return Ladder(
        tiers=tuple(
            Tier(place, key, name, level, hour, day, WallClock())
            for place, (key, name, level) in enumerate(names)
        ),
        tick=timedelta(seconds=5),
        close_after=Duration(days=3),
        remind=(Duration(days=1), Duration(days=2)),
        urgent_answer_within=timedelta(minutes=15),
        urgent_tell_tiers=3,
    )


def terms(now: datetime = NOW) -> Terms:
    return Terms(wall_ladder(), Calendar(), now)


LINE: Final = (
    Unit(1, "S", "街道", "绿荫街道"),
    Unit(2, "A", "社区", "甲社区"),
    Unit(3, "A-G", "网格", "甲一网格"),
    Unit(4, "A-B", "楼", "1号楼"),
    Unit(5, "A-D1", "门", "1单元"),
)
RESIDENT, LIAISON, GRID, COMMUNITY, SUBDISTRICT, PROPERTY, STRANGER = 10, 20, 30, 40, 50, 60, 70
SERVERS: Final = (LIAISON, PROPERTY, GRID, COMMUNITY, SUBDISTRICT)


def a_server(person_id: int, level: str | None, post: str, *, there: bool = True) -> Server:
    units = {unit.level: unit.id for unit in LINE}
    role = Role.STAFF if level else Role.LIAISON
    name = f"人{person_id}"
    return Server(
        person_id, name, f"137{person_id:08}", role, post, there, level, units.get(level or "")
    )


def a_place(*, away: frozenset[int] = frozenset(), household: bool = True) -> Place:
    """Household 101 behind a door with somebody on every tier; who is in `away` is not there."""
    servers = (
        a_server(PROPERTY, "网格", "物业", there=PROPERTY not in away),
        a_server(GRID, "网格", "网格长", there=GRID not in away),
        a_server(COMMUNITY, "社区", "社区书记", there=COMMUNITY not in away),
        a_server(SUBDISTRICT, "街道", "街道专员", there=SUBDISTRICT not in away),
    )
    if not household:
        return Place(LINE[-1], LINE, staff=servers)
    liaison = a_server(LIAISON, None, "联络员", there=LIAISON not in away)
    return Place(LINE[-1], LINE, Household(1, "A101", "101"), liaison, servers)


def a_person(person_id: int, **held: Any) -> Person:
    """Whoever `a_place` knows under this id, with their part; `held` overrides."""
    posts = tuple(
        PostOf(server.unit_id or 0, server.level or "", server.post)
        for server in a_place().staff
        if server.person_id == person_id
    )
    known: dict[str, Any] = {
        "name": f"人{person_id}",
        "posts": posts,
        "is_liaison": person_id == LIAISON,
        "in_roster": bool(posts) or person_id == LIAISON,
        "home": a_place() if person_id == RESIDENT else None,
    }
    return Person(id=person_id, **(known | held))


def an_issue(no: int = 12, **held: Any) -> Issue:
    """The resident's, waiting for the liaison until in an hour; `held` overrides."""
    made = Issue(
        no=no,
        version=1,
        state=State.WAITING,
        tier="liaison",
        tier_place=0,
        place=a_place(),
        resident=Resident(RESIDENT, None),
        holder_id=LIAISON,
        holder_role=Role.LIAISON,
        holder_name="人20",
        holder_post="联络员",
        opened_at=NOW,
        said_at=NOW,
        due_at=NOW + timedelta(hours=1),
        first_words="电梯坏了",
    )
    return replace(made, **held)


def heard(text: str, me: Person, *, kind: Kind = Kind.TEXT, **facts: Any) -> Heard:
    said = Said("key", f"o{me.id}", "gh", kind, text, NOW)
    return Heard(said, commands.read(text), Facts(me=me, **facts), terms())


def with_state(issue: Issue, state: State) -> Issue:
    """The issue as it would stand in `state`."""
    values: Mapping[State, dict[str, Any]] = {
        State.WAITING: {},
        State.IN_HAND: {"answered_at": NOW},
        State.RESOLVED: {"answered_at": NOW, "resolved_at": NOW},
        State.CLOSED: {"due_at": None, "closed_at": NOW},
        State.WITHDRAWN: {"due_at": None, "closed_at": NOW},
    }
    return replace(issue, state=state, **values[state])


def handled(**held: Any) -> Issue:
    """In hand, to be resolved in a day; `held` overrides."""
    in_a_day = {"due_at": NOW + timedelta(days=1)}
    return replace(with_state(an_issue(), State.IN_HAND), **(in_a_day | held))
