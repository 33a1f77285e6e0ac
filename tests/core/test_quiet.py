"""Quiet hours: who is told at once at night, and who in the morning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.decision import Decision, Tell, Update
from bot.core.ladder import Ladder
from bot.core.notices import Accepted, ClosedBySilence, MovedUp, Notice, Relayed, SaidMore
from bot.core.people import Named, Role
from bot.core.quiet import ends, rested
from bot.core.standing import Terms
from bot.core.workdays import Calendar, Days, Span, WorkingClock
from tests.build import wall_ladder

NIGHT = (Span.parse("22:00-08:00"),)
AT_NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # 23:30 in China
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SOMEBODY = Named("王", "网格长")


def ladder(*wall: int) -> Ladder:
    """The usual tiers on working hours, but for those at these places."""
    whole = wall_ladder()
    clock = WorkingClock(Days.ALL, (Span.parse("08:00-20:00"),))
    tiers = tuple(
        tier if tier.place in wall else replace(tier, clock=clock) for tier in whole.tiers
    )
    return replace(whole, tiers=tiers, quiet=NIGHT)


def at_night(
    tell: Tell, *, of: Ladder | None = None, now: datetime = AT_NIGHT, urgent: tuple[int, ...] = ()
) -> datetime | None:
    decision = rested(
        Decision(tells=(tell,)), Terms(of or ladder(), Calendar(), now), urgent=urgent
    )
    return decision.tells[0].rests_until


def to(role: Role, notice: Notice | None = None, no: int = 12) -> Tell:
    return Tell(1, role, notice or SaidMore(no, "1号楼", "又漏了"), no)


@pytest.mark.parametrize(
    ("clock", "end"),
    [
        ("21:59", None),
        ("22:00", "08:00"),
        ("03:00", "08:00"),
        ("07:59", "08:00"),
        ("08:00", None),
        ("12:00", None),
    ],
)
def test_quiet_hours_reach_over_midnight(clock: str, end: str | None) -> None:
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)
    found = ends(NIGHT, now)
    assert (f"{found:%H:%M}" if found else None) == end
    assert found is None or timedelta() < found - now <= timedelta(hours=10)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.STAFF])
def test_those_who_serve_are_told_in_the_morning(role: Role) -> None:
    until = at_night(to(role))
    assert until is not None
    assert MORNING <= until <= MORNING + timedelta(minutes=1)
    assert at_night(to(role), now=AT_NIGHT - timedelta(hours=2)) is None
    assert at_night(to(role), of=replace(ladder(), quiet=())) is None


def test_what_somebody_does_for_a_resident_reaches_them_at_once() -> None:
    due_at = MORNING + timedelta(hours=4)
    assert at_night(to(Role.RESIDENT, Relayed(12, SOMEBODY, "马上到"))) is None
    assert at_night(to(Role.RESIDENT, Accepted(12, SOMEBODY, due_at))) is None
    assert at_night(to(Role.RESIDENT, ClosedBySilence(12))) is not None
    assert at_night(to(Role.RESIDENT, MovedUp(12, "网格", SOMEBODY, due_at, None))) is not None


def test_danger_and_duty_and_what_is_due_before_the_morning_wait_for_nothing() -> None:
    soon = MovedUp(12, "网格", SOMEBODY, AT_NIGHT + timedelta(minutes=15), None)
    assert at_night(to(Role.RESIDENT, soon)) is None
    assert at_night(to(Role.LIAISON), urgent=(12,)) is None
    assert at_night(to(Role.LIAISON), urgent=(13,)) is not None
    assert at_night(replace(to(Role.STAFF), wakes=True)) is None
    made = Decision((Update(12, 1, {"urgent": True}),), (to(Role.LIAISON), to(Role.LIAISON, no=13)))
    first, second = rested(made, Terms(ladder(), Calendar(), AT_NIGHT)).tells
    assert (first.rests_until is None, second.rests_until is None) == (True, False)


@pytest.mark.parametrize(
    ("wall", "at_once"),
    [((), ""), ((0,), "liaison"), ((1,), "staff"), ((0, 1, 2, 3), "liaison staff resident")],
)
def test_a_tier_on_the_wall_clock_has_no_night(wall: tuple[int, ...], at_once: str) -> None:
    tells = (to(Role.LIAISON), to(Role.STAFF), to(Role.RESIDENT, ClosedBySilence(12)))
    told = {str(tell.role) for tell in tells if at_night(tell, of=ladder(*wall)) is None}
    assert told == set(at_once.split())
