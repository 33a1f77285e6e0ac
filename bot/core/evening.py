"""Same day or explain: what is not done on the day it came, its holder tells the resident why.

Asked at the evening hour; who said nothing by the next morning is spoken of to the tier above,
once. Both only on working days of the tier concerned. Knows no clock and no sentence.
"""

from datetime import date, datetime
from typing import Any

from bot.core.decision import Decision, Tell, Update
from bot.core.issue import Issue
from bot.core.notices import NotDoneToday, NotExplained
from bot.core.opening import where_for
from bot.core.people import Server
from bot.core.standing import Standing, Terms, not_their_own
from bot.core.workdays import CHINA, works_on


def day_is_over(issue: Issue, terms: Terms) -> Decision:
    """The one look that is due on `issue`: its holder is asked, or those above are told."""
    if not issue.is_unresolved or issue.day_due_at is None or issue.day_due_at > terms.now:
        return Decision()
    return _ask(issue, terms) if issue.day_asked_at is None else _tell_above(issue, terms)


def _ask(issue: Issue, terms: Terms) -> Decision:
    """Not in the night, nor on another day: a clock that was dead asks the next evening."""
    tier = terms.tier_of(issue)
    late = issue.day_due_at and _day(issue.day_due_at) != _day(terms.now)
    if late or not works_on(_day(terms.now), tier.clock, terms.calendar):
        return _only(issue, {"day_due_at": terms.ask_due(tier)})
    above = _above(issue, terms)
    morning = terms.tell_due(above.tier) if above else None
    holder = _holder(issue, terms)
    where = where_for(holder, issue.place) if holder else issue.place.door
    notice = NotDoneToday(issue.no, where, issue.first_words, issue.due)
    tell = Tell(issue.holder_id, issue.holder_role, notice, issue.no)
    asked = _only(issue, {"day_asked_at": terms.now, "day_due_at": morning})
    return asked + Decision(tells=(tell,))


def _tell_above(issue: Issue, terms: Terms) -> Decision:
    above = _above(issue, terms)
    if above and not works_on(_day(terms.now), above.tier.clock, terms.calendar):
        return _only(issue, {"day_due_at": terms.tell_due(above.tier)})
    told = tuple(
        Tell(
            server.person_id,
            server.role,
            NotExplained(
                issue.no,
                where_for(server, issue.place),
                issue.first_words,
                issue.holder_named,
                issue.due,
            ),
            issue.no,
        )
        for server in (above.told if above else ())
        if server.person_id != issue.holder_id
    )
    return _only(issue, {"day_due_at": None}) + Decision(tells=told)


def _only(issue: Issue, values: dict[str, Any]) -> Decision:
    return Decision((Update(issue.no, issue.version, values),))


def _above(issue: Issue, terms: Terms) -> Standing | None:
    tier = terms.ladder.next(terms.tier_of(issue))
    return terms.settle(issue.place, tier, not_their_own(issue)) if tier else None


def _holder(issue: Issue, terms: Terms) -> Server | None:
    serving = issue.place.serving(terms.tier_of(issue))
    return next((server for server in serving if server.person_id == issue.holder_id), None)


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
