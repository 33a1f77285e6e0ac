"""What becomes of notices after an attempt to push them: gone, again later, in doubt, or stuck.

Knows outcomes and waits; not channels by name, not rows, not WeChat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown

FIRST_GAP = timedelta(seconds=2)
LONGEST_GAP = timedelta(hours=1)
ONCE_FOR = timedelta(minutes=9)  # of WeChat's ten
LONG_WAIT = timedelta(minutes=10)  # another channel is better than so late
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
    ACCOUNT = "account"


_DECIDES: Final = (About.MESSAGE, About.PERSON, About.SERVICE)  # the first that is there
OURS: Final = frozenset({About.SERVICE, About.ACCOUNT})
"""Trouble that only the operator can mend."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt by one channel; `channel` None where nothing could even be tried.

    `asked`: whether WeChat was asked at all. `messages`: how many went out or may have, None for
    what the outcome says. `announces`: the person was told only that there is something, its
    words are still to be read. `carried`: of how many notices, from the first on, the words went
    along, the others announced; None for all of them. `consent`: the template whose consent this
    took. `at`: when the call began. `once`: the platform tells repeats of this push apart for
    ONCE_FOR from the first of them.
    """

    channel: str | None
    outcome: Outcome
    asked: bool = True
    messages: int | None = None
    announces: bool = False
    carried: int | None = None
    consent: str | None = None
    at: datetime | None = None
    once: bool = False

    @property
    def gone(self) -> int:
        """How many messages went out, or may have."""
        if self.messages is not None:
            return self.messages
        return 1 if isinstance(self.outcome, Sent | Unknown) else 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rows of one attempt become.

    `next_at` is there while pending; `channel` where one took it or may have; `refused` where
    every channel said no, and about whom. `unread`: what is sent was only announced;
    `reference`: the platform's, by which it tells how that ended.
    """

    state: Delivery
    channel: str | None = None
    next_at: datetime | None = None
    why: str | None = None
    refused: About | None = None
    unread: bool = False
    reference: str | None = None


def goes_on(outcome: Outcome) -> bool:
    """Whether the next channel is tried: this one refused, or wants longer than people wait."""
    match outcome:
        case Refused():
            return True
        case TryLater(after=after):
            return after >= LONG_WAIT
        case _:
            return False


def verdict(
    tries: Sequence[Try],
    attempts: int,
    now: datetime,
    doubted: Mapping[str, datetime] | None = None,
) -> Verdict:
    """The verdict on `tries`, one a channel in their order; all but the last `goes_on`.

    `attempts` counts this one. None tried: nothing happened, it is tried again at once.
    `doubted`: since when a channel's answers to pushes like this one have been lost.
    """
    if not tries:
        return Verdict(Delivery.PENDING, next_at=now)
    last = tries[-1]
    match last.outcome:
        case Sent(reference):
            announced = last.announces
            return Verdict(Delivery.SENT, last.channel, unread=announced, reference=reference)
        case Unknown(why) if last.once and _tells_apart(_since(last, doubted, now), now):
            return Verdict(Delivery.PENDING, next_at=now + gap(attempts), why=why)
        case Unknown(why):
            return Verdict(Delivery.UNKNOWN, last.channel, why=why)
        case _:
            return _not_taken([each.outcome for each in tries], attempts, now)


def _tells_apart(since: datetime, now: datetime) -> bool:
    """Whether the platform still does; nobody knows where a clock has gone back meanwhile."""
    return timedelta() <= now - since < ONCE_FOR


def _since(last: Try, doubted: Mapping[str, datetime] | None, now: datetime) -> datetime:
    return (doubted or {}).get(last.channel or "") or last.at or now


def gap(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 2 s, doubled each time, an hour at most.

    There is no last attempt: the platform's three are for a call that somebody waits for, while
    a notice given up after them would be dropped in silence. Lateness is shown instead.
    """
    doublings = min(max(attempts - 1, 0), 20)
    grown: timedelta = FIRST_GAP * 2**doublings
    return min(grown, LONGEST_GAP)


def _not_taken(outcomes: Sequence[Outcome], attempts: int, now: datetime) -> Verdict:
    """No channel took it: later by the one that may soonest, else refused."""
    waits = [outcome.after for outcome in outcomes if isinstance(outcome, TryLater)]
    if not waits:
        return _refused([one for one in outcomes if isinstance(one, Refused)], now)
    then = now + max(min(waits), gap(attempts))
    return Verdict(Delivery.PENDING, next_at=then, why=_why(outcomes))


def _refused(refusals: Sequence[Refused], now: datetime) -> Verdict:
    """Every channel said no, so it is stuck (promise 4), unless WeChat lets nobody of us in: then
    none was asked in truth, and what waits goes out once that is mended.

    Refused words say nothing of the person, whom others may still reach.
    """
    about = {About(refusal.about) for refusal in refusals}
    if About.ACCOUNT in about:
        then = now + MENDING_TAKES
        return Verdict(Delivery.PENDING, next_at=then, why=_why(refusals), refused=About.ACCOUNT)
    whose = next(one for one in _DECIDES if one in about)
    return Verdict(Delivery.STUCK, why=_why(refusals), refused=whose)


def _why(outcomes: Sequence[Outcome]) -> str:
    return "; ".join(one.why for one in outcomes if not isinstance(one, Sent))
