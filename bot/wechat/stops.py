"""APIs whose day's quota is used up: not asked again until WeChat's next day, by any process.

Knows the names of APIs and when they may be asked again; not what any of them does.
"""

import time
from datetime import UTC, datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError

from bot.wechat.answers import until_tomorrow
from bot.wechat.errors import Declined
from bot.wechat.tokens import GLANCE_S

USED_UP = 45009

_APART = timedelta(minutes=1)  # of the clocks of two hosts

log = structlog.get_logger()


class Stops:
    """One account's stops, in Redis; where that is away each process knows its own.

    An operator who had the quota renewed lifts them by deleting the key
    "wechat:<appid>:stopped".
    """

    def __init__(self, redis: Redis, appid: str) -> None:
        self._redis = redis
        self._key = f"wechat:{appid}:stopped"
        self._own: dict[str, str] = {}
        self._none_until = 0.0

    def check(self, api: str) -> None:
        """Raises Declined, without asking WeChat, where the API is stopped.

        That nothing is stopped is believed for a moment, rather than looked up before each push.
        """
        if time.monotonic() < self._none_until:
            return
        stopped = self.all()
        if not stopped:
            self._none_until = time.monotonic() + GLANCE_S
        end = stopped.get(api)
        if end is not None:
            raise Declined(USED_UP, f"not asked again before {end:%Y-%m-%d %H:%M}Z")

    def stop(self, api: str, why: str) -> None:
        """WeChat has said that the quota is used up: from now until tomorrow nobody asks."""
        now = datetime.now(UTC)
        lasts = until_tomorrow(now)
        end = (now + lasts).isoformat()
        self._own = {**self._own, api: end}
        self._none_until = 0.0
        try:
            with self._redis.pipeline() as together:
                together.hset(self._key, api, end)
                together.pexpire(self._key, lasts)  # all end at the same midnight
                together.execute()
        except RedisError:
            log.warning("stop_not_shared", api=api)
        log.warning("api_stopped_until_tomorrow", api=api, until=end, why=why)

    def all(self) -> dict[str, datetime]:
        """The APIs that are stopped now, each with its end.

        One that would last longer than any can was begun by a clock that was ahead: it is over,
        and where it was right WeChat says so again.
        """
        now = datetime.now(UTC)
        ends = {api: datetime.fromisoformat(end) for api, end in self._kept().items()}
        longest = now + until_tomorrow(now) + _APART
        return {api: end for api, end in sorted(ends.items()) if now < end <= longest}

    def _kept(self) -> dict[str, str]:
        """Redis decides where it answers, so that a stop can be lifted there."""
        try:
            found = self._redis.hgetall(self._key)
        except RedisError:
            return self._own
        return {_text(api): _text(end) for api, end in found.items()}


def _text(found: object) -> str:
    return found.decode() if isinstance(found, bytes) else str(found)
