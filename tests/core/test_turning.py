"""转办 as a rule: who may be named, what passes on with it, and what the third time does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.conversation import said
from bot.core.decision import Decision, Entry, Update
from bot.core.issue import Happened, Issue, State
from bot.core.notices import (
    AboveYou,
    Assigned,
    DoneByOther,
    HandedNoted,
    HandedOver,
    HandWhom,
    MovedUp,
    NotYours,
    WordsMissing,
)
from bot.core.people import Person, Place
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
    a_server,
    an_issue,
    heard,
    terms,
)

SOCIAL, NAMESAKE, AWAY = 41, 42, 43


def the_place() -> Place:
    """With two more at the community, one of them of the secretary's name, and one on leave."""
    more = (
        a_server(SOCIAL, "社区", "社工"),
        replace(a_server(NAMESAKE, "社区", "社工"), name="人41", phone="13700009999"),
        a_server(AWAY, "社区", "社工", there=False),
    )
    place = a_place()
    return replace(place, staff=(*place.staff, *more))


def at_community(**held: Any) -> Issue:
    known: dict[str, Any] = {"tier": "community", "tier_place": 2, "holder_id": COMMUNITY}
    return an_issue(**(known | {"place": the_place()} | held))


def says(text: str, me: Person, issue: Issue) -> Decision:
    spoken = heard(text, me, theirs=(issue,))
    return said(spoken.said, spoken.facts, terms())


def values(decision: Decision) -> dict[str, Any]:
    (update,) = (change for change in decision.changes if isinstance(change, Update))
    return dict(update.values)


def kinds(decision: Decision) -> list[Happened]:
    return [change.kind for change in decision.changes if isinstance(change, Entry)]


TAIL = f"{SOCIAL:08}"[-4:]


@pytest.mark.parametrize(
    "named",
    [
        *(f"人41 {TAIL}", f"社工人41 {TAIL}", f"137{SOCIAL:08}", f"人41　{TAIL} 他管这个"),
        *(f"人41，{TAIL}，他管这个", f"给人41 {TAIL}", f"＠人41 {TAIL}。", f"交给社工人41、{TAIL}"),
    ],
)
def test_whoever_is_named_holds_and_must_take_it(named: str) -> None:
    decision = says(f"转办 #12 {named}", a_person(COMMUNITY), at_community())
    after = values(decision)
    assert (after["holder_id"], after["state"]) == (SOCIAL, State.WAITING)
    assert (after["due_at"], after["handed_over"]) == (an_issue().due_at, 1)
    assert kinds(decision) == [Happened.HANDED_OVER]
    told = {tell.person_id: tell.notice for tell in decision.tells}
    assert set(told) == {SOCIAL, RESIDENT}
    assert isinstance(told[SOCIAL], Assigned)
    assert isinstance(told[RESIDENT], HandedOver)
    assert isinstance(decision.replies[0], HandedNoted)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        *(("人41", "several"), ("人30", "nobody"), ("王芳", "nobody"), ("人43", "away")),
        *(("人40", "theirs"), ("人10", "nobody")),
    ],
)
def test_nobody_else_is_taken_for_it_and_nothing_is_done(named: str, why: str) -> None:
    decision = says(f"转办 #12 {named}", a_person(COMMUNITY), at_community())
    (reply,) = decision.replies
    assert isinstance(reply, HandWhom)
    assert (reply.why, decision.changes, decision.tells) == (why, (), ())
    assert [option[:5] for option in reply.options] == ["社工人41"] * 2 or why == "several"
    assert len(reply.options) == 2


def test_who_may() -> None:
    assert isinstance(says("转办 #12 人41", a_person(LIAISON), at_community()).replies[0], AboveYou)
    alone = heard("转办 #12 人41", a_person(RESIDENT), own=(at_community(),))
    assert isinstance(said(alone.said, alone.facts, terms()).replies[0], NotYours)
    decision = says(f"转办 #12 人41 {TAIL}", a_person(SUBDISTRICT), at_community())
    told = {tell.person_id: tell.notice for tell in decision.tells}
    assert isinstance(told[COMMUNITY], DoneByOther)
    missing = says("转办 #12", a_person(COMMUNITY), at_community())
    assert isinstance(missing.replies[0], WordsMissing)


def test_property_may_be_given_it() -> None:
    issue = an_issue(tier="grid", tier_place=1, holder_id=GRID)
    assert values(says("转办 #12 物业人60", a_person(GRID), issue))["holder_id"] == PROPERTY


def test_what_was_in_hand_is_handled_no_later_for_it() -> None:
    ends = NOW + timedelta(hours=20)
    issue = at_community(state=State.IN_HAND, due_at=ends, answered_at=NOW)
    after = values(says(f"转办 #12 人41 {TAIL}", a_person(COMMUNITY), issue))
    assert (after["due_at"], after["handle_by"]) == (NOW + timedelta(hours=1), ends)
    waiting = at_community(holder_id=SOCIAL, due_at=after["due_at"], handle_by=ends, handed_over=1)
    me = replace(a_person(COMMUNITY), id=SOCIAL)
    taken = values(says("接单 #12", me, waiting))
    assert (taken["due_at"], taken["handed_over"], taken["handle_by"]) == (ends, 0, None)


def test_the_third_time_the_subdistrict_decides() -> None:
    decision = says(f"转办 #12 人41 {TAIL}", a_person(COMMUNITY), at_community(handed_over=2))
    assert kinds(decision) == [Happened.HANDED_OVER, Happened.ESCALATED]
    assert (values(decision)["holder_id"], values(decision)["tier"]) == (SUBDISTRICT, "subdistrict")
    told = {tell.person_id: tell.notice for tell in decision.tells}
    assert isinstance(told[RESIDENT], MovedUp)
    asked = told[SUBDISTRICT]
    assert isinstance(asked, Assigned)
    assert asked.why == "handed_three"
    noted = decision.replies[0]
    assert isinstance(noted, HandedNoted)
    assert noted.tier == "街道"


def test_where_nobody_is_above_it_passes_on() -> None:
    place = replace(
        the_place(), staff=tuple(s for s in the_place().staff if s.person_id != SUBDISTRICT)
    )
    issue = at_community(handed_over=2, place=place)
    after = values(says(f"转办 #12 人41 {TAIL}", a_person(COMMUNITY), issue))
    assert (after["holder_id"], after["handed_over"]) == (SOCIAL, 3)
