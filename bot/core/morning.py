"""The morning's digest: what falls due today, one message a day to each who holds some of it.

Given when a tier's day begins, on its working days; who holds at several tiers hears of all when
the first of them begins. Numbers and times alone, no words: 待办 shows them. Knows no clock and no
sentence.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.core.decision import Decision, Tell
from bot.core.issue import Issue
from bot.core.ladder import Tier
from bot.core.notices import Line, Morning
from bot.core.picking import OFFERED
from bot.core.standing import Terms
from bot.core.workdays import CHINA, WorkingClock, works_on

LASTS: Final = timedelta(hours=3)
"""A clock that was dead for so long gives none that day: it would be no morning any more."""

_DAWN: Final = timedelta(hours=6)


def beginnings(terms: Terms) -> Iterator[tuple[Tier, datetime]]:
    """The tiers whose day began within LASTS, each with the moment; those on the wall clock, and
    those that are open in the night, have no morning."""
    local = terms.now.astimezone(CHINA)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for tier in terms.ladder.tiers:
        clock = tier.clock
        if not isinstance(clock, WorkingClock) or clock.spans[0].opens < _DAWN:
            continue
        began = midnight + clock.spans[0].opens
        if works_on(local.date(), clock, terms.calendar) and began <= local < began + LASTS:
            yield tier, began


def due_since(terms: Terms, given: Mapping[str, datetime]) -> datetime | None:
    """When the first digest that is still to be given fell due; `given` by the tier's key."""
    missing = [
        began
        for tier, began in beginnings(terms)
        if tier.key not in given or given[tier.key] < began
    ]
    return min(missing, default=None)


def ends_today(now: datetime) -> datetime:
    """The midnight after `now` in China."""
    local = now.astimezone(CHINA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def digests(issues: Sequence[Issue], terms: Terms) -> Decision:
    """One digest a holder who is there, of these issues that fall due today."""
    held: dict[int, list[Issue]] = defaultdict(list)
    for issue in sorted(issues, key=lambda one: one.due):
        servers = issue.place.serving(terms.tier_of(issue))
        if any(server.person_id == issue.holder_id and server.there for server in servers):
            held[issue.holder_id].append(issue)
    return Decision(tells=tuple(_digest(person_id, own) for person_id, own in held.items()))


def _digest(person_id: int, issues: Sequence[Issue]) -> Tell:
    lines = tuple(Line(one.no, str(one.state), "", due_at=one.due) for one in issues[:OFFERED])
    return Tell(person_id, issues[0].holder_role, Morning(lines, len(issues) - len(lines)))
