"""The answer clock and the handling clock of one issue (contract §6), case by case."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import conversation, notices
from bot.core.decision import Decision, Update
from bot.core.escalation import time_ran_out
from bot.core.issue import Issue, State
from bot.core.messages import Kind
from bot.core.people import Person, Role
from bot.core.workdays import CHINA, is_open
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    a_person,
    an_issue,
    handled,
    heard,
    terms,
)
from tests.shipped import SHIPPED, shipped

HOUR, DAY = timedelta(hours=1), timedelta(days=1)  # a tier's answer and handling time


def spoken(**held: Any) -> Issue:
    """In hand, and half an hour ago the resident said something that nobody has answered."""
    since = NOW - HOUR / 2
    known = {"unanswered_at": since, "due_at": since + HOUR, "handle_by": NOW + DAY}
    return handled(**(known | held))


def at(issue: Issue, now: datetime, who: Person, text: str, kind: Kind = Kind.TEXT) -> Decision:
    own = who.id == RESIDENT
    said = heard(text, who, kind=kind).said
    facts = heard(text, who, own=(issue,) if own else (), theirs=() if own else (issue,)).facts
    return conversation.said(said, facts, terms(now))


def values(decision: Decision) -> dict[str, Any]:
    found = [change for change in decision.changes if isinstance(change, Update)]
    return dict(found[0].values) if found else {}


RESIDENT_SAYS = a_person(RESIDENT)


@pytest.mark.parametrize(
    ("text", "kind", "starts"),
    [
        ("怎么还没人来", Kind.TEXT, True),
        ("#12 怎么还没人来", Kind.TEXT, True),
        ("[图片]", Kind.PICTURE, True),
        ("[语音]", Kind.VOICE, True),
        ("催办", Kind.TEXT, True),
        ("没解决 还在漏", Kind.TEXT, True),
        ("不满意 还在漏", Kind.TEXT, True),
        ("谢谢", Kind.TEXT, False),
        ("您好，辛苦了！", Kind.TEXT, False),
        ("【收到不支持的消息类型，暂无法显示】", Kind.TEXT, False),
        ("[微笑]", Kind.TEXT, False),
        ("进度", Kind.TEXT, False),
        ("帮助", Kind.TEXT, False),
    ],
)
def test_what_the_resident_says_to_an_issue_in_hand(text: str, kind: Kind, starts: bool) -> None:
    found = values(at(handled(), NOW, RESIDENT_SAYS, text, kind))
    assert found.get("due_at", NOW + DAY) == (NOW + HOUR if starts else NOW + DAY)
    assert found.get("unanswered_at") == (NOW if starts else None)
    assert found.get("handle_by", NOW + DAY) == NOW + DAY


@pytest.mark.parametrize("text", ["怎么还没人来", "催办", "谢谢"])
def test_more_words_before_the_answer_postpone_nothing(text: str) -> None:
    found = values(at(spoken(), NOW, RESIDENT_SAYS, text))
    assert {"due_at", "unanswered_at", "handle_by"}.isdisjoint(found)


def test_what_is_urgent_wants_its_answer_on_the_wall_clock() -> None:
    found = values(at(handled(urgent=True), NOW, RESIDENT_SAYS, "烟更大了"))
    assert found["due_at"] == NOW + terms().ladder.urgent_answer_within


def test_words_never_give_more_time_than_the_handling_clock_leaves() -> None:
    soon = NOW + HOUR / 4
    found = values(at(handled(due_at=soon), NOW, RESIDENT_SAYS, "还没好"))
    assert (found["due_at"], found["handle_by"]) == (soon, soon)


@pytest.mark.parametrize("text", ["怎么还没人来", "催办"])
def test_words_to_what_waits_start_nothing(text: str) -> None:
    assert set(values(at(an_issue(), NOW, RESIDENT_SAYS, text))) <= {"said_at", "urged_at"}


@pytest.mark.parametrize(
    ("who", "text"),
    [
        (LIAISON, "马上到"),
        (LIAISON, "#12 马上到"),
        (LIAISON, "接单 #12"),
        (GRID, "#12 我去看看"),  # not of this tier: answers without taking it over
    ],
)
def test_an_answer_leaves_the_handling_clock_alone(who: int, text: str) -> None:
    found = values(at(spoken(), NOW, a_person(who), text))
    assert found["unanswered_at"] is None
    assert found["due_at"] == NOW + DAY
    assert found.get("holder_id", LIAISON) == LIAISON
    assert found["handle_by"] is None
    assert "state" not in found


def test_a_greeting_answers_nothing() -> None:
    assert values(at(spoken(), NOW, a_person(LIAISON), "您好")) == {}
    assert values(at(an_issue(), NOW, a_person(LIAISON), "您好")) == {}


def test_taking_what_is_in_hand_already_gives_no_more_time() -> None:
    (reply,) = at(handled(), NOW, a_person(LIAISON), "接单").replies
    assert isinstance(reply, notices.NotNow)
    taken = values(at(held_by_grid(handled()), NOW, a_person(PROPERTY), "接单"))
    assert taken["holder_id"] == PROPERTY
    assert "due_at" not in taken


def held_by_grid(issue: Issue) -> Issue:
    return replace(issue, tier="grid", tier_place=1, holder_id=GRID, holder_role=Role.STAFF)


@pytest.mark.parametrize(
    ("who", "steps"),
    [
        (GRID, False),  # the holder's own late answer
        (PROPERTY, False),  # a colleague of the tier, who takes it over
        (LIAISON, True),  # somebody else's: the time of who holds it is over
    ],
)
def test_an_answer_after_the_time_ran_out(who: int, steps: bool) -> None:
    issue = held_by_grid(spoken(due_at=NOW - timedelta(seconds=1)))
    found = values(at(issue, NOW, a_person(who), "#12 马上到"))
    assert found["unanswered_at"] is None
    assert ("due_at" not in found) == steps


@pytest.mark.parametrize("issue", [handled(due_at=NOW), spoken(due_at=NOW)])
def test_either_clock_steps_up_and_both_begin_anew(issue: Issue) -> None:
    found = values(time_ran_out(issue, terms()))
    assert (found["state"], found["tier"]) == (State.WAITING, "grid")
    assert found["due_at"] == NOW + HOUR
    assert (found["handle_by"], found["unanswered_at"]) == (None, None)
    taken = replace(issue, tier="grid", tier_place=1, state=State.WAITING, due_at=NOW + HOUR)
    again = values(at(taken, NOW, a_person(GRID), "接单"))
    assert (again["due_at"], again["handle_by"], again["unanswered_at"]) == (NOW + DAY, None, None)


def test_done_stops_both() -> None:
    found = values(at(spoken(), NOW, a_person(LIAISON), "办结 修好了"))
    assert (found["handle_by"], found["unanswered_at"]) == (None, None)


def test_the_holder_hears_by_when_further_words_want_an_answer() -> None:
    (tell,) = at(handled(), NOW, RESIDENT_SAYS, "还没好").tells
    assert tell.notice == notices.SaidMore(12, "1号楼1单元101", "还没好", NOW + HOUR)
    (thanks,) = at(handled(), NOW, RESIDENT_SAYS, "谢谢").tells
    assert thanks.notice == notices.SaidMore(12, "1号楼1单元101", "谢谢")


# --- whole conversations on the shipped clocks -------------------------------------------------

DEEDS = (
    (RESIDENT, "还没人来"),
    (RESIDENT, "催办"),
    (RESIDENT, "没解决 又坏了"),
    (RESIDENT, "谢谢"),
    (LIAISON, "#12 马上到"),
    (LIAISON, "#12 您好"),
    (LIAISON, "接单 #12"),
    (LIAISON, "延期 #12 3天 等配件"),
    (LIAISON, "延期 #12 明天 等配件"),
    (GRID, "接单 #12"),
    (GRID, "延期 #12 下周五 等配件"),
    (COMMUNITY, "#12 社区来看看"),
)


@given(
    start=st.integers(0, 366 * 24 * 60),
    deeds=st.lists(
        st.tuples(st.sampled_from(DEEDS), st.integers(1, 3 * 24 * 60)), min_size=1, max_size=12
    ),
)
def test_one_due_time_in_hours_that_no_resident_postpones(
    start: int, deeds: list[tuple[tuple[int, str], int]]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=start)
    issue = an_issue(opened_at=now, said_at=now, due_at=shipped(now).answer_due(SHIPPED.first))
    for (who, text), minutes in deeds:
        now += timedelta(minutes=minutes)
        while issue.due <= now:  # the clock ticks first
            moment = issue.due
            issue = changed(issue, time_ran_out(issue, shipped(moment)))
            assert issue.due > moment
        before = issue
        own, theirs = ((issue,), ()) if who == RESIDENT else ((), (issue,))
        said = heard(text, a_person(who), own=own, theirs=theirs)
        issue = changed(issue, conversation.said(said.said, said.facts, shipped(now)))
        tier = SHIPPED.at_or_above(issue.tier, issue.tier_place)
        assert is_open(issue.due, tier.clock, shipped(now).calendar)
        assert tier.place >= before.tier_place
        if who == RESIDENT:
            assert issue.due <= before.due
        assert (issue.unanswered_at is None) == (issue.handle_by is None)
        assert issue.unanswered_at is None or issue.state is State.IN_HAND


def changed(issue: Issue, decision: Decision) -> Issue:
    """The issue as the decision leaves it; the place of a tier has a name of its own in rows."""
    found = values(decision)
    names = {"place": "tier_place"}
    held = {names.get(name, name): value for name, value in found.items()}
    if "holder_role" in held:
        held["holder_role"] = Role(held["holder_role"])
    return replace(issue, **held)
