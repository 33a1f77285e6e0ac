"""The access token: one for all processes, kept in Redis for a short while.

Knows when to ask for a token; not how it is asked for. WeChat's stable_token gives the same
token until it is due, so asking once too often is no harm, a storm of asking is.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError

from bot.wechat.errors import NotTaken

LONGEST_KEPT = timedelta(minutes=5)
"""WeChat advises asking at least this often: near its end it hands out the next token."""

GLANCE_S = 1.0
"""For so long a process goes by what it saw in Redis last, rather than look before each push."""

FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 15  # of WeChat's 20

_LOOK_AGAIN_SECONDS = 0.02
_DELETE_IF_EQUAL = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)


@dataclass(frozen=True)
class Token:
    """An access token and how long WeChat says it lives."""

    text: str
    lives: timedelta


class Tokens:
    """`ask(force)` fetches a token and raises WeChatError; `patience` is its longest time.

    Safe for any number of threads and processes. Without Redis every `get` asks.
    """

    def __init__(
        self, redis: Redis, appid: str, ask: Callable[[bool], Token], patience: timedelta
    ) -> None:
        self._redis = redis
        self._ask = ask
        self._patience = 2 * patience + timedelta(seconds=1)  # asked twice where one is forced
        self._key = f"wechat:{appid}:token"
        self._seen = ("", 0.0)

    def get(self) -> str:
        """A token that is thought good. Raises WeChatError."""
        token, until = self._seen
        return token if time.monotonic() < until else self._looked_up()

    def _looked_up(self) -> str:
        try:
            if kept := self._kept():
                self._seen = (kept, time.monotonic() + GLANCE_S)
            return kept or self._fetch_together()
        except RedisError:
            return self._ask(False).text

    def renew(self, failed: str) -> str:
        """Another token than the one WeChat refused; all who hold that one get the same.

        Where WeChat goes on handing out the refused token and forbids forcing, that token.
        Raises WeChatError.
        """
        self._seen = ("", 0.0)
        try:
            # Known to all: else somebody who only finds no token would put this one back.
            self._redis.set(f"{self._key}:refused", failed, px=LONGEST_KEPT)
            self._delete(self._key, failed)
            return self._kept() or self._fetch_together()
        except RedisError:
            return self._ask(False).text

    def _kept(self) -> str:
        return self._read(self._key)

    def _read(self, key: str) -> str:
        found = self._redis.get(key)
        return found.decode() if isinstance(found, bytes) else str(found or "")

    def _fetch_together(self) -> str:
        """One of all who come here fetches, the others wait for what it puts down."""
        mine, lock = secrets.token_hex(8), f"{self._key}:lock"
        end = time.monotonic() + self._patience.total_seconds()
        while not self._redis.set(lock, mine, nx=True, px=self._patience):
            time.sleep(_LOOK_AGAIN_SECONDS)
            if kept := self._kept():
                return kept
            if time.monotonic() > end:
                raise NotTaken("another process is fetching the token")
        try:
            return self._kept() or self._fetch()
        finally:
            self._delete(lock, mine)

    def _fetch(self) -> str:
        """Asks; where WeChat gives the token it refuses, forces another if it may, else
        returns that one and keeps nothing."""
        token, refused = self._ask(False), f"{self._key}:refused"
        if token.text == self._read(refused):
            if not self._may_force():
                return token.text
            token = self._ask(True)
            self._redis.delete(refused)
        kept_for = min(LONGEST_KEPT, token.lives)
        if kept_for > timedelta():
            self._redis.set(self._key, token.text, px=kept_for)
        return token.text

    def _may_force(self) -> bool:
        """Whether WeChat's limits on forced renewals, with some to spare, allow one now."""
        if not self._redis.set(f"{self._key}:forced", 1, nx=True, px=FORCED_APART):
            return False
        today = f"{self._key}:forced_today"
        self._redis.set(today, 0, nx=True, ex=timedelta(days=1))
        return self._redis.incr(today) <= FORCED_A_DAY

    def _delete(self, key: str, value: str) -> None:
        """Deletes the key only while it holds this value."""
        self._redis.eval(_DELETE_IF_EQUAL, 1, key, value)
