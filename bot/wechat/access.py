"""The way to WeChat's API for all calls: one shared token, a connection per thread, the stops.

Knows that a dead token is renewed once and that a used-up API rests; not what is asked for.
Nothing else is repeated here.
"""

import os
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, BinaryIO, TypeVar

from redis import Redis

from bot.wechat.answers import Verdict, verdict
from bot.wechat.errors import AnswerLost, Declined, NotTaken
from bot.wechat.stops import USED_UP, Stops
from bot.wechat.tokens import Token, Tokens
from bot.wechat.wire import CONNECT_SECONDS, Received, Wire

_TOKEN = "stable_token"  # noqa: S105  an API's name

T = TypeVar("T")


class NoToken(Declined):
    """WeChat gives this account no token."""


class Access:
    """One account at WeChat, safe for threads and forks.

    An API is named by its path below /cgi-bin/ ("menu/get"), or from the root ("/wxaapi/...").
    All methods raise WeChatError.
    """

    def __init__(self, api_url: str, appid: str, secret: str, redis: Redis, timeout: float) -> None:
        self._account = (api_url, appid, secret, timeout)
        self._wires = threading.local()
        patience = timedelta(seconds=timeout + min(timeout, CONNECT_SECONDS))
        self._tokens = Tokens(redis, appid, self.ask_token, patience)
        self.stops = Stops(redis, appid)

    def post(self, api: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """One JSON call."""
        return self._call(api, lambda wire: wire.ask("POST", api, data=data))

    def get(self, api: str, **params: str) -> dict[str, Any]:
        return self._call(api, lambda wire: wire.ask("GET", api, params=params))

    def upload(self, api: str, file: tuple[str, bytes, str], **params: str) -> dict[str, Any]:
        """One file as the form field "media": its name, content and type."""
        return self._call(api, lambda wire: wire.upload(api, file, params))

    def fetch(self, api: str, into: BinaryIO, most: int, **params: str) -> Received:
        """A file of at most `most` bytes, written as it comes, or the JSON that came instead."""
        return self._call(api, lambda wire: wire.fetch(api, into, most, params=dict(params)))

    def fetch_from(self, url: str, into: BinaryIO, most: int) -> Received:
        """A file from an address that WeChat named; our token is not shown there."""
        return self._wire().fetch(url, into, most, params={})

    def ask_token(self, force: bool) -> Token:
        """A token from WeChat, past what is kept.

        Raises NotTaken (also for a lost answer: asking has no effect) and NoToken.
        """
        try:
            answer = self._asked(_TOKEN, lambda wire: wire.stable_token(force))
            return Token(text_of(answer, "access_token"), _lives(answer))
        except AnswerLost as error:
            raise NotTaken(f"no token: {error.why}") from None
        except Declined as error:
            raise NoToken(error.code, error.why) from None

    def _call(self, api: str, act: Callable[[Wire], T]) -> T:
        """The call with our token; once more with a new one where that was dead."""
        wire = self._wire()
        wire.token = self._tokens.get()
        try:
            return self._asked(api, act)
        except Declined as error:
            if verdict(error.code) is not Verdict.STALE:
                raise
        wire.token = self._tokens.renew(wire.token)
        return self._asked(api, act)

    def _asked(self, api: str, act: Callable[[Wire], T]) -> T:
        """One call, unless this API rests until tomorrow; where it must from now on, it does."""
        self.stops.check(api)
        try:
            return act(self._wire())
        except Declined as error:
            if error.code == USED_UP:
                self.stops.stop(api, error.why)
            raise

    def _wire(self) -> Wire:
        """This thread's connection; after a fork a new one, as sockets must not be shared."""
        kept: tuple[int, Wire] | None = getattr(self._wires, "kept", None)
        if kept is None or kept[0] != os.getpid():
            kept = self._wires.kept = (os.getpid(), Wire(*self._account))
        return kept[1]


def text_of(answer: Mapping[str, Any], name: str) -> str:
    """A field that must be there. Raises AnswerLost."""
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise AnswerLost(f"an answer without {name}")
    return found


def _lives(answer: Mapping[str, Any]) -> timedelta:
    """expires_in; where it is missing, a short life that is safe."""
    seconds = answer.get("expires_in")
    return timedelta(seconds=seconds if isinstance(seconds, int) and 0 <= seconds <= 86400 else 60)
