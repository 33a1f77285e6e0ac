"""Builds the Bot, everything a process works with, from its settings; the only importer of config.

Knows which piece is made from which setting. Must not know what any piece is used for, and opens
no connection: a database or Redis that is away is met at the first use.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine

import config
from bot import wording
from bot.channels import Channel, in_order
from bot.core.ladder import Ladder
from bot.core.messages import Said
from bot.core.reach import Repeat
from bot.core.workdays import Calendar
from bot.media.keeping import Files
from bot.rounds import Rounds
from bot.store.calendars import Held
from bot.store.engine import connect
from bot.wechat.client import WeChat
from bot.wording import Wording, WordingError
from config.settings import Settings, SettingsError, require, wechat_needs
from config.settings import load as load_settings
from config.tiers import TiersError, read_ladder

CANNOT_START = (SettingsError, TiersError, WordingError)
"""What `build` and `from_environment` raise; the text of each is one line that says what to do."""

_REDIS_PATIENCE_S = 1.0
_WORDING = Path(config.__path__[0]) / "wording.toml"


@dataclass(frozen=True)
class Bot:
    """What the desk works with. `now` gives aware UTC moments; tests wind it forward. In `rounds`
    those who speak at the same time are served together."""

    settings: Settings
    engine: Engine
    redis: Redis
    ladder: Ladder
    now: Callable[[], datetime]
    wording: Wording
    files: Files
    wechat: WeChat | None = None
    channels: tuple[Channel, ...] = ()
    rounds: Rounds[Said, Any] = field(default_factory=Rounds)
    calendars: Held = field(default_factory=Held)

    @property
    def calendar(self) -> Calendar:
        """The working calendar as this process read it last."""
        return self.calendars.calendar


def utc_now() -> datetime:
    return datetime.now(UTC)


def build(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Bot:
    """The Bot of these settings.

    Raises SettingsError where DATABASE_URL or REDIS_URL is missing, TiersError where the tiers
    file is wrong; the text of both is one line that says what to do.
    """
    require(settings, "database_url", "redis_url")
    redis = _redis(settings.redis_url or "")
    words = wording.load(_WORDING, settings.wording_file, now)
    wechat = _wechat(settings, redis)
    return Bot(
        settings=settings,
        engine=connect(settings.database_url or "", hurried=True),
        redis=redis,
        ladder=read_ladder(settings.tiers_file),
        now=now,
        wording=words,
        files=Files(settings.media_url or str(settings.data_dir / "media")),
        wechat=wechat,
        channels=_channels(settings, wechat, words) if wechat else (),
    )


def from_environment(*needed: str) -> Bot:
    """The Bot of this process's environment. Raises as `build`, also where one of the further
    settings (`"wechat_token"`) that are `needed` is missing."""
    settings = load_settings()
    require(settings, *needed)
    return build(settings)


def for_wechat() -> Bot:
    """The Bot of this process's environment. Raises as `build`, also where a setting is missing
    without which WeChat cannot be spoken with in WECHAT_MODE."""
    settings = load_settings()
    require(settings, *wechat_needs(settings))
    return build(settings)


def _wechat(settings: Settings, redis: Redis) -> WeChat | None:
    """None where no account is set: a reading command needs none."""
    if not settings.wechat_appid or not settings.wechat_secret:
        return None
    return WeChat(settings.wechat_api_url, settings.wechat_appid, settings.wechat_secret, redis)


def _channels(settings: Settings, wechat: WeChat, words: Wording) -> tuple[Channel, ...]:
    return in_order(
        wechat,
        words,
        repeat=Repeat(settings.wechat_allowance),
        template_id=settings.wechat_template_notice,
        subscription_id=settings.wechat_subscription_notice,
        url=settings.public_url or "",
    )


def _redis(url: str) -> Redis:
    """One retry for a connection that died while idle, then it is away."""
    return Redis.from_url(
        url,
        socket_timeout=_REDIS_PATIENCE_S,
        socket_connect_timeout=_REDIS_PATIENCE_S,
        retry=Retry(NoBackoff(), 1),
    )
