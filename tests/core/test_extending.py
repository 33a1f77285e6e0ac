"""延期: what it moves, how far and how often, and who is told (contract §4)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import conversation, notices
from bot.core.dates import Until
from bot.core.decision import Decision, Keep, Update
from bot.core.extending import moment_of
from bot.core.issue import Issue, State
from bot.core.ladder import Tier
from bot.core.people import Resident, Role
from bot.core.standing import Terms
from bot.core.workdays import CHINA, Duration, WorkingClock, is_open
from config.tiers import read_ladder
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    STRANGER,
    a_person,
    an_issue,
    handled,
    heard,
    terms,
    with_state,
)
from tests.core.decided import entries
from tests.shipped import china, shipped

DAY = timedelta(days=1)
SHIPPED = read_ladder(Path(__file__).parents[2] / "config" / "tiers.toml")
OFFICE, DAYTIME = SHIPPED.top, SHIPPED.first


def says(issue: Issue, text: str, who: int = LIAISON, after: Terms | None = None) -> Decision:
    own = (issue,) if who == RESIDENT else ()
    theirs = () if who in (RESIDENT, STRANGER) else (issue,)
    asked = heard(text, a_person(who), own=own, theirs=theirs)
    return conversation.said(asked.said, asked.facts, after or terms())


def values(decision: Decision) -> dict[str, Any]:
    found = [change for change in decision.changes if isinstance(change, Update)]
    return dict(found[0].values) if found else {}


def refused(decision: Decision) -> notices.Notice:
    assert decision.changes == ()
    assert decision.tells == ()
    (reply,) = decision.replies
    return reply


def test_the_resident_is_told_when_and_why() -> None:
    decision = says(handled(), "延期 #12 3天 等配件到货")
    until = NOW + 3 * DAY
    found = values(decision)
    assert (found["state"], found["due_at"], found["extensions"]) == (State.IN_HAND, until, 1)
    assert entries(decision) == ["extended"]
    (kept,) = (change for change in decision.changes if isinstance(change, Keep))
    assert kept.text == "3天 等配件到货"
    (tell,) = decision.tells
    assert (tell.person_id, tell.role, tell.no) == (RESIDENT, Role.RESIDENT, 12)
    by = handled().place.liaison
    assert by is not None
    assert tell.notice == notices.Extended(12, by.named, until, "等配件到货")
    assert decision.replies == (notices.ExtendedNoted(12, "1号楼1单元101", until, 1),)


@pytest.mark.parametrize(
    "typed",
    ["延期 3天 等配件", "延期 #12 3天，等配件", "延期12 3天 等配件", "延期 12号 三天 等配件"],
)
def test_with_and_without_its_number(typed: str) -> None:
    assert values(says(handled(), typed))["due_at"] == NOW + 3 * DAY


def test_what_waits_is_answered_by_it() -> None:
    decision = says(an_issue(), "延期 #12 3天 等配件")
    found = values(decision)
    assert (found["state"], found["due_at"], found["answered_at"]) == (
        State.IN_HAND,
        NOW + 3 * DAY,
        NOW,
    )
    assert entries(decision) == ["answered", "extended"]


def test_words_that_waited_for_an_answer_have_it() -> None:
    spoken = handled(unanswered_at=NOW, due_at=NOW + DAY / 24, handle_by=NOW + DAY)
    found = values(says(spoken, "延期 3天 等配件"))
    assert (found["unanswered_at"], found["handle_by"]) == (None, None)
    assert found["due_at"] == NOW + 3 * DAY


@pytest.mark.parametrize(
    "typed",
    [
        "延期",
        "延期 #12",
        "延期 #12 3天",
        "延期 #12 等配件",
        "延期 #12 2月30日 等配件",
        "延期 #12 0天 等配件",
        "延期 #12 第3天 等配件",
    ],
)
def test_when_and_why_are_both_needed(typed: str) -> None:
    reply = refused(says(handled(), typed))
    assert reply == notices.WordsMissing("延期", "延期 #12 3天 等配件到货")


@pytest.mark.parametrize(
    ("typed", "past"),
    [
        ("9天 等配件", False),
        ("12月3日 等配件", False),
        ("三个月 等配件", False),
        ("2099-01-01 等配件", False),
        ("11月22日 等配件", False),  # next year's
        ("2026-11-22 等配件", True),
        ("今天上午9点 等配件", True),
    ],
)
def test_no_further_than_the_tier_allows(typed: str, past: bool) -> None:
    """A day to handle and seven more: until the end of the eighth day."""
    reply = refused(says(handled(), f"延期 #12 {typed}"))
    assert reply == notices.NotSoFar(12, datetime(2026, 12, 1, 23, 59, tzinfo=CHINA), past)


@pytest.mark.parametrize("typed", ["8天", "12月1日", "下周二", "12月1日 晚上11点"])
def test_as_far_as_the_tier_allows(typed: str) -> None:
    assert values(says(handled(), f"延期 #12 {typed} 等配件"))["extensions"] == 1


def test_no_more_often_than_the_tier_allows() -> None:
    twice = handled(extensions=2)
    reply = refused(says(twice, "延期 #12 3天 等配件"))
    assert reply == notices.NotSoOften(12, 2, NOW + DAY)
    (noted,) = says(handled(extensions=1), "延期 #12 3天 等配件").replies
    assert isinstance(noted, notices.ExtendedNoted)
    assert noted.left == 0


@pytest.mark.parametrize("issue", [handled(extensions=2), an_issue(extensions=2)])
def test_only_saying_when_within_its_time_costs_nothing(issue: Issue) -> None:
    found = values(says(issue, "延期 #12 今晚8点 物业下班后才能停电"))
    assert found["due_at"] == datetime(2026, 11, 23, 20, 0, tzinfo=CHINA)
    assert found["extensions"] == 2


@pytest.mark.parametrize(
    ("who", "tier", "answer"),
    [
        (LIAISON, "grid", notices.AboveYou),
        (RESIDENT, "liaison", notices.NotYours),
        (STRANGER, "liaison", notices.NotYours),
    ],
)
def test_who_may_not(who: int, tier: str, answer: type[notices.Notice]) -> None:
    place = ("liaison", "grid").index(tier)
    issue = handled(tier=tier, tier_place=place, holder_id=(LIAISON, GRID)[place])
    assert isinstance(refused(says(issue, "延期 #12 3天 等配件", who)), answer)


@pytest.mark.parametrize(("who", "holder"), [(GRID, GRID), (PROPERTY, PROPERTY), (COMMUNITY, GRID)])
def test_a_colleague_takes_it_over_and_the_holder_hears(who: int, holder: int) -> None:
    issue = handled(tier="grid", tier_place=1, holder_id=GRID, holder_role=Role.STAFF)
    decision = says(issue, "延期 #12 3天 等配件", who)
    assert values(decision).get("holder_id", GRID) == holder
    told = {tell.person_id: tell.notice.kind for tell in decision.tells}
    assert told.get(GRID) == (None if who == GRID else "done_by_other")


def test_who_filed_it_for_a_household_is_asked_to_tell_them() -> None:
    filed = handled(filed_for=True, resident=Resident(LIAISON, "人20"))
    decision = says(filed, "延期 #12 3天 等配件")
    assert decision.tells == ()
    (noted,) = decision.replies
    assert isinstance(noted, notices.ExtendedNoted)
    assert noted.noted


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_what_is_done_is_not_put_off(state: State) -> None:
    issue = with_state(an_issue(), state)
    assert refused(says(issue, "延期 #12 3天 等配件")).kind in ("not_now", "no_such")


# --- on the clock of a tier -------------------------------------------------------------------


def day(month: int, number: int) -> date:
    return date(2026, month, number)


@pytest.mark.parametrize(
    ("tier", "until", "expected"),
    [
        (OFFICE, Until(wait=Duration(days=3)), china(26, "10:00")),
        (OFFICE, Until(wait=Duration(days=5)), china(30, "10:00")),  # over a weekend
        (DAYTIME, Until(wait=Duration(days=5)), china(28, "10:00")),
        (OFFICE, Until(day=day(11, 24)), china(24, "17:30")),
        (DAYTIME, Until(day=day(11, 24)), china(24, "20:00")),
        (OFFICE, Until(day=day(11, 28)), china(27, "17:30")),  # a Saturday: the Friday before
        (OFFICE, Until(day=day(11, 23)), china(23, "17:30")),
        (OFFICE, Until(day=day(11, 24), at=timedelta(hours=15)), china(24, "15:00")),
        (OFFICE, Until(day=day(11, 24), at=timedelta(hours=12.5)), china(24, "12:00")),
        (OFFICE, Until(day=day(11, 24), at=timedelta(hours=7)), china(23, "17:30")),
        (OFFICE, Until(day=day(11, 24), at=timedelta(hours=22)), china(24, "17:30")),
        (OFFICE, Until(workdays=1), china(24, "17:30")),
        (OFFICE, Until(workdays=5), china(30, "17:30")),
        (DAYTIME, Until(workdays=5), china(30, "20:00")),
    ],
)
def test_a_time_that_was_named_ends_inside_open_hours(
    tier: Tier, until: Until, expected: datetime
) -> None:
    assert moment_of(until, tier, shipped(NOW)) == expected


def test_danger_is_put_off_by_the_wall_clock() -> None:
    night = shipped(china(23, "23:00"))
    issue = handled(urgent=True, due_at=china(23, "23:10"))
    for typed, until in (("1小时", china(24, "00:00")), ("明天早上", china(24, "09:00"))):
        assert values(says(issue, f"延期 #12 {typed} 抢修队在路上", after=night))["due_at"] == until
    far = refused(says(issue, "延期 #12 20天 等抢修队", after=night))
    assert isinstance(far, notices.NotSoFar)
    assert far.latest == china(30, "23:59")


def test_where_nothing_is_open_till_then_it_is_the_next_opening() -> None:
    saturday = china(28, "10:00")
    found = moment_of(Until(day=day(11, 29)), OFFICE, shipped(saturday))
    assert found == china(30, "08:30")


def test_a_holiday_is_no_open_day() -> None:
    now = datetime(2026, 9, 30, 10, 0, tzinfo=CHINA)
    found = moment_of(Until(day=date(2026, 10, 3)), OFFICE, shipped(now))
    assert found == datetime(2026, 9, 30, 17, 30, tzinfo=CHINA)


@given(
    tier=st.sampled_from(SHIPPED.tiers),
    minutes=st.integers(0, 366 * 24 * 60),
    until=st.one_of(
        st.integers(1, 30).map(lambda n: Until(wait=Duration(days=n))),
        st.integers(1, 30).map(lambda n: Until(workdays=n)),
        st.tuples(st.integers(0, 40), st.none() | st.integers(0, 1440)).map(
            lambda given: Until(
                day=day(1, 1) + timedelta(days=given[0]),
                at=None if given[1] is None else timedelta(minutes=given[1]),
            )
        ),
    ),
)
def test_every_time_ahead_is_open_and_ahead(tier: Tier, minutes: int, until: Until) -> None:
    now = datetime(2026, 1, 1, tzinfo=CHINA).astimezone(UTC) + timedelta(minutes=minutes)
    if until.day is not None:
        ahead = (until.day - day(1, 1)).days
        until = Until(day=now.astimezone(CHINA).date() + timedelta(days=ahead), at=until.at)
    found = moment_of(until, tier, shipped(now))
    assert isinstance(tier.clock, WorkingClock)
    if found > now:
        assert is_open(found, tier.clock, shipped(now).calendar)
    else:
        assert until.day == now.astimezone(CHINA).date()
