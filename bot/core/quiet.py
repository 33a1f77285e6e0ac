"""Quiet hours: which notices wait for the morning, and until when.

Knows hours and the parts people play; not who is awake (whoever spoke within the hour is told at
once: `bot.store.writing`), not sentences.

What rests: everything for those who serve, and of a resident's what only time has caused. What
somebody does for a resident reaches them at once: they asked for it. What does not rest: danger,
what is due before the morning, and anything for a tier on the wall clock, which has no night.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.decision import Decision, Open, Tell, Update
from bot.core.ladder import Ladder
from bot.core.people import Role
from bot.core.standing import Terms
from bot.core.workdays import CHINA, Span, WallClock

_DAY: Final = timedelta(days=1)
# A morning's digest is made when the hours end and takes along what rested: one push, not two.
_AFTER_THE_END: Final = timedelta(seconds=30)
_CAUSED_BY_TIME: Final = frozenset(
    {"moved_up", "still_at_top", "verdict_reminder", "closed_by_silence"}
)


def ends(spans: Sequence[Span], now: datetime) -> datetime | None:
    """When the quiet hours end that it is now; None where it is not quiet."""
    local = now.astimezone(CHINA)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for span in spans:
        for day in (midnight - _DAY, midnight):
            if day + span.opens <= local < day + span.closes:
                return day + span.closes
    return None


def rested(decision: Decision, terms: Terms, urgent: Collection[int] = ()) -> Decision:
    """The decision with every tell that may wait put off to the end of the quiet hours.

    `urgent`: numbers of issues that are, as far as the decision does not say so itself.
    """
    until = ends(terms.ladder.quiet, terms.now) if decision.tells else None
    if until is None:
        return decision
    wakes = {*urgent, *_made_urgent(decision)}
    tells = tuple(
        replace(tell, rests_until=until + _AFTER_THE_END)
        if tell.no not in wakes and _may_rest(tell, terms.ladder, until)
        else tell
        for tell in decision.tells
    )
    return replace(decision, tells=tells)


def _may_rest(tell: Tell, ladder: Ladder, until: datetime) -> bool:
    if tell.wakes or _is_due_by(tell, until) or all(_has_no_night(ladder, Role.RESIDENT)):
        return False
    if tell.role is Role.RESIDENT:
        return tell.notice.kind in _CAUSED_BY_TIME
    return not any(_has_no_night(ladder, tell.role))


def _is_due_by(tell: Tell, until: datetime) -> bool:
    """Whether the notice speaks of a moment before the morning."""
    moments = (getattr(tell.notice, name, None) for name in ("due_at", "closes_at"))
    return any(moment is not None and moment <= until for moment in moments)


def _has_no_night(ladder: Ladder, role: Role) -> list[bool]:
    """Of each tier that people of this part serve, of all for a resident: whether it never
    closes."""
    return [
        isinstance(tier.clock, WallClock)
        for tier in ladder.tiers
        if role is Role.RESIDENT or (tier.level is None) == (role is Role.LIAISON)
    ]


def _made_urgent(decision: Decision) -> set[int]:
    return {
        change.no
        for change in decision.changes
        if (isinstance(change, Open) and getattr(change, "urgent", False))
        or (isinstance(change, Update) and change.values.get("urgent"))
    }
