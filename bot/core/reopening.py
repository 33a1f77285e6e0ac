"""没解决 / 不满意: what was called done goes on, one tier higher.

The resident's own clock is not set back (contract §4): when it was opened and first answered stays.
Knows the ladder and what begins anew; not what people type, nor any sentence.
"""

from dataclasses import replace

from bot.core.alarm import is_news
from bot.core.clocks import STOPPED
from bot.core.decision import Decision, Entry, Update
from bot.core.facts import Words, id_of
from bot.core.held import held_by, told_servers
from bot.core.issue import Act, Happened, Issue, moved
from bot.core.notices import Reopened
from bot.core.standing import Terms, not_their_own


def reopen(issue: Issue, terms: Terms, by_id: int, words: Words | None) -> Decision:
    """没解决 / 不满意: waiting again, one tier higher; at the top it stays there. Words of danger
    make it urgent."""
    rings = is_news(issue, words)
    issue = replace(issue, urgent=issue.urgent or rings)
    tier = terms.tier_of(issue)
    without = not_their_own(issue)
    standing = terms.settle(issue.place, terms.ladder.next(tier) or tier, without)
    standing = standing or terms.settle(issue.place, tier, without)
    holder = standing.holder.named if standing else issue.holder_named
    reached = standing.tier if standing else tier
    due_at = terms.answer_due(reached, urgent=issue.urgent)
    values = {
        "state": moved(issue.state, Act.REOPEN),
        "urgent": issue.urgent,
        "due_at": due_at,
        "resolved_at": None,
        "closed_at": None,
        "verdict": None,
        "remind_at": None,
        "reminders": 0,
        "extensions": 0,
        "handed_over": 0,
        # It came back today: its new holder solves it or explains, as with what is new.
        "day_due_at": terms.ask_due(reached),
        "day_asked_at": None,
        "said_at": terms.now,
        **STOPPED,
    }
    if standing:
        values |= held_by(standing)
    if standing and rings:
        standing = replace(standing, told=terms.alarmed(issue.place, reached, without))
    next_name = terms.next_name(issue.place, reached, without)
    why = "urgent" if rings else "reopened"
    entry = Entry(issue.no, Happened.REOPENED, terms.now, reached.key, by_id, id_of(words))
    return Decision(
        changes=(Update(issue.no, issue.version, values), entry),
        tells=tuple(told_servers(issue, standing, terms, why, by_id, words)) if standing else (),
        replies=(Reopened(issue.no, reached.name, holder, due_at, next_name, rings),),
    )
