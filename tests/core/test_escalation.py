"""What time does to an issue, from facts alone: one step a firing (contract §6)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import notices
from bot.core.decision import Decision, Entry, PassJoin
from bot.core.escalation import climb, join_waited, remind, time_ran_out
from bot.core.issue import Issue, State
from bot.core.people import JoinRequest, Resident, Role
from bot.core.reopening import reopen
from bot.core.workdays import CHINA, is_open
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    SUBDISTRICT,
    a_place,
    an_issue,
    terms,
    with_state,
)
from tests.core.decided import told, values
from tests.shipped import ON_TIER, SHIPPED, china, shipped


def at_tier(step: int, /, **held: Any) -> Issue:
    key, _, holder = ON_TIER[step]
    role = Role.STAFF if step else Role.LIAISON
    return an_issue(tier=key, tier_place=step, holder_id=holder, holder_role=role, **held)


def entries(decision: Decision) -> list[tuple[str, str]]:
    return [(str(c.kind), c.tier) for c in decision.changes if isinstance(c, Entry)]


@pytest.mark.parametrize("state", [State.WAITING, State.IN_HAND])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_tier_hands_to_the_next(state: State, place: int) -> None:
    issue = with_state(at_tier(place, due_at=NOW), state)
    decision = time_ran_out(issue, terms())
    key, _, holder = ON_TIER[place + 1]
    found = values(decision)
    assert (found["state"], found["tier"], found["holder_id"]) == (State.WAITING, key, holder)
    assert found["due_at"] == NOW + timedelta(hours=1)
    assert entries(decision) == [("escalated", key)]
    assert told(decision)[RESIDENT] == "moved_up"
    assert told(decision)[holder] == "assigned"
    (up,) = (tell.notice for tell in decision.tells if tell.person_id == RESIDENT)
    assert isinstance(up, notices.MovedUp)
    nexts = [None, "社区", "街道", None]
    assert (up.holder.name, up.due_at, up.next_tier) == (
        f"人{holder}",
        found["due_at"],
        nexts[place + 1],
    )


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_before_its_time_nothing_happens(place: int) -> None:
    issue = at_tier(place, due_at=NOW + timedelta(microseconds=1))
    assert time_ran_out(issue, terms()) == Decision()
    assert time_ran_out(with_state(issue, State.CLOSED), terms()) == Decision()


def test_at_the_top_it_stays_and_the_top_is_told_again() -> None:
    issue = at_tier(3, due_at=NOW)
    first = time_ran_out(issue, terms())
    assert values(first)["due_at"] == NOW + timedelta(hours=1)
    assert "tier" not in values(first)
    assert entries(first) == [("reminded", "subdistrict")]
    assert told(first) == {SUBDISTRICT: "told_again", RESIDENT: "still_at_top"}
    again = time_ran_out(replace(issue, reminders=1), terms())
    assert told(again) == {SUBDISTRICT: "told_again"}


def test_what_was_in_hand_at_the_top_waits_again() -> None:
    found = values(time_ran_out(with_state(at_tier(3, due_at=NOW), State.IN_HAND), terms()))
    assert found["state"] is State.WAITING


@pytest.mark.parametrize(
    ("away", "tier", "holder"),
    [
        ({GRID}, "community", COMMUNITY),
        ({GRID, COMMUNITY}, "subdistrict", SUBDISTRICT),
    ],
)
def test_tiers_with_nobody_there_are_skipped_in_one_entry(
    away: set[int], tier: str, holder: int
) -> None:
    issue = at_tier(0, due_at=NOW, place=a_place(away=frozenset(away)))
    decision = time_ran_out(issue, terms())
    assert entries(decision) == [("escalated", tier)]
    assert values(decision)["holder_id"] == holder


def test_where_nobody_is_there_above_it_stays_with_who_is() -> None:
    place = a_place(away=frozenset({PROPERTY, GRID, COMMUNITY, SUBDISTRICT}))
    decision = time_ran_out(at_tier(0, due_at=NOW, place=place), terms())
    assert entries(decision) == [("reminded", "liaison")]
    assert told(decision) == {LIAISON: "told_again", RESIDENT: "still_at_top"}
    assert "holder_id" not in values(decision)


def test_with_nobody_there_at_all_it_keeps_its_holder_and_a_new_due_time() -> None:
    place = a_place(away=frozenset({LIAISON, PROPERTY, GRID, COMMUNITY, SUBDISTRICT}))
    decision = time_ran_out(at_tier(3, due_at=NOW, place=place), terms())
    assert told(decision) == {RESIDENT: "still_at_top"}
    assert values(decision)["due_at"] == NOW + timedelta(hours=1)
    (news,) = (tell.notice for tell in decision.tells)
    assert isinstance(news, notices.StillAtTop)
    assert not news.reached
    again = time_ran_out(at_tier(3, due_at=NOW), terms()).tells[-1].notice
    assert isinstance(again, notices.StillAtTop)
    assert again.reached


@pytest.mark.parametrize(
    ("reached", "told_them"),
    [
        (True, {SUBDISTRICT + 1: "assigned", RESIDENT: "handed_over"}),
        (False, {SUBDISTRICT + 1: "told_again", RESIDENT: "still_at_top"}),
    ],
)
def test_a_holder_who_has_gone_gives_way_to_another_of_the_top(
    reached: bool, told_them: dict[int, str]
) -> None:
    place = a_place()
    second = replace(place.staff[-1], person_id=SUBDISTRICT + 1, name="人51")
    staff = (*place.staff[:-1], replace(place.staff[-1], there=False), second)
    place = replace(place, staff=staff)
    decision = time_ran_out(at_tier(3, due_at=NOW, place=place, holder_reached=reached), terms())
    assert values(decision)["holder_id"] == SUBDISTRICT + 1
    assert told(decision) == told_them


COLLEAGUE = COMMUNITY + 1


@pytest.mark.parametrize("state", [State.WAITING, State.IN_HAND])
@pytest.mark.parametrize("left", ["unfollowed", "the roster"])
def test_a_colleague_of_the_tier_follows_who_is_gone(state: State, left: str) -> None:
    place = a_place(away=frozenset({COMMUNITY}))
    gone = next(one for one in place.staff if one.person_id == COMMUNITY)
    others = tuple(one for one in place.staff if one != gone)
    stays = (gone,) if left == "unfollowed" else ()
    colleague = replace(gone, person_id=COLLEAGUE, name="人41", there=True)
    place = replace(place, staff=(*others, *stays, colleague))
    issue = with_state(at_tier(2, place=place), state)
    decision = time_ran_out(replace(issue, due_at=NOW), terms())
    after = values(decision)
    assert (after["holder_id"], after["tier"], after["state"]) == (
        *(COLLEAGUE, "community"),
        State.WAITING,
    )
    assert after["due_at"] == NOW + timedelta(hours=1)
    assert entries(decision) == [("handed_over", "community")]
    assert told(decision) == {COLLEAGUE: "assigned", RESIDENT: "handed_over"}
    unreached = replace(issue, due_at=NOW, holder_reached=False)
    assert values(time_ran_out(unreached, terms()))["tier"] == "subdistrict"


@pytest.mark.parametrize(
    ("issue", "why"),
    [
        (at_tier(0, due_at=NOW), "climbed"),
        (with_state(at_tier(0, due_at=NOW), State.IN_HAND), "unfinished"),
        (
            with_state(
                at_tier(0, due_at=NOW, unanswered_at=NOW, handle_by=NOW + timedelta(days=1)),
                State.IN_HAND,
            ),
            "climbed",
        ),
        (at_tier(0, due_at=NOW, place=a_place(away=frozenset({LIAISON}))), "gone"),
        (
            replace(at_tier(0, due_at=NOW, place=a_place(away=frozenset({LIAISON}))), holder_id=9),
            "gone",
        ),
    ],
)
def test_the_next_tier_hears_why_it_comes(issue: Issue, why: str) -> None:
    tell = time_ran_out(issue, terms()).tells[0].notice
    assert isinstance(tell, notices.Assigned)
    assert tell.why == why


def test_who_is_there_and_does_not_answer_has_no_colleague_to_follow() -> None:
    place = a_place()
    colleague = replace(place.staff[-2], person_id=COLLEAGUE, name="人41")
    place = replace(place, staff=(*place.staff, colleague))
    after = values(time_ran_out(at_tier(2, due_at=NOW, place=place), terms()))
    assert after["tier"] == "subdistrict"


def test_it_never_climbs_to_its_own_resident_nor_past_the_liaison_to_the_liaison() -> None:
    own = at_tier(0, due_at=NOW, resident=Resident(GRID))
    assert values(time_ran_out(own, terms()))["holder_id"] == COMMUNITY
    place = a_place()
    twice = replace(
        place,
        staff=tuple(
            replace(s, person_id=LIAISON) if s.person_id == SUBDISTRICT else s for s in place.staff
        ),
    )
    past = at_tier(2, due_at=NOW, place=twice, past_liaison=True)
    assert LIAISON not in told(time_ran_out(past, terms()))


def test_silence_closes_what_is_resolved_and_never_moves_it() -> None:
    issue = with_state(at_tier(1, due_at=NOW), State.RESOLVED)
    decision = time_ran_out(issue, terms())
    assert values(decision) == {
        "state": State.CLOSED,
        "due_at": None,
        "remind_at": None,
        "closed_at": NOW,
    }
    assert entries(decision) == [("closed", "grid")]
    assert told(decision) == {RESIDENT: "closed_by_silence"}


def test_two_reminders_and_no_more() -> None:
    done_at = NOW - timedelta(days=1)
    issue = at_tier(0, due_at=done_at + timedelta(days=3), said_at=done_at, remind_at=NOW)
    issue = replace(issue, state=State.RESOLVED, resolved_at=done_at)
    first = remind(issue, terms())
    assert values(first) == {"reminders": 1, "remind_at": NOW + timedelta(days=1)}
    assert told(first) == {RESIDENT: "verdict_reminder"}
    second = remind(replace(issue, reminders=1), terms())
    assert values(second) == {"reminders": 2, "remind_at": None}
    assert remind(replace(issue, remind_at=None, reminders=2), terms()) == Decision()
    assert remind(replace(issue, remind_at=NOW + timedelta(seconds=1)), terms()) == Decision()


def test_words_since_begin_the_silence_and_its_reminders_anew() -> None:
    spoke_at = NOW - timedelta(days=1)
    issue = at_tier(0, due_at=spoke_at + timedelta(days=3), said_at=spoke_at, remind_at=NOW)
    issue = replace(issue, state=State.RESOLVED, resolved_at=spoke_at - timedelta(days=2))
    assert values(remind(issue, terms()))["remind_at"] == spoke_at + timedelta(days=2)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_reopened_one_tier_above_where_it_stood(place: int) -> None:
    issue = with_state(at_tier(place), State.CLOSED)
    decision = reopen(issue, terms(), RESIDENT, None)
    assert values(decision)["tier"] == ON_TIER[place + 1][0]
    assert entries(decision) == [("reopened", ON_TIER[place + 1][0])]


def test_a_tier_left_out_of_the_file_hands_its_place_to_the_one_above() -> None:
    gone = an_issue(tier="block", tier_place=1, due_at=NOW, holder_id=PROPERTY)
    assert values(climb(gone, terms()))["tier"] == "community"


def test_a_request_nobody_answers_is_asked_of_the_next_tier_and_at_the_top_again() -> None:
    asked = ["grid", "community", "subdistrict", "subdistrict"]
    tier = "liaison"
    for expected in asked:
        request = JoinRequest(5, RESIDENT, a_place(), "王芳", tier, NOW)
        decision = join_waited(request, request.place, terms())
        (passed,) = decision.changes
        assert isinstance(passed, PassJoin)
        assert (passed.tier, passed.due_at) == (expected, NOW + timedelta(days=1))
        assert set(told(decision).values()) == {"join_asked"}
        assert RESIDENT not in told(decision)
        tier = expected


# --- on the working clock of the shipped file -------------------------------------------------


@pytest.mark.parametrize(
    ("place", "now", "due"),
    [
        (0, china(23, "07:00"), china(23, "12:00")),  # grid: four hours from 8
        (0, china(23, "10:00"), china(23, "14:00")),
        (0, china(23, "18:00"), china(24, "10:00")),
        (0, china(28, "10:00"), china(28, "14:00")),  # a Saturday: grids are open
        (1, china(23, "10:00"), china(24, "10:00")),  # community: a day on
        (1, china(23, "19:00"), china(25, "08:30")),
        (1, china(27, "10:00"), china(30, "10:00")),  # over a weekend
        (1, china(28, "10:00"), china(30, "08:30") + timedelta(days=1)),
        (2, china(23, "10:00"), china(26, "10:00")),  # subdistrict: three workdays
        (2, china(26, "10:00"), china(30, "10:00") + timedelta(days=1)),
    ],
)
def test_due_times_count_on_the_clock_of_the_tier_reached(
    place: int, now: datetime, due: datetime
) -> None:
    issue = at_tier(place, due_at=now)
    assert values(time_ran_out(issue, shipped(now)))["due_at"] == due


@given(
    place=st.integers(0, 3),
    state=st.sampled_from([State.WAITING, State.IN_HAND, State.RESOLVED]),
    minutes=st.integers(0, 3 * 366 * 24 * 60),
    away=st.sets(st.sampled_from([LIAISON, PROPERTY, GRID, COMMUNITY, SUBDISTRICT])),
)
def test_every_step_keeps_a_holder_a_due_time_in_hours_and_the_tier_reached(
    place: int, state: State, minutes: int, away: set[int]
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minutes)
    issue = with_state(at_tier(place, due_at=moment, place=a_place(away=frozenset(away))), state)
    after = shipped(moment)
    found = values(time_ran_out(issue, after))
    reached = SHIPPED.at_or_above(found.get("tier", issue.tier), found.get("place", place))
    assert reached.place >= place
    assert found.get("place", place) == reached.place
    if state is State.RESOLVED:
        assert found["due_at"] is None
        return
    assert found["due_at"] > moment
    assert is_open(found["due_at"], reached.clock, after.calendar)
    there = [
        server
        for tier in SHIPPED.tiers[place:]
        for server in issue.place.serving(tier)
        if server.there
    ]
    holder = found.get("holder_id", issue.holder_id)
    assert not there or holder in [server.person_id for server in there]
    if holder == PROPERTY:  # only where it could not go to anybody else
        assert {server.person_id for server in there} <= {PROPERTY, issue.holder_id}
