"""Nobody who is not there keeps an issue where somebody else could have it (contract §6 promise 1).

What somebody held who left is due at once. An answer by another before the next look would give it
a new due time, and them the issue back; and where nobody at all was there, it stays with them until
somebody comes back. So it is looked at with everything that is said. Knows due times and who is
there; not what was done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.core.decision import Change, Decision, LeaveHeld, Update
from bot.core.escalation import time_ran_out
from bot.core.issue import UNRESOLVED, Issue
from bot.core.people import Server
from bot.core.standing import Terms, not_their_own


def kept_moving(decision: Decision, issues: Iterable[Issue], terms: Terms) -> Decision:
    """The same, but what would wait for somebody who is not there goes on at the next look."""
    known = {issue.no: issue for issue in issues}
    changes = tuple(_moving(change, known, terms) for change in decision.changes)
    written = {change.no for change in changes if isinstance(change, Update)}
    leaving = {change.person_id for change in changes if isinstance(change, LeaveHeld)}
    left = tuple(
        Update(issue.no, issue.version, {"due_at": terms.now})
        for issue in known.values()
        if issue.no not in written and issue.holder_id not in leaving and _is_left(issue, terms)
    )
    return replace(decision, changes=changes + left)


def taken_up(person_id: int, issues: Iterable[Issue], terms: Terms) -> Decision:
    """This person has just joined: what stayed with somebody who is not there, for want of them,
    goes on now."""
    seen = (replace(one, place=one.place.with_there(person_id)) for one in issues)
    left = (replace(one, due_at=terms.now) for one in seen if _is_left(one, terms))
    return sum((time_ran_out(issue, terms) for issue in left), Decision())


def _is_left(issue: Issue, terms: Terms) -> bool:
    """Whether its holder, who serves there, is not there, and somebody else is."""
    if not issue.is_unresolved or issue.due <= terms.now:
        return False
    parts = [one.there for one in _servers(issue) if one.person_id == issue.holder_id]
    return bool(parts) and not any(parts) and _could_go_on(issue, terms)


def _waits_anew(change: Change) -> bool:
    """What moves house is given to somebody who is there by the rule that moves it."""
    return (
        isinstance(change, Update)
        and change.values.get("due_at") is not None
        and "unit_id" not in change.values
    )


def _moving(change: Change, known: Mapping[int, Issue], terms: Terms) -> Change:
    if not isinstance(change, Update) or not _waits_anew(change) or change.no not in known:
        return change
    issue = known[change.no]
    holder = change.values.get("holder_id", issue.holder_id)
    if change.values.get("state", issue.state) not in UNRESOLVED or _is_there(issue, holder):
        return change
    if not _could_go_on(issue, terms):
        return change
    return replace(change, values={**change.values, "due_at": terms.now})


def _could_go_on(issue: Issue, terms: Terms) -> bool:
    return terms.settle(issue.place, terms.tier_of(issue), not_their_own(issue)) is not None


def _is_there(issue: Issue, person_id: int) -> bool:
    return any(one.person_id == person_id and one.there for one in _servers(issue))


def _servers(issue: Issue) -> tuple[Server, ...]:
    return (*issue.place.liaisons, *issue.place.staff)
