"""延期: it cannot be done in time, and the resident is told until when and why.

Knows how far and how often a tier may put handling off (contract §4), and how a day that somebody
named fits the hours of a tier. Must not know how days are typed, nor any sentence.
"""

from datetime import date, datetime, timedelta
from typing import Final

from bot.core import dates
from bot.core.clocks import STOPPED, in_hand
from bot.core.commands import EXTEND
from bot.core.dates import Until
from bot.core.decision import Decision, Entry, Update
from bot.core.facts import Heard
from bot.core.issue import Act, Happened, Issue, State, moved
from bot.core.ladder import Tier
from bot.core.notices import (
    AboveYou,
    Extended,
    ExtendedNoted,
    Notice,
    NotSoFar,
    NotSoOften,
    WordsMissing,
)
from bot.core.picking import Picked, line
from bot.core.serving import pick_unresolved, taken, to_holder, to_resident
from bot.core.standing import Terms, reaches
from bot.core.workdays import CHINA, Calendar, Clock, WallClock, due, is_open, next_opening

_DAY: Final = timedelta(days=1)
# A day without hours ends so late (a wall clock has none).
_EVENING: Final = timedelta(hours=23, minutes=59)


def extend(heard: Heard) -> Decision:
    """延期 [no] <when> <why>: moves the handling clock; an answer too, for it says when and why."""
    picked = pick_unresolved(heard)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue, terms = picked.issue, heard.terms
    if not reaches(heard.me, issue, terms):
        return Decision(replies=(AboveYou(issue.no, terms.tier_of(issue).name),))
    read = _read(picked.words, terms)
    if read is None:
        return Decision(replies=(_how(issue),))
    until, why = read
    wanted = moment_of(until, terms.clocked(issue), terms)
    refused = _refused(issue, wanted, terms)
    if refused is not None:
        return Decision(replies=(refused,))
    return _extended(heard, picked, wanted, why)


def _read(words: str, terms: Terms) -> tuple[Until, str] | None:
    """When and why; None where either is missing or no calendar has that day."""
    try:
        found = dates.read(words, terms.now.astimezone(CHINA).date())
    except (ValueError, OverflowError):
        return None
    return found if found and found[1] else None


def _how(issue: Issue) -> Notice:
    return WordsMissing(EXTEND.word, f"{EXTEND.word} #{issue.no} 3天 等配件到货")


def _refused(issue: Issue, wanted: datetime, terms: Terms) -> Notice | None:
    """Why it may not be put off until `wanted`. A time before the present one is always good: who
    says "tomorrow" of what is due the day after only says when."""
    tier, ends = terms.clocked(issue), _ends(issue, terms)
    latest = _day_end(terms.extend_limit(tier, ends), tier.clock)
    if wanted <= terms.now:
        return NotSoFar(issue.no, latest, past=True)
    if wanted <= ends:
        return None
    if issue.extensions >= tier.extend_times:
        return NotSoOften(issue.no, issue.extensions, issue.due)
    return NotSoFar(issue.no, latest) if wanted > latest else None


def _ends(issue: Issue, terms: Terms) -> datetime:
    """When handling ends if it is not put off; of what still waits, if it were taken now."""
    if issue.state is State.WAITING:
        return terms.handle_due(terms.tier_of(issue), urgent=issue.urgent)
    return issue.handling_ends


def _extended(heard: Heard, picked: Picked, wanted: datetime, why: str) -> Decision:
    issue, me, terms = picked.issue, heard.me, heard.terms
    tier, words = terms.tier_of(issue), heard.words(picked.words)
    times = issue.extensions + (wanted > _ends(issue, terms))
    values = {
        "state": moved(issue.state, Act.EXTEND),
        "due_at": wanted,
        "extensions": times,
        "reminders": 0,
        "day_due_at": None,
        **STOPPED,
    }
    entries = [Entry(issue.no, Happened.EXTENDED, terms.now, tier.key, me.id, words.id)]
    if issue.state is State.WAITING:
        values |= in_hand(issue, Act.EXTEND, terms, wanted)
        entries.insert(0, Entry(issue.no, Happened.ANSWERED, terms.now, tier.key, me.id))
    told = Extended(issue.no, me.named_at(issue.place), wanted, why)
    left = max(tier.extend_times - times, 0)
    where, filed_by_me = line(issue, me).where or issue.place.door, issue.resident.id == me.id
    noted = ExtendedNoted(issue.no, where, wanted, left, filed_by_me)
    return Decision(
        changes=(
            words.stored(issue.no, me.id, terms),
            Update(issue.no, issue.version, values | taken(heard, issue)),
            *entries,
        ),
        tells=(
            *to_resident(heard, issue, told),
            *to_holder(heard, issue, Happened.EXTENDED, why),
        ),
        replies=(noted,),
    )


# --- a time that was named, on a tier's clock -------------------------------------------------


def moment_of(until: Until, tier: Tier, terms: Terms) -> datetime:
    """When `until` ends on the clock of `tier`, always inside its open hours (promise 6).

    A day ends with its last open hour. Where nothing is open any more between now and then, as on
    a Sunday for an office, it is the next opening.
    """
    clock, calendar, now = tier.clock, terms.calendar, terms.now
    if until.wait is not None:
        return due(now, until.wait, clock, calendar)
    day = until.day or _workdays_on(now.astimezone(CHINA).date(), until.workdays, calendar)
    named = _midnight(day) + (_EVENING if until.at is None else until.at)
    if named <= now or isinstance(clock, WallClock):
        return named
    last = _last_open(named, now, clock, calendar)
    return next_opening(last or named, clock, calendar)


def _last_open(named: datetime, now: datetime, clock: Clock, calendar: Calendar) -> datetime | None:
    """The last open moment at or before `named` and after `now`, if there is one."""
    if isinstance(clock, WallClock) or is_open(named, clock, calendar):
        return named
    day = named.astimezone(CHINA).date()
    while _midnight(day) + _DAY > now:
        if clock.is_open_on(day, calendar):
            closings = (_midnight(day) + span.closes for span in reversed(clock.spans))
            found = next((closing for closing in closings if now < closing <= named), None)
            if found is not None:
                return found
        day -= _DAY
    return None


def _day_end(moment: datetime, clock: Clock) -> datetime:
    """The last moment of the same day that can be named: how far is counted in days."""
    midnight = _midnight(moment.astimezone(CHINA).date())
    if isinstance(clock, WallClock):
        return max(moment, midnight + _EVENING)
    return max(moment, midnight + min(clock.spans[-1].closes, _DAY))


def _workdays_on(day: date, count: int, calendar: Calendar) -> date:
    while count:
        day += _DAY
        count -= calendar.is_workday(day)
    return day


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
