"""紧急: danger does not wait for office hours, and several tiers hear of it at once.

Knows who is told and which clock runs (contract §6); not which words mean danger, nor any sentence.
"""

from typing import Any

from bot.core.danger import is_dangerous
from bot.core.decision import Change, Decision, Entry, Tell, Update
from bot.core.facts import Heard, Words, id_of
from bot.core.issue import Happened, Issue, State
from bot.core.notices import Assigned, Continued, MadeUrgent, UrgentNoted
from bot.core.opening import open_for_me, where_for
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
    values = _sounded(issue, terms)
    due_at = values["due_at"]
    return Decision(
        changes=(
            *kept,
            Update(issue.no, issue.version, values),
            _entry(heard, issue, words),
        ),
        tells=(
            *_told(heard, issue, words),
            *to_resident(heard, issue, MadeUrgent(issue.no, issue.holder_named, due_at)),
        ),
        replies=(UrgentNoted(issue.no, where, issue.holder_named, due_at),),
    )


def is_news(issue: Issue, words: Words | None) -> bool:
    """Whether the resident speaks of a danger that the issue knew nothing of."""
    return words is not None and not issue.urgent and is_dangerous(words.text)


def heed(heard: Heard, issue: Issue, words: Words) -> Decision:
    """Danger in what is open already is no less urgent than in what is new. Where the issue was
    called done nobody looks at it any more: it is a new one."""
    if issue.state is State.RESOLVED:
        return open_for_me(heard, words)
    me, terms = heard.me, heard.terms
    values = _sounded(issue, terms)
    due_at, tier = values["due_at"], terms.tier_of(issue)
    others = tuple(other.no for other in heard.facts.own_open if other.no != issue.no)
    return Decision(
        changes=(
            words.stored(issue.no, me.id, terms),
            Update(issue.no, issue.version, values | {"said_at": terms.now}),
            Entry(issue.no, Happened.SAID, terms.now, tier.key, me.id, words.id),
            _entry(heard, issue, None),
            *heard.nothing_awaited,
        ),
        tells=_told(heard, issue, words),
        replies=(
            Continued(issue.no, issue.holder_named, due_at, str(issue.state), others, danger=True),
        ),
    )


def _entry(heard: Heard, issue: Issue, words: Words | None) -> Entry:
    tier = heard.terms.tier_of(issue)
    return Entry(issue.no, Happened.URGENT, heard.terms.now, tier.key, heard.me.id, id_of(words))


def _sounded(issue: Issue, terms: Terms) -> dict[str, Any]:
    """The columns that change: what waits is due soon, what is in hand must be answered anew."""
    due_at = min(issue.due, terms.answer_due(terms.tier_of(issue), urgent=True))
    values: dict[str, Any] = {"urgent": True, "due_at": due_at}
    if issue.state is State.IN_HAND:
        values |= {"handle_by": issue.handling_ends, "unanswered_at": terms.now}
    return values


def _told(heard: Heard, issue: Issue, words: Words | None) -> tuple[Tell, ...]:
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
        due_at=_sounded(issue, terms)["due_at"],
        why="urgent",
        mine=server.person_id == issue.holder_id,
        holder=issue.holder_named,
        added=words.text if words else "",
        urgent=True,
    )
