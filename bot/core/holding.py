"""Nobody who is not there keeps an issue because somebody else acted on it (contract §6 promise 1).

What somebody held who left is due at once; an answer by another before the next look would give it
a new due time, and them the issue back. Knows due times and who is there; not what was done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.core.decision import Change, Decision, Update
from bot.core.issue import UNRESOLVED, Issue
from bot.core.standing import Terms, not_their_own


def kept_moving(decision: Decision, issues: Iterable[Issue], terms: Terms) -> Decision:
    """The same, but what would wait for somebody who is not there goes on at the next look."""
    if not any(_waits_anew(change) for change in decision.changes):
        return decision
    known = {issue.no: issue for issue in issues}
    changes = tuple(_moving(change, known, terms) for change in decision.changes)
    return replace(decision, changes=changes)


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
    if terms.settle(issue.place, terms.tier_of(issue), not_their_own(issue)) is None:
        return change  # nobody could have it instead
    return replace(change, values={**change.values, "due_at": terms.now})


def _is_there(issue: Issue, person_id: int) -> bool:
    servers = (*issue.place.liaisons, *issue.place.staff)
    return any(server.person_id == person_id and server.there for server in servers)
