"""Carries one signed, encrypted message to the account's program and brings its answer back.

Knows the URL check, the five seconds, the three deliveries (platform facts 1.1–1.3).
Must not know who follows, quotas, or what the words mean.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from bot.simulator import wire
from bot.simulator.account import Account, Mode
from bot.simulator.bubbles import Piece
from bot.simulator.replies import BadReply, read_reply

ANSWER_LIMIT = 1 << 20


HEADERS = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Connection": "close"}


def _direct() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy between us and the account's program
    return session


@dataclass(frozen=True)
class Attempt:
    """One delivery: HTTP status (None: cut, refused or dropped) and seconds it took."""

    status: int | None
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What came of a message: words to show, or a fault; `broken` names a broken reply rule."""

    piece: Piece | None = None
    fault: bool = False
    broken: str | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def words(self) -> str | None:
        """The words of the answer, None where nothing is shown."""
        return self.piece.text if self.piece else None


@dataclass(frozen=True)
class Delivery:
    """One message or event as it went: `msg_id` 0 for events."""

    openid: str
    kind: str
    msg_id: int
    outcome: Outcome


@dataclass
class Courier:
    """How patient the platform is. `cut` and `pause` in seconds; `clock` gives Unix seconds.

    `known` tells whether a media id that a reply names is one of this kind and still lives.
    """

    account: Account
    clock: Callable[[], float] = time.time
    cut: float = 5.0
    deliveries: int = 3
    pause: float = 1.0  # before a repeat when the first was refused rather than cut
    repeat_on_status: bool = True  # undocumented whether WeChat repeats after a non-200
    known: Callable[[str, str], bool] = lambda _kind, _media_id: True
    session: requests.Session = field(default_factory=_direct)

    def check_url(self, webhook: str) -> bool:
        """WeChat's URL check: the echostr must come back verbatim."""
        echo = str(secrets.randbelow(10**19))
        query = {**self._signed(), "echostr": echo}
        try:
            with self.session.get(webhook, params=query, timeout=self.cut, stream=True) as answer:
                return answer.status_code == 200 and answer.raw.read(64) == echo.encode()
        except (requests.RequestException, OSError):
            return False

    def deliver(self, webhook: str | None, openid: str, xml: str) -> Outcome:
        """Posts the same message until it is accepted or three deliveries have failed."""
        attempts: list[Attempt] = []
        while webhook and len(attempts) < self.deliveries:
            attempt, body = self._post(webhook, openid, xml)
            attempts.append(attempt)
            if attempt.status == 200:
                return self._judged(body, openid, tuple(attempts))
            if attempt.status is not None and not self.repeat_on_status:
                break
            if attempt.seconds < self.cut and len(attempts) < self.deliveries:
                time.sleep(min(self.pause, self.cut))
        return Outcome(fault=True, attempts=tuple(attempts))

    def _judged(self, body: bytes, openid: str, attempts: tuple[Attempt, ...]) -> Outcome:
        try:
            return Outcome(read_reply(body, self.account, openid, self.known), attempts=attempts)
        except BadReply as error:
            return Outcome(fault=True, broken=str(error), attempts=attempts)

    def _post(self, webhook: str, openid: str, xml: str) -> tuple[Attempt, bytes]:
        query, body = self.envelope(openid, xml)
        started = time.monotonic()
        try:
            with self.session.post(
                webhook, params=query, data=body, timeout=self.cut, stream=True, headers=HEADERS
            ) as answer:
                content = _read_until(answer, started + self.cut)
                return Attempt(answer.status_code, time.monotonic() - started), content
        except (requests.RequestException, OSError):
            return Attempt(None, time.monotonic() - started), b""

    def envelope(self, openid: str, xml: str) -> tuple[dict[str, str], bytes]:
        """Query and body of one delivery in the account's mode; timestamp and nonce are new."""
        query = self._signed() | {"openid": openid}
        if self.account.mode is Mode.PLAIN:
            return query, xml.encode()
        sealed = wire.encrypt(xml.encode(), self.account.aes_key, self.account.appid)
        signed = wire.signature(self.account.token, query["timestamp"], query["nonce"], sealed)
        query |= {"encrypt_type": "aes", "msg_signature": signed}
        encrypt = wire.to_xml({"Encrypt": sealed})
        if self.account.mode is Mode.COMPATIBLE:
            return query, (xml.removesuffix("</xml>") + encrypt.removeprefix("<xml>")).encode()
        return query, wire.to_xml(
            {"ToUserName": self.account.original_id, "Encrypt": sealed}
        ).encode()

    def _signed(self) -> dict[str, str]:
        stamp, nonce = str(int(self.clock())), str(secrets.randbelow(10**10))
        return {
            "signature": wire.signature(self.account.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
        }


def _read_until(answer: requests.Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    for part in answer.iter_content(8192):
        parts.append(part)
        if time.monotonic() > deadline:
            raise requests.Timeout("the answer trickled past the cut")
        if sum(map(len, parts)) > ANSWER_LIMIT:
            break
    return b"".join(parts)
