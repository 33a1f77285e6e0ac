"""紧急 as a rule: which clock runs, who hears of it, who holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import alarm
from bot.core.conversation import said
from bot.core.decision import Decision, Entry
from bot.core.escalation import time_ran_out
from bot.core.issue import Happened, Issue, State
from bot.core.notices import Assigned, MadeUrgent, NotYours, UrgentNoted
from bot.core.people import Person
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    SUBDISTRICT,
    a_person,
    a_place,
    an_issue,
    heard,
    terms,
)
from tests.core.decided import values

SOON = NOW + timedelta(minutes=15)


def says(text: str, me: Person, issue: Issue) -> Decision:
    spoken = heard(text, me, theirs=(issue,))
    return said(spoken.said, spoken.facts, terms())


def test_the_liaison_holds_and_grid_and_community_are_told_but_not_who_said_it() -> None:
    decision = says("紧急 #12 楼道冒烟", a_person(LIAISON), an_issue())
    assert values(decision) == {"urgent": True, "due_at": SOON}
    told = {tell.person_id: tell.notice for tell in decision.tells}
    assert set(told) == {PROPERTY, GRID, COMMUNITY, RESIDENT}
    assert isinstance(told[RESIDENT], MadeUrgent)
    noted = told[GRID]
    assert isinstance(noted, Assigned)
    assert (noted.urgent, noted.why, noted.mine, noted.added, noted.due_at) == (
        *(True, "urgent", False, "楼道冒烟"),
        SOON,
    )
    assert [entry.kind for entry in decision.changes if isinstance(entry, Entry)] == [
        Happened.URGENT
    ]


def test_whoever_is_above_may_say_it_and_the_liaison_hears() -> None:
    decision = says("紧急", a_person(COMMUNITY), an_issue())
    told = {tell.person_id: tell.notice for tell in decision.tells}
    assert set(told) == {LIAISON, PROPERTY, GRID, RESIDENT}
    noted = told[LIAISON]
    assert isinstance(noted, Assigned)
    assert noted.mine
    assert "holder_id" not in values(decision)


def test_at_the_top_those_of_the_top_hear_too() -> None:
    issue = an_issue(tier="subdistrict", tier_place=3, holder_id=SUBDISTRICT)
    told = {tell.person_id for tell in says("紧急", a_person(LIAISON), issue).tells}
    assert told == {PROPERTY, GRID, COMMUNITY, SUBDISTRICT, RESIDENT}


def test_no_due_time_becomes_later() -> None:
    sooner = NOW + timedelta(minutes=3)
    assert values(says("紧急", a_person(LIAISON), an_issue(due_at=sooner)))["due_at"] == sooner


def test_what_is_in_hand_wants_an_answer_anew() -> None:
    issue = an_issue(state=State.IN_HAND, answered_at=NOW, due_at=NOW + timedelta(days=1))
    assert values(says("紧急", a_person(GRID), issue)) == {
        "urgent": True,
        "due_at": SOON,
        "handle_by": NOW + timedelta(days=1),
        "unanswered_at": NOW,
    }


def test_said_twice_it_only_says_how_it_stands() -> None:
    decision = says("紧急", a_person(LIAISON), an_issue(urgent=True, due_at=SOON))
    assert (decision.changes, decision.tells) == ((), ())
    (reply,) = decision.replies
    assert isinstance(reply, UrgentNoted)
    assert reply.already


def test_who_went_past_the_liaison_is_not_betrayed() -> None:
    issue = an_issue(
        tier="community", tier_place=2, holder_id=COMMUNITY, past_liaison=True, urgent=False
    )
    told = {tell.person_id for tell in says("紧急", a_person(COMMUNITY), issue).tells}
    assert LIAISON not in told


@pytest.mark.parametrize("place", range(3))
def test_it_climbs_one_tier_each_time_the_urgent_time_ends(place: int) -> None:
    keys, holders = ("liaison", "grid", "community"), (LIAISON, GRID, COMMUNITY)
    issue = an_issue(
        tier=keys[place],
        tier_place=place,
        holder_id=holders[place],
        urgent=True,
        due_at=NOW,
    )
    step = values(time_ran_out(issue, terms()))
    assert (step["place"], step["due_at"]) == (place + 1, SOON)


def test_at_the_top_it_is_told_again_as_often() -> None:
    issue = an_issue(
        tier="subdistrict", tier_place=3, holder_id=SUBDISTRICT, urgent=True, due_at=NOW
    )
    assert values(time_ran_out(issue, terms()))["due_at"] == SOON


def test_a_resident_who_types_it_with_words_is_heard() -> None:
    me = a_person(RESIDENT)
    alone = heard("紧急", me, own=(an_issue(),))
    refused = said(alone.said, alone.facts, terms())
    assert isinstance(refused.replies[0], NotYours)
    spoken = heard("紧急！楼道冒烟", me)
    assert any(tell.person_id == LIAISON for tell in said(spoken.said, spoken.facts, terms()).tells)


def test_the_holder_who_is_away_is_not_told() -> None:
    place = a_place(away=frozenset({GRID}))
    spoken = heard("紧急", a_person(LIAISON), theirs=(an_issue(place=place),))
    told = {tell.person_id for tell in alarm.make_urgent(spoken).tells}
    assert told == {PROPERTY, COMMUNITY, RESIDENT}
    assert replace(place, staff=()).serving(terms().ladder.tiers[1]) == ()
