"""Whom staff mean, until when somebody is away, and where an issue goes when its people change."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.decision import Entry, Update
from bot.core.handing import hand_on
from bot.core.issue import State
from bot.core.leaving import read_until, shown
from bot.core.staffing import household_and_name, named
from tests.build import GRID, LIAISON, NOW, a_place, a_server, an_issue, terms, with_state

COVER = 21


@pytest.mark.parametrize(
    ("words", "name", "tail"),
    [
        ("王芳", "王芳", ""),
        ("王芳 0001", "王芳", "0001"),
        ("王芳0001", "王芳", "0001"),
        ("王芳（0001）", "王芳", "0001"),
        ("13800000001", "13800000001", ""),
        *(("王芳。", "王芳", ""), ("王芳！", "王芳", ""), ("联络员王芳，0001", "王芳", "0001")),
        ("", "", ""),
    ],
)
def test_a_liaison_is_named_by_name_phone_or_last_digits(words: str, name: str, tail: str) -> None:
    assert named(words) == (name, tail)


@pytest.mark.parametrize(
    ("words", "household", "name", "tail"),
    [
        ("502 王芳", "502", "王芳", ""),
        ("3号楼2单元502 王芳 0001", "3号楼2单元502", "王芳", "0001"),
        ("3号楼 2单元 502 王芳", "3号楼 2单元 502", "王芳", ""),
        ("三号楼 二单元 502 王芳", "三号楼 二单元 502", "王芳", ""),
        ("A101 13800000001", "A101", "13800000001", ""),
        ("3号楼2单元502 给王芳。", "3号楼2单元502", "王芳", ""),
        ("A101", "A101", "", ""),
        ("", "", "", ""),
    ],
)
def test_behind_the_household_stands_the_liaison(
    words: str, household: str, name: str, tail: str
) -> None:
    assert household_and_name(words) == (household, name, tail)


def test_days_last_to_their_end_and_waits_to_the_minute() -> None:
    waited = read_until("3天", terms())
    assert waited == NOW + timedelta(days=3)
    until = read_until("12月1日", terms())
    assert until is not None
    assert shown(until) == date(2026, 12, 1)
    assert shown(NOW + timedelta(days=3)) == NOW + timedelta(days=3)
    assert read_until("很久", terms()) is None


def test_a_waiting_issue_goes_to_who_covers_with_its_due_time() -> None:
    cover = a_server(COVER, None, "联络员")
    issue = an_issue(place=replace(a_place(away=frozenset({LIAISON})), cover=cover))
    decision = hand_on(issue, terms(), "covered", holder_is_there=False)
    (update,) = (one for one in decision.changes if isinstance(one, Update))
    assert update.values["holder_id"] == COVER
    assert "due_at" not in update.values
    (tell,) = decision.tells
    assert tell.person_id == COVER
    told = hand_on(issue, terms(), "left", holder_is_there=False).tells
    assert {one.person_id: one.notice.kind for one in told} == {
        COVER: "assigned",
        issue.resident.id: "handed_over",
    }


@pytest.mark.parametrize("holder_is_there", [True, False])
def test_what_is_in_hand_stays_with_a_holder_who_is_there(holder_is_there: bool) -> None:
    cover = a_server(COVER, None, "联络员")
    place = replace(a_place(away=frozenset({LIAISON})), cover=cover)
    issue = with_state(an_issue(place=place), State.IN_HAND)
    decision = hand_on(issue, terms(), "covered", holder_is_there=holder_is_there)
    assert bool(decision.changes) != holder_is_there


def test_without_anybody_at_its_tier_it_climbs_and_with_its_holder_there_it_stays() -> None:
    alone = an_issue(place=a_place(away=frozenset({LIAISON})))
    decision = hand_on(alone, terms(), "left", holder_is_there=False)
    assert [one.tier for one in decision.changes if isinstance(one, Entry)] == ["grid"]
    assert GRID in {tell.person_id for tell in decision.tells}
    assert hand_on(an_issue(), terms(), "left", holder_is_there=True).changes == ()
