"""Customer-service messages: text pushed into the chat within WeChat's window and quota.

Knows how much one message holds, where to part what is longer, and that a person may only be
sent so many; how many is counted in `reach`. The last of them says that a reply, any reply, lets
more come: nothing else can say it afterwards.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.channels.push import BETWEEN, Push
from bot.core import texts
from bot.core.delivery import About, Try
from bot.core.notices import LastPush
from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown
from bot.core.reach import CHAT, Repeat, left
from bot.wechat.client import WeChat
from bot.wechat.words import SAFE_BYTES, clean
from bot.wording import Wording

_REST_PATIENCE_S: Final = 3.0


class Chat:
    """The channel "chat"."""

    name = CHAT

    def __init__(self, wechat: WeChat, wording: Wording, repeat: Repeat = Repeat.RESET) -> None:
        self._wechat = wechat
        self._wording = wording
        self._repeat = repeat

    def send(self, push: Push, now: datetime) -> Try:
        """The words, in as many messages as they need, or what stopped them."""
        if not parts(push.text):
            return Try(CHAT, Refused("no words in it", About.MESSAGE), asked=False)
        rest = left(push.known, now, self._repeat)
        if rest == 0:
            why_not = Refused("nothing may be pushed until they act", About.PERSON)
            return Try(CHAT, why_not, asked=False)
        pieces, carried = parts(push.text), len(push.texts)
        if rest is not None and rest <= len(pieces):
            pieces, carried = self._to_the_last(push, rest)
        return replace(self._sent(push.openid, pieces), carried=carried)

    def _sent(self, openid: str, pieces: Sequence[str]) -> Try:
        outcome: Outcome = Sent()
        for number, piece in enumerate(pieces):
            outcome = self._piece(openid, piece, patient=number > 0)
            if not isinstance(outcome, Sent):
                gone = number + isinstance(outcome, Unknown)
                return Try(CHAT, _cut_short(outcome, number, len(pieces)), messages=gone)
        return Try(CHAT, outcome, messages=len(pieces))

    def _to_the_last(self, push: Push, rest: int) -> tuple[list[str], int]:
        """What goes where nothing may go afterwards, and how many of the notices it holds.

        As many as `rest` messages hold together with the word that a reply brings the others;
        of a single notice that is too long for that, the announcement alone.
        """
        for carried in range(len(push.texts), -1, -1):
            said = (*push.texts[:carried], self._last_words(push, carried))
            pieces = parts(BETWEEN.join(said))
            if len(pieces) <= (rest if carried else 1):
                break
        return pieces, carried

    def _last_words(self, push: Push, carried: int) -> str:
        place = "" if push.announcement.more else push.announcement.place or ""
        return self._wording.say(LastPush(carried, place, len(push.texts) - carried))

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
    """The text as WeChat carries it, in pieces that one message each can hold."""
    return texts.parts(clean(text), SAFE_BYTES)
