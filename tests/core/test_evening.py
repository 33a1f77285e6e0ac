"""Same day or explain, from facts alone: who is asked in the evening, who hears next morning."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core import conversation, notices
from bot.core.decision import Decision, Open, Update
from bot.core.escalation import climb
from bot.core.evening import day_is_over
from bot.core.issue import Issue, State
from bot.core.people import Role
from bot.core.reopening import reopen
from bot.core.workdays import Calendar, Days, Span, WallClock, WorkingClock, next_at
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
    with_state,
)
from tests.core.decided import told, values
from tests.shipped import ON_TIER, china, shipped

EVENING = china(23, "17:00")


def on_tier(step: int, /, **held: Any) -> Issue:
    key, _, holder = ON_TIER[step]
    known = {"due_at": china(30, "10:00"), "day_due_at": EVENING}
    role = Role.STAFF if step else Role.LIAISON
    return an_issue(tier=key, tier_place=step, holder_id=holder, holder_role=role, **(known | held))


def asked(step: int, /, **held: Any) -> Issue:
    known = {"day_asked_at": EVENING, "day_due_at": china(24, "08:30")}
    return on_tier(step, **(known | held))


@pytest.mark.parametrize(
    ("opened", "evening"),
    [
        (china(23, "10:00"), china(23, "17:00")),
        (china(23, "16:59"), china(23, "17:00")),
        (china(23, "17:00"), china(24, "17:00")),
        (china(23, "22:00"), china(24, "17:00")),
        (china(24, "03:00"), china(24, "17:00")),
        (china(27, "19:00"), china(28, "17:00")),  # a liaison works on Saturdays
    ],
)
def test_what_came_before_the_evening_hour_is_asked_about_that_evening(
    opened: datetime, evening: datetime
) -> None:
    said = heard("电梯坏了", a_person(RESIDENT))
    decision = conversation.said(said.said, said.facts, shipped(opened))
    (issue,) = (change for change in decision.changes if isinstance(change, Open))
    assert issue.day_due_at == evening


@pytest.mark.parametrize("state", [State.WAITING, State.IN_HAND])
@pytest.mark.parametrize(
    ("step", "holder", "morning"),
    [
        (0, LIAISON, china(24, "08:30")),
        (1, GRID, china(24, "08:30")),
        (2, COMMUNITY, china(24, "08:30")),
        (3, SUBDISTRICT, None),  # nobody is above
    ],
)
def test_the_holder_is_asked_once(
    state: State, step: int, holder: int, morning: datetime | None
) -> None:
    issue = with_state(on_tier(step), state)
    decision = day_is_over(issue, shipped(EVENING))
    assert values(decision) == {"day_asked_at": EVENING, "day_due_at": morning}
    assert told(decision) == {holder: "not_done_today"}
    after = replace(issue, day_asked_at=EVENING, day_due_at=morning)
    assert day_is_over(after, shipped(EVENING)) == Decision()


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED, State.WITHDRAWN])
def test_what_is_over_is_not_asked_about(state: State) -> None:
    assert day_is_over(with_state(on_tier(0), state), shipped(EVENING)) == Decision()


def test_before_the_hour_nobody_is_asked() -> None:
    assert day_is_over(on_tier(0), shipped(EVENING - timedelta(seconds=1))) == Decision()
    assert day_is_over(on_tier(0, day_due_at=None), shipped(EVENING)) == Decision()


@pytest.mark.parametrize(
    ("step", "now", "next_evening"),
    [
        (2, china(28, "17:00"), china(30, "17:00")),  # an office on Saturday
        (0, china(24, "02:00"), china(24, "17:00")),  # a clock that was dead in the evening
        (2, china(28, "02:00"), china(30, "17:00")),
    ],
)
def test_on_another_day_it_is_asked_the_next_evening(
    step: int, now: datetime, next_evening: datetime
) -> None:
    day = china(28, "17:00") if now > china(28, "16:00") else now - timedelta(hours=9)
    decision = day_is_over(on_tier(step, day_due_at=day), shipped(now))
    assert values(decision) == {"day_due_at": next_evening}
    assert decision.tells == ()


@pytest.mark.parametrize(
    ("step", "above"),
    [(0, {GRID, PROPERTY}), (1, {COMMUNITY}), (2, {SUBDISTRICT})],
)
def test_nobody_said_anything_so_the_tier_above_hears_in_the_morning(
    step: int, above: set[int]
) -> None:
    decision = day_is_over(asked(step), shipped(china(24, "08:30")))
    assert values(decision) == {"day_due_at": None}
    assert told(decision) == dict.fromkeys(above, "not_explained")
    notice = decision.tells[0].notice
    assert isinstance(notice, notices.NotExplained)
    assert notice.holder == asked(step).holder_named


def test_the_tier_above_hears_on_a_day_of_its_own() -> None:
    friday = china(27, "17:00")
    asked_on_friday = day_is_over(on_tier(1, day_due_at=friday), shipped(friday))
    assert values(asked_on_friday)["day_due_at"] == china(30, "08:30")
    saturday = day_is_over(asked(1, day_due_at=china(28, "08:30")), shipped(china(28, "08:30")))
    assert values(saturday) == {"day_due_at": china(30, "08:30")}
    assert saturday.tells == ()


def test_who_is_not_there_is_passed_over() -> None:
    place = a_place(away=frozenset({GRID, PROPERTY}))
    decision = day_is_over(asked(0, place=place), shipped(china(24, "08:30")))
    assert told(decision) == {COMMUNITY: "not_explained"}
    nobody = a_place(away=frozenset({GRID, PROPERTY, COMMUNITY, SUBDISTRICT}))
    assert day_is_over(asked(0, place=nobody), shipped(china(24, "08:30"))).tells == ()


@pytest.mark.parametrize(
    ("text", "explains"),
    [
        ("#12 配件明天到，到了就装", True),
        ("延期 #12 明天 等配件", True),
        ("办结 #12 修好了", True),
        ("接单 #12", False),
        ("#12 您好", False),
    ],
)
def test_what_answers_the_question(text: str, explains: bool) -> None:
    said = heard(text, a_person(LIAISON), theirs=(asked(0),))
    decision = conversation.said(said.said, said.facts, terms())
    found = [dict(c.values) for c in decision.changes if isinstance(c, Update)]
    assert ("day_due_at" in (found[0] if found else {})) == explains


@pytest.mark.parametrize(
    ("text", "still"),
    [("#12 配件明天到", True), ("延期 #12 明天 等配件", False), ("办结 #12 好了", False)],
)
def test_before_the_hour_only_done_or_put_off_saves_the_question(text: str, still: bool) -> None:
    said = heard(text, a_person(LIAISON), theirs=(on_tier(0),))
    decision = conversation.said(said.said, said.facts, terms())
    assert ("day_due_at" not in values(decision)) == still


def test_what_climbs_is_not_told_of_twice() -> None:
    assert values(climb(asked(0), terms()))["day_due_at"] is None
    assert "day_due_at" not in values(climb(on_tier(0), terms()))


@pytest.mark.parametrize(
    ("back", "evening"),
    [
        (china(24, "10:00"), china(24, "17:00")),
        (china(24, "17:00"), china(25, "17:00")),
        (china(24, "23:00"), china(25, "17:00")),
    ],
)
def test_what_comes_back_is_asked_about_on_the_day_it_came_back(
    back: datetime, evening: datetime
) -> None:
    done = replace(with_state(asked(0), State.RESOLVED), day_due_at=None)
    after = values(reopen(done, shipped(back), RESIDENT, None))
    assert (after["day_due_at"], after["day_asked_at"]) == (evening, None)
    again = replace(on_tier(1), day_due_at=after["day_due_at"])
    assert told(day_is_over(again, shipped(evening))) == {GRID: "not_done_today"}


def test_a_wall_clock_has_every_day_and_a_night_shift_its_own() -> None:
    six = timedelta(hours=18)
    saturday = china(28, "10:00")
    assert next_at(saturday, six, WallClock(), Calendar()) == china(28, "18:00")
    nights = WorkingClock(Days.WORKDAYS, (Span.parse("20:00-08:00"),))
    assert next_at(saturday, six, nights, Calendar()) == china(30, "18:00")
    assert next_at(NOW, timedelta(hours=10), nights, Calendar()) == china(24, "10:00")
