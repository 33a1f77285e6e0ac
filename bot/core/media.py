"""Files that people sent: fetching them in time, and when one goes out to somebody.

Knows waits, limits of patience and of the push quota; no file, no row, no call.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.carrying import LIVES
from bot.core.delivery import MENDING_TAKES, About, gap
from bot.core.messages import Kind
from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown

AMPLE: Final = 3
"""Unasked, a piece goes out only while so many pushes are left: the rest is for words."""

FOR_WORDS: Final = 1
"""Asked for, pieces leave this many pushes for words."""

_SURELY_ALIVE: Final = timedelta(minutes=10)  # an id that is about to die is not used any more
_FETCH_TAKES: Final = timedelta(seconds=30)


class Lack(StrEnum):
    """Why there is no file; all but AWAY are for good."""

    AWAY = "away"
    EXPIRED = "expired"
    TOO_LARGE = "too large"
    NO_SUCH_KIND = "not what it was sent as"


class Keeping(StrEnum):
    """A file's state."""

    WAITING = "waiting"
    KEPT = "kept"
    FAILED = "failed"


class Shown(StrEnum):
    """What became of showing a piece to a person."""

    WAITING = "waiting"
    SHOWN = "shown"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that was not to be had: tried again at `next_at`, None: never."""

    state: Keeping
    next_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A file as it may be sent: WeChat's id for what came, ours for what we sent up again."""

    message_id: str
    kind: Kind
    media_id: str
    expires_at: datetime
    keeping: Keeping
    thumb_media_id: str | None = None
    stored: str | None = None
    sent_id: str | None = None
    sent_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Became:
    """A showing after an attempt; waiting with `next_at` None: held until the person writes."""

    state: Shown
    next_at: datetime | None = None
    why: str | None = None


def missed(lack: Lack, why: str, attempts: int, now: datetime, expires_at: datetime) -> Missing:
    """After attempt number `attempts` brought no file."""
    again = now + gap(attempts)
    if lack is Lack.AWAY and again < expires_at:
        return Missing(Keeping.WAITING, again, why)
    if lack is Lack.AWAY:
        return Missing(Keeping.FAILED, None, f"{Lack.EXPIRED}; {why}")
    return Missing(Keeping.FAILED, None, f"{lack}; {why}" if why else str(lack))


def may_go(asked: bool, left: int | None) -> bool:
    """Whether a piece may go out, `left` pushes being allowed; None: nobody knows."""
    if left is None:
        return asked
    return left > FOR_WORDS if asked else left >= AMPLE


def living_id(piece: Piece, now: datetime) -> str | None:
    """The id by which WeChat has the file now.

    A video's own id is not re-used: that it can be is nowhere written (platform notes §1.6).
    """
    if piece.kind is not Kind.VIDEO and now < piece.expires_at - _SURELY_ALIVE:
        return piece.media_id
    return sent_again(piece, now)


def sent_again(piece: Piece, now: datetime) -> str | None:
    """The id of our own copy at WeChat, where it was sent up and lives."""
    if piece.sent_id and piece.sent_until and now < piece.sent_until - _SURELY_ALIVE:
        return piece.sent_id
    return None


def sent_up(now: datetime) -> datetime:
    """Until when what was sent up now can be used."""
    return now + LIVES


def without_file(piece: Piece, now: datetime) -> Became:
    """There is nothing to send, neither at WeChat nor here: not yet, or never."""
    if piece.keeping is Keeping.WAITING:
        return Became(Shown.WAITING, now + _FETCH_TAKES, "not fetched yet")
    return Became(Shown.FAILED, why="there is no file")


def after(outcome: Outcome, attempts: int, now: datetime) -> Became:
    """A showing after it was sent for the `attempts`-th time."""
    match outcome:
        case Sent():
            return Became(Shown.SHOWN)
        case Unknown(why):
            return Became(Shown.UNKNOWN, why=why)
        case TryLater(why, wait):
            return Became(Shown.WAITING, now + max(wait, gap(attempts)), why)
        case Refused(why, About.PERSON):
            return Became(Shown.WAITING, None, why)
        case Refused(why, About.SERVICE | About.ACCOUNT):
            return Became(Shown.WAITING, now + MENDING_TAKES, why)
        case Refused(why):
            return Became(Shown.FAILED, why=why)
