"""WeChat's API: what we ask of it and what became of it.

Knows which calls there are; the connection is `wire`'s, codes are `answers`', the token is
`tokens`'. Nothing is repeated but one call after a dead token.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from bot.core.outcome import Outcome, Refused, TryLater, Unknown
from bot.wechat.answers import Verdict, in_words, outcome, verdict
from bot.wechat.tokens import Token, Tokens
from bot.wechat.wire import CONNECT_SECONDS, AnswerLost, Declined, NotTaken, WeChatError, Wire

_NOT_TAKEN_AFTER = timedelta(seconds=5)
_LONGEST_CODE = timedelta(days=30)


class NoToken(Declined):
    """WeChat gives this account no token."""


@dataclass(frozen=True)
class Checked:
    """Whether WeChat lets us in; `text` says it in words, with what to do."""

    ok: bool
    text: str


@dataclass(frozen=True)
class QrCode:
    """A code to be scanned: `url` is what the picture holds; `lives` None for a permanent one."""

    ticket: str
    url: str
    lives: timedelta | None


@dataclass(frozen=True)
class Follower:
    """What WeChat still tells of a person; names have been empty since 2021."""

    openid: str
    follows: bool
    scene: str | None


class WeChat:
    """One account at WeChat, safe for threads and forks.

    `api_url` is scheme and host in place of https://api.weixin.qq.com; `timeout` the seconds
    to wait for an answer.
    """

    def __init__(
        self, api_url: str, appid: str, secret: str, redis: Redis, timeout: float = 5.0
    ) -> None:
        self._account = (api_url, appid, secret, timeout)
        self._wires = threading.local()
        patience = timedelta(seconds=timeout + min(timeout, CONNECT_SECONDS))
        self._tokens = Tokens(redis, appid, self._ask_token, patience)

    def send_text(self, openid: str, text: str) -> Outcome:
        """One customer-service text of at most 2048 bytes; never an exception."""
        try:
            answer = self._call(lambda wire: wire.message.send_text(openid, text))
        except WeChatError as error:
            return _outcome(error)
        if "errcode" not in answer:
            return Unknown("an answer without errcode")
        return outcome(0, "", datetime.now(UTC))

    def create_qrcode(self, scene: str, lives: timedelta | None = None) -> QrCode:
        """A code whose scan tells us `scene` (1 to 64 characters).

        Without `lives` permanent, of which an account has 100,000 in all; else up to 30 days.
        Raises WeChatError, ValueError.
        """
        if not 1 <= len(scene) <= 64 or (lives and lives > _LONGEST_CODE):
            raise ValueError("a scene has 1 to 64 characters, a temporary code 30 days at most")
        order: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
        if lives is None:
            order |= {"action_name": "QR_LIMIT_STR_SCENE"}
        else:
            seconds = int(lives.total_seconds())
            order |= {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
        answer = self._call(lambda wire: wire.qrcode.create(order))
        return QrCode(_text(answer, "ticket"), _text(answer, "url"), lives)

    def user_info(self, openid: str) -> Follower:
        """Whether a person follows, and by which scene. Raises WeChatError."""
        answer = self._call(lambda wire: wire.user.get(openid))
        scene = answer.get("qr_scene_str")
        return Follower(openid, answer.get("subscribe") == 1, str(scene) if scene else None)

    def check(self) -> Checked:
        """Asks WeChat for a token, past what is kept, so that wrong settings show at once."""
        try:
            token = self._ask_token(False)
        except WeChatError as error:
            return Checked(False, _trouble(error))
        return Checked(True, f"WeChat gave a token for {int(token.lives.total_seconds())} s")

    def _call(self, act: Callable[[Wire], dict[str, Any]]) -> dict[str, Any]:
        """The call with our token; once more with a new one where that was dead."""
        wire = self._wire()
        wire.token = self._tokens.get()
        try:
            return act(wire)
        except Declined as error:
            if verdict(error.code) is not Verdict.STALE:
                raise
        wire.token = self._tokens.renew(wire.token)
        return act(wire)

    def _ask_token(self, force: bool) -> Token:
        """Raises NotTaken (also for a lost answer: asking has no effect) and NoToken."""
        try:
            answer = self._wire().stable_token(force)
            return Token(_text(answer, "access_token"), _lives(answer))
        except AnswerLost as error:
            raise NotTaken(f"no token: {error.why}") from None
        except Declined as error:
            raise NoToken(error.code, error.why) from None

    def _wire(self) -> Wire:
        """This thread's connection; after a fork a new one, as sockets must not be shared."""
        kept: tuple[int, Wire] | None = getattr(self._wires, "kept", None)
        if kept is None or kept[0] != os.getpid():
            kept = self._wires.kept = (os.getpid(), Wire(*self._account))
        return kept[1]


def _outcome(error: WeChatError) -> Outcome:
    match error:
        case NotTaken():
            return TryLater(error.why, _NOT_TAKEN_AFTER)
        case NoToken() if verdict(error.code) not in (Verdict.LATER, Verdict.TOMORROW):
            return Refused(in_words(error.code, error.why), "service", error.code)
        case Declined():
            return outcome(error.code, error.why, datetime.now(UTC))
        case _:
            return Unknown(error.why)


def _trouble(error: WeChatError) -> str:
    if isinstance(error, Declined) and error.code is not None:
        return f"WeChat gives no token: {in_words(error.code, error.why)}"
    return f"WeChat cannot be asked: {error.why}; is WECHAT_API_URL right and reachable?"


def _text(answer: dict[str, Any], name: str) -> str:
    """A field that must be there. Raises AnswerLost."""
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise AnswerLost(f"an answer without {name}")
    return found


def _lives(answer: dict[str, Any]) -> timedelta:
    """expires_in; where it is missing, a short life that is safe."""
    seconds = answer.get("expires_in")
    return timedelta(seconds=seconds if isinstance(seconds, int) and 0 <= seconds <= 86400 else 60)
