"""What becomes of notices after an attempt to push them: gone, again later, in doubt, or stuck.

Knows outcomes and waits; not channels by name, not rows, not WeChat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown

FIRST_GAP = timedelta(seconds=2)
LONGEST_GAP = timedelta(hours=1)
MENDING_TAKES = timedelta(minutes=5)  # a wrong setting is mended by hand, not by haste


class Delivery(StrEnum):
    """A notice's state, as the contract's JSON calls it."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    STUCK = "stuck"


class About(StrEnum):
    """Whose trouble a refusal is; the words of `Refused.about`."""

    PERSON = "person"
    MESSAGE = "message"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt by one channel; `channel` None where nothing could even be tried."""

    channel: str | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rows of one attempt become.

    `next_at` is there while pending; `channel` where one took it or may have; `refused` where
    every channel said no, and about whom.
    """

    state: Delivery
    channel: str | None = None
    next_at: datetime | None = None
    why: str | None = None
    refused: About | None = None


def verdict(tries: Sequence[Try], attempts: int, now: datetime) -> Verdict:
    """The verdict on `tries`, one a channel in their order; only the last may be no refusal.

    `attempts` counts this one. None tried: nothing happened, it is tried again at once.
    """
    if not tries:
        return Verdict(Delivery.PENDING, next_at=now)
    channel, outcome = tries[-1].channel, tries[-1].outcome
    match outcome:
        case Sent():
            return Verdict(Delivery.SENT, channel)
        case Unknown(why):
            return Verdict(Delivery.UNKNOWN, channel, why=why)
        case TryLater(why, after):
            return Verdict(Delivery.PENDING, next_at=now + max(after, gap(attempts)), why=why)
        case Refused():
            return _refused([each.outcome for each in tries], now)


def gap(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 2 s, doubled each time, an hour at most.

    There is no last attempt: the platform's three are for a call that somebody waits for, while
    a notice given up after them would be dropped in silence. Lateness is shown instead.
    """
    doublings = min(max(attempts - 1, 0), 20)
    grown: timedelta = FIRST_GAP * 2**doublings
    return min(grown, LONGEST_GAP)


def _refused(outcomes: Sequence[Outcome], now: datetime) -> Verdict:
    """Every channel said no. One that only a setting keeps from it may carry it yet."""
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    why = "; ".join(refusal.why for refusal in refusals)
    about = {About(refusal.about) for refusal in refusals}
    if About.SERVICE in about:
        then = now + MENDING_TAKES
        return Verdict(Delivery.PENDING, next_at=then, why=why, refused=About.SERVICE)
    whose = About.PERSON if About.PERSON in about else About.MESSAGE
    return Verdict(Delivery.STUCK, why=why, refused=whose)
