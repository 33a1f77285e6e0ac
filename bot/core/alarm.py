"""紧急: danger does not wait for office hours, and several tiers hear of it at once.

Knows who is told and which clock runs (contract §6); not which words mean danger, nor any sentence.
"""

from typing import Any

from bot.core.decision import Change, Decision, Entry, Tell, Update
from bot.core.facts import Heard, Words, id_of
from bot.core.issue import Happened, Issue, State
from bot.core.notices import Assigned, MadeUrgent, UrgentNoted
from bot.core.opening import where_for
from bot.core.people import Server
from bot.core.picking import Picked, line
from bot.core.serving import pick_unresolved, to_resident
from bot.core.standing import Terms, not_their_own


def make_urgent(heard: Heard) -> Decision:
    """紧急 [no]: from now on the wall clock; the holder stays, the tiers above hear of it."""
    picked = pick_unresolved(heard)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue, me, terms = picked.issue, heard.me, heard.terms
    where = line(issue, me).where or issue.place.door
    if issue.urgent:
        again = UrgentNoted(issue.no, where, issue.holder_named, issue.due, already=True)
        return Decision(replies=(again,))
    words = heard.words(picked.words) if picked.words else None
    kept: tuple[Change, ...] = (words.stored(issue.no, me.id, terms),) if words else ()
    values = sounded(issue, terms)
    due_at = values["due_at"]
    tier = terms.tier_of(issue)
    return Decision(
        changes=(
            *kept,
            Update(issue.no, issue.version, values),
            Entry(issue.no, Happened.URGENT, terms.now, tier.key, me.id, id_of(words)),
        ),
        tells=(
            *told(heard, issue, words),
            *to_resident(heard, issue, MadeUrgent(issue.no, issue.holder_named, due_at)),
        ),
        replies=(UrgentNoted(issue.no, where, issue.holder_named, due_at),),
    )


def sounded(issue: Issue, terms: Terms) -> dict[str, Any]:
    """The columns that change: what waits is due soon, what is in hand must be answered anew."""
    due_at = min(issue.due, terms.answer_due(terms.tier_of(issue), urgent=True))
    values: dict[str, Any] = {"urgent": True, "due_at": due_at}
    if issue.state is State.IN_HAND:
        values |= {"handle_by": issue.handling_ends, "unanswered_at": terms.now}
    return values


def told(heard: Heard, issue: Issue, words: Words | None) -> tuple[Tell, ...]:
    """Everybody of the tiers that are told, each once, but the one who speaks."""
    terms = heard.terms
    servers = terms.alarmed(issue.place, terms.tier_of(issue), not_their_own(issue))
    return tuple(
        Tell(server.person_id, server.role, _assigned(issue, server, words, terms), issue.no)
        for server in servers
        if server.person_id != heard.me.id
    )


def _assigned(issue: Issue, server: Server, words: Words | None, terms: Terms) -> Assigned:
    return Assigned(
        no=issue.no,
        where=where_for(server, issue.place),
        pending=issue.resident.pending,
        words=issue.first_words,
        due_at=sounded(issue, terms)["due_at"],
        why="urgent",
        mine=server.person_id == issue.holder_id,
        holder=issue.holder_named,
        added=words.text if words else "",
        urgent=True,
    )
