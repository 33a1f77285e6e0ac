"""What WeChat sends that our settings do not fit: kept for a day, so that `doctor` can say so.

Knows the reasons that point to a setting; not what an operator is told of them. Without Redis
nothing is kept: the log has it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.wechat.callback import ANOTHER_ACCOUNT, JSON, NO_KEY, NOT_SEALED, SEALED

REASONS: Final = frozenset({NO_KEY, ANOTHER_ACCOUNT, JSON, SEALED, NOT_SEALED})

_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Misfit:
    """The last one: why, one of REASONS, and when."""

    why: str
    at: datetime


def note(redis: Redis, appid: str, why: str, now: datetime) -> None:
    """Nothing where the reason is no setting's."""
    if why not in REASONS:
        return
    try:
        redis.set(_key(appid), f"{now.isoformat()} {why}", ex=_KEPT)
    except RedisError:
        return


def forget(redis: Redis, appid: str) -> None:
    """The settings were changed: what was noted under the former ones is over."""
    try:
        redis.delete(_key(appid))
    except RedisError:
        return


def noted(redis: Redis, appid: str) -> Misfit | None:
    try:
        found = redis.get(_key(appid))
    except RedisError:
        return None
    text = found.decode() if isinstance(found, bytes) else str(found or "")
    at, _, why = text.partition(" ")
    return Misfit(why, datetime.fromisoformat(at)) if why in REASONS else None


def _key(appid: str) -> str:
    return f"wechat:{appid}:misfit"
