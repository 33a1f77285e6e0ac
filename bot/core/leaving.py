"""请假 and 销假: until when somebody is away. Knows days; not who covers, no wording."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from bot.core import dates
from bot.core.dates import Until
from bot.core.decision import Decision
from bot.core.facts import Heard
from bot.core.notices.dealing import LeaveHow
from bot.core.notices.dealing import Until as Shown
from bot.core.orders import EndLeave, TakeLeave
from bot.core.standing import Terms
from bot.core.workdays import CHINA, WallClock, due

_LONGEST: Final = timedelta(days=366)
_DAY: Final = timedelta(days=1)
_TYPED: Final = 20


def take_leave(heard: Heard) -> Decision:
    """请假 <until>: `3天` is three times 24 hours on; a day is away to its end."""
    typed = heard.typed.words
    if not typed:
        return Decision(replies=(LeaveHow("missing"),))
    until = read_until(typed, heard.terms)
    if until is None:
        return Decision(replies=(LeaveHow("unread", typed[:_TYPED]),))
    if until <= heard.terms.now:
        return Decision(replies=(LeaveHow("past", typed[:_TYPED]),))
    if until - heard.terms.now > _LONGEST:
        return Decision(replies=(LeaveHow("far", typed[:_TYPED]),))
    return Decision(order=TakeLeave(heard.me.id, until))


def come_back(heard: Heard) -> Decision:
    """销假."""
    return Decision(order=EndLeave(heard.me.id))


def read_until(typed: str, terms: Terms) -> datetime | None:
    """The moment (UTC) at which somebody is back; None where the words name none."""
    try:
        found = dates.read(typed, terms.now.astimezone(CHINA).date())
    except (ValueError, OverflowError):
        return None
    return _moment(found[0], terms) if found else None


def _moment(until: Until, terms: Terms) -> datetime | None:
    if until.wait is not None:
        return due(terms.now, until.wait, WallClock(), terms.calendar)
    if until.day is None:
        return terms.now + until.workdays * _DAY
    midnight = datetime.combine(until.day, time(), CHINA)
    return (midnight + (_DAY if until.at is None else until.at)).astimezone(UTC)


def shown(until: datetime) -> Shown:
    """As people are told: the last day of a leave that ends at midnight, else the moment."""
    local = until.astimezone(CHINA)
    return local.date() - _DAY if local.time() == time() else until
