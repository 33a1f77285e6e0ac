"""Customer-service messages: text pushed into the chat within WeChat's window and quota.

Knows how much one message holds, where to part what is longer, and that a person may only be
sent so many; how many is counted in `reach`.
"""

import re
import time
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.channels.push import Push
from bot.core.delivery import About, Try
from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown
from bot.core.reach import CHAT, Repeat, left
from bot.wechat.client import WeChat
from bot.wechat.words import SAFE_BYTES, clean, fitting, size

_REST_PATIENCE_S: Final = 3.0

_BREAKS = (re.compile(r"\n"), re.compile(r"[。！？；…!?;]+[”’）」』]*"), re.compile(r"[，、,\s]"))
"""Where a text is parted, best first; the break stays with what is before it."""


class Chat:
    """The channel "chat"."""

    name = CHAT

    def __init__(self, wechat: WeChat, repeat: Repeat = Repeat.RESET) -> None:
        self._wechat = wechat
        self._repeat = repeat

    def send(self, push: Push, now: datetime) -> Try:
        """All the words, in as many messages as they need, or what stopped them."""
        pieces = parts(push.text)
        why_not = self._refusal(push, len(pieces), now)
        if why_not:
            return Try(CHAT, why_not, asked=False)
        outcome: Outcome = Sent()
        for number, piece in enumerate(pieces):
            outcome = self._piece(push.openid, piece, patient=number > 0)
            if not isinstance(outcome, Sent):
                gone = number + isinstance(outcome, Unknown)
                return Try(CHAT, _cut_short(outcome, number, len(pieces)), messages=gone)
        return Try(CHAT, outcome, messages=len(pieces))

    def _refusal(self, push: Push, needed: int, now: datetime) -> Refused | None:
        """Why WeChat is not even asked: it would say no, or stop in the middle."""
        if not needed:
            return Refused("no words in it", About.MESSAGE)
        rest = left(push.known, now, self._repeat)
        if rest == 0:
            return Refused("nothing may be pushed until they act", About.PERSON)
        if rest is not None and rest < needed:
            return Refused(f"needs {needed} messages, {rest} may be pushed", About.MESSAGE)
        return None

    def _piece(self, openid: str, piece: str, *, patient: bool) -> Outcome:
        """One message; what has begun waits a moment rather than break off."""
        outcome = self._wechat.send_text(openid, piece)
        if patient and isinstance(outcome, TryLater):
            time.sleep(min(outcome.after.total_seconds(), _REST_PATIENCE_S))
            outcome = self._wechat.send_text(openid, piece)
        return outcome


def _cut_short(outcome: TryLater | Refused | Unknown, sent: int, pieces: int) -> Outcome:
    """Some parts went out, the next did not. Starting over would repeat them unasked; only who
    writes to us again gets the whole once more."""
    if not sent:
        return outcome
    why = f"{sent} of {pieces} parts sent, then: {outcome.why}"
    if isinstance(outcome, Refused) and outcome.about != About.ACCOUNT:
        return replace(outcome, why=why)
    return Unknown(why)


def parts(text: str) -> list[str]:
    """The text in pieces that one message each can hold; joined they are the cleaned text,
    but for pieces of nothing but space, which WeChat would refuse.

    Parted at line ends, else after sentences, else after commas and spaces, else between
    characters; a piece is never less than half full for the sake of a better place.
    """
    rest, pieces = clean(text), list[str]()
    while size(rest) > SAFE_BYTES:
        piece = _first_piece(rest)
        pieces.append(piece)
        rest = rest[len(piece) :]
    return [piece for piece in [*pieces, rest] if piece.strip()]


def _first_piece(text: str) -> str:
    full = fitting(text, SAFE_BYTES)
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(full)]
        if ends and ends[-1] * 2 >= len(full):
            return full[: ends[-1]]
    return full
