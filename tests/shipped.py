"""The tiers file as it is shipped, and moments of a November under it."""

from datetime import datetime
from pathlib import Path

from bot.core.standing import Terms
from bot.core.workdays import CHINA
from bot.store.announced import seeded_calendar
from config.tiers import read_ladder
from tests.build import COMMUNITY, GRID, LIAISON, SUBDISTRICT

SHIPPED = read_ladder(Path(__file__).parents[1] / "config" / "tiers.toml")
ON_TIER = (
    ("liaison", 0, LIAISON),
    ("grid", 1, GRID),
    ("community", 2, COMMUNITY),
    ("subdistrict", 3, SUBDISTRICT),
)


def shipped(now: datetime) -> Terms:
    return Terms(SHIPPED, seeded_calendar(), now)


def china(day: int, clock: str) -> datetime:
    """A moment of November 2026; the 23rd is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)
