"""The two clocks of an issue: its answer and its handling, and which of them ends first.

Knows when each starts and stops (contract §6), and what ends the evening's question; one due
time comes of both clocks. Must not know who may
answer, who is told, or any sentence. Every function returns the columns that change.

Waiting, the answer clock runs alone. In hand the handling clock runs, and beside it, from the
resident's first words that nobody has answered yet, the answer clock again: only then is the end
of the handling clock kept apart.
"""

from datetime import datetime
from typing import Any, Final

from bot.core.issue import Act, Issue, State, moved
from bot.core.standing import Terms

STOPPED: Final[dict[str, Any]] = {"handle_by": None, "unanswered_at": None}
"""No words wait for an answer: one clock alone is what `due_at` says."""


def in_hand(issue: Issue, act: Act, terms: Terms, until: datetime | None = None) -> dict[str, Any]:
    """From waiting, by `act`: the answer clock stops, the handling clock starts; it runs until
    `until`, else as long as the tier has."""
    if until is None:
        until = terms.handle_due(terms.tier_of(issue), urgent=issue.urgent)
        until = min(until, issue.handle_by or until)
    return {
        "state": moved(issue.state, act),
        "answered_at": issue.answered_at or terms.now,
        "due_at": until,
        "reminders": 0,
        "handed_over": 0,
        **STOPPED,
    }


def spoken_to(issue: Issue, terms: Terms) -> dict[str, Any]:
    """The resident says more than thanks. What is in hand must now be answered like a new issue;
    words that follow before the answer change nothing, and none postpones anything."""
    if issue.state is not State.IN_HAND or issue.unanswered_at is not None:
        return {}
    return {
        "unanswered_at": terms.now,
        "handle_by": issue.due,
        "due_at": min(issue.due, _answer_by(issue, terms)),
    }


def _answer_by(issue: Issue, terms: Terms) -> datetime:
    return terms.answer_due(terms.tier_of(issue), urgent=issue.urgent)


def explained(issue: Issue) -> dict[str, Any]:
    """The holder was asked why it is not done on the day it came: this is the answer."""
    return {"day_due_at": None} if issue.day_asked_at else {}


def answered(issue: Issue, terms: Terms, *, by_holder: bool) -> dict[str, Any]:
    """Words of the resident in an issue in hand are answered: only the handling clock runs on.

    What came due before the answer still steps up, unless who answers holds it from now on: a
    holder who left, or whom nothing reaches, is not brought back by somebody else's words.
    """
    if issue.state is not State.IN_HAND or issue.unanswered_at is None:
        return {}
    if issue.due <= terms.now and not by_holder:
        return STOPPED
    return STOPPED | {"due_at": terms.in_hours(issue, issue.handling_ends)}
