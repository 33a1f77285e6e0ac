"""The ladder goes by place: first, next, top, and whose clock a wait runs on."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.ladder import Ladder, Tier
from bot.core.workdays import (
    CHINA,
    Calendar,
    Clock,
    Days,
    Duration,
    Span,
    WallClock,
    WorkingClock,
    is_open,
)

CALENDAR = Calendar()
OFFICE = WorkingClock(Days.WORKDAYS, (Span.parse("08:30-12:00"), Span.parse("13:30-17:30")))


def a_tier(place: int, key: str, level: str | None, clock: Clock = OFFICE) -> Tier:
    return Tier(place, key, key.title(), level, Duration(days=1), Duration(days=5), clock)


def a_ladder(*tiers: Tier, after: str = "3d", remind: tuple[str, ...] = ("1d", "2d")) -> Ladder:
    return Ladder(
        tiers=tiers,
        tick=timedelta(seconds=5),
        close_after=Duration.parse(after),
        remind=tuple(Duration.parse(text) for text in remind),
        urgent_answer_within=timedelta(minutes=15),
        urgent_tell_tiers=3,
    )


NEIGHBOUR = a_tier(0, "neighbour", None, WallClock())
BLOCK = a_tier(1, "block", "楼")
TOWN = a_tier(2, "town", "街道")
LADDER = a_ladder(NEIGHBOUR, BLOCK, TOWN)
FRIDAY_NOON = datetime(2026, 11, 20, 11, 0, tzinfo=CHINA)


def test_it_climbs_from_the_first_to_the_top_and_no_further() -> None:
    assert LADDER.first is NEIGHBOUR
    assert LADDER.next(NEIGHBOUR) is BLOCK
    assert LADDER.next(BLOCK) is TOWN
    assert LADDER.top is TOWN
    assert LADDER.next(TOWN) is None


def test_a_tier_is_found_by_its_key() -> None:
    assert LADDER.tier("block") is BLOCK
    assert LADDER.tier("gone") is None


def test_the_households_own_tier_is_the_bottom_one_without_a_level() -> None:
    assert LADDER.own is NEIGHBOUR
    assert a_ladder(a_tier(0, "block", "楼")).own is None


def test_one_tier_is_a_ladder() -> None:
    alone = a_ladder(NEIGHBOUR)
    assert alone.first is alone.top
    assert alone.next(alone.first) is None


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (a_tier(1, "block", "楼"),),
        (a_tier(0, "block", "楼"), a_tier(1, "neighbour", None)),
    ],
)
def test_what_is_no_ladder_is_refused(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match="tier"):
        a_ladder(*tiers)


@pytest.mark.parametrize(
    ("key", "place", "stands_on"),
    [
        ("block", 1, "block"),
        ("block", 0, "block"),  # the key decides while it is there
        ("renamed", 1, "block"),
        ("left-out", 2, "town"),
        ("left-out", 7, "town"),
        ("left-out", -1, "neighbour"),
    ],
)
def test_an_issue_whose_tier_is_gone_never_falls(key: str, place: int, stands_on: str) -> None:
    assert LADDER.at_or_above(key, place).key == stands_on


def test_answer_and_handling_run_on_the_tiers_own_clock() -> None:
    assert LADDER.answer_due(NEIGHBOUR, FRIDAY_NOON, CALENDAR) == FRIDAY_NOON + timedelta(days=1)
    assert LADDER.answer_due(BLOCK, FRIDAY_NOON, CALENDAR) == FRIDAY_NOON + timedelta(days=3)
    assert LADDER.handle_due(BLOCK, FRIDAY_NOON, CALENDAR) == FRIDAY_NOON + timedelta(days=7)


def test_urgent_runs_on_the_wall_clock_of_every_tier() -> None:
    midnight = datetime(2026, 11, 22, 0, 0, tzinfo=CHINA)
    assert LADDER.urgent_due(midnight) == midnight + timedelta(minutes=15)
    assert LADDER.urgent_due(midnight).tzinfo is UTC


def test_closing_and_reminders_stay_in_the_tiers_hours() -> None:
    assert LADDER.remind_dues(BLOCK, FRIDAY_NOON, CALENDAR) == (
        FRIDAY_NOON + timedelta(days=3),
        FRIDAY_NOON + timedelta(days=4),
    )
    assert LADDER.close_due(BLOCK, FRIDAY_NOON, CALENDAR) == FRIDAY_NOON + timedelta(days=5)
    assert LADDER.close_due(NEIGHBOUR, FRIDAY_NOON, CALENDAR) == FRIDAY_NOON + timedelta(days=3)


@pytest.mark.parametrize("remind", [("1d", "30h"), ("90m", "10h", "2d")])
def test_no_reminder_comes_after_the_closing(remind: tuple[str, ...]) -> None:
    ladder = a_ladder(NEIGHBOUR, BLOCK, after="3d", remind=remind)
    for tier in ladder.tiers:
        moments = ladder.remind_dues(tier, FRIDAY_NOON, CALENDAR)
        assert list(moments) == sorted(moments)
        assert moments[-1] < ladder.close_due(tier, FRIDAY_NOON, CALENDAR)
        assert all(is_open(moment, tier.clock, CALENDAR) for moment in moments)
