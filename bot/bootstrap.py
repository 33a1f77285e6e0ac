"""Builds the Bot, everything a process works with, from its settings; the only importer of config.

Knows which piece is made from which setting. Must not know what any piece is used for, and opens
no connection: a database or Redis that is away is met at the first use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from sqlalchemy import Engine

from bot.core.ladder import Ladder
from bot.core.workdays import Calendar
from bot.store.engine import connect
from config.calendar import seeded_calendar
from config.settings import Settings, require
from config.tiers import read_ladder

_REDIS_PATIENCE_S = 3.0


@dataclass(frozen=True)
class Bot:
    """What the desk works with. `now` gives aware UTC moments; tests wind it forward."""

    settings: Settings
    engine: Engine
    redis: Redis
    ladder: Ladder
    calendar: Calendar
    now: Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def build(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Bot:
    """The Bot of these settings.

    Raises SettingsError where DATABASE_URL or REDIS_URL is missing, TiersError where the tiers
    file is wrong; the text of both is one line that says what to do.
    """
    require(settings, "database_url", "redis_url")
    return Bot(
        settings=settings,
        engine=connect(settings.database_url or ""),
        redis=_redis(settings.redis_url or ""),
        ladder=read_ladder(settings.tiers_file),
        calendar=seeded_calendar(),
        now=now,
    )


def _redis(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=_REDIS_PATIENCE_S, socket_connect_timeout=_REDIS_PATIENCE_S
    )
