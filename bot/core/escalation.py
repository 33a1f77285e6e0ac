"""What happens when time runs out, or somebody passes an issue up. Not which clock noticed.

One step a firing: a clock that was dead for days climbs one tier at a time (contract §6).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.clocks import STOPPED, explained
from bot.core.decision import Decision, Entry, PassJoin, Tell, Update
from bot.core.facts import Words, id_of
from bot.core.held import held_by, told_resident, told_servers
from bot.core.issue import Act, Happened, Issue, State, moved
from bot.core.notices import (
    ClosedBySilence,
    HandedOver,
    JoinAsked,
    MovedUp,
    StillAtTop,
    ToldAgain,
    VerdictReminder,
)
from bot.core.opening import where_for
from bot.core.people import JoinRequest, Place
from bot.core.standing import NobodyYet, Standing, Terms, not_their_own

# A joining request is asked of the next tier after a day of silence (contract §4).
JOIN_PATIENCE = timedelta(days=1)


def time_ran_out(issue: Issue, terms: Terms) -> Decision:
    """The one step that is due on `issue`; nothing where it is not due any more."""
    if issue.due_at is None or issue.due_at > terms.now:
        return Decision()
    if issue.state is State.RESOLVED:
        return _close(issue, terms)
    return _in_their_stead(issue, terms) or climb(issue, terms)


def remind(issue: Issue, terms: Terms) -> Decision:
    """One reminder of the verdict that is still missing."""
    due_soon = issue.remind_at is not None and issue.remind_at <= terms.now
    if issue.state is not State.RESOLVED or issue.due_at is None or not due_soon:
        return Decision()
    # A clock that was dead over several reminds once, not of each.
    given = issue.reminders + 1
    while (following := terms.remind_due(issue, given)) and following <= terms.now:
        given += 1
    values = {"reminders": given, "remind_at": following}
    notice = VerdictReminder(issue.no, issue.due_at)
    return Decision((Update(issue.no, issue.version, values),), (told_resident(issue, notice),))


def climb(
    issue: Issue,
    terms: Terms,
    *,
    by_id: int | None = None,
    words: Words | None = None,
    standing: Standing | None = None,
    why: str = "",
) -> Decision:
    """One tier up, to the first above where somebody is there; at the top it stays. Or to
    `standing`, where it is known already; `why` is then its own."""
    above = terms.ladder.next(terms.tier_of(issue))
    if standing is None and above:
        standing = terms.settle(issue.place, above, not_their_own(issue))
    if standing is None:
        return stay(issue, terms)
    entry = Entry(issue.no, Happened.ESCALATED, terms.now, standing.tier.key, by_id, id_of(words))
    due_at = terms.answer_due(standing.tier, urgent=issue.urgent)
    why = why or ("reported" if by_id else _why(issue, terms))
    notice = MovedUp(
        issue.no,
        standing.tier.name,
        standing.holder.named,
        due_at,
        terms.next_name(issue.place, standing.tier, not_their_own(issue)),
    )
    return Decision(
        changes=(
            Update(
                issue.no,
                issue.version,
                {"state": moved(issue.state, Act.CLIMB), "due_at": due_at, "extensions": 0}
                | STOPPED
                | explained(issue)
                | held_by(standing),
            ),
            entry,
        ),
        tells=(
            *told_servers(issue, standing, terms, why, by_id, words),
            told_resident(issue, notice),
        ),
    )


def _why(issue: Issue, terms: Terms) -> str:
    """What the next tier is told of an issue whose time ran out."""
    serving = issue.place.serving(terms.tier_of(issue))
    if not any(server.person_id == issue.holder_id and server.there for server in serving):
        return "gone"
    over = issue.state is State.IN_HAND and issue.handling_ends <= terms.now
    return "unfinished" if over else "climbed"


def _in_their_stead(issue: Issue, terms: Terms) -> Decision | None:
    """Who is gone is followed by whoever is there at the same tier, who begins anew. Not whom
    nothing reaches: what they hold steps up (contract §6 promise 4)."""
    tier = terms.tier_of(issue)
    standing = terms.settle(issue.place, tier, not_their_own(issue))
    if standing is None or standing.tier != tier or not issue.holder_reached:
        return None
    if any(server.person_id == issue.holder_id for server in standing.told):
        return None
    due_at, holder = terms.answer_due(tier, urgent=issue.urgent), standing.holder
    values = {"state": moved(issue.state, Act.HAND_OVER), "due_at": due_at} | STOPPED
    alone = replace(standing, told=(holder,))
    return Decision(
        changes=(
            Update(issue.no, issue.version, values | held_by(alone)),
            Entry(issue.no, Happened.HANDED_OVER, terms.now, tier.key),
        ),
        tells=(
            *told_servers(issue, alone, terms, "left"),
            told_resident(issue, HandedOver(issue.no, holder.named, due_at)),
        ),
    )


def stay(issue: Issue, terms: Terms) -> Decision:
    """Nobody is there above: the wait begins anew and those who are there are told again."""
    tier = terms.tier_of(issue)
    there = terms.settle(issue.place, tier, not_their_own(issue))
    due_at = terms.answer_due(tier, urgent=issue.urgent)
    given = issue.reminders + 1
    values: dict[str, Any] = {
        "state": moved(issue.state, Act.CLIMB),
        "due_at": due_at,
        "reminders": given,
        **STOPPED,
    }
    there = there or _in_place_of_who_left(issue, terms)
    holder_is_there = there and any(s.person_id == issue.holder_id for s in there.told)
    if there and not holder_is_there:
        values |= held_by(there, given)
    holder = there.holder if there and not holder_is_there else None
    again = [
        Tell(
            s.person_id,
            s.role,
            ToldAgain(issue.no, where_for(s, issue.place), issue.first_words, due_at),
            issue.no,
            wakes=bool(s.duty),
        )
        for s in (there.told if there else ())
    ]
    # The resident hears it the first time; after that only those who are late hear more.
    if issue.reminders == 0:
        named = holder.named if holder else issue.holder_named
        again.append(told_resident(issue, StillAtTop(issue.no, named, due_at, bool(again))))
    return Decision(
        (
            Update(issue.no, issue.version, values),
            Entry(issue.no, Happened.REMINDED, terms.now, tier.key),
        ),
        tuple(again),
    )


def _in_place_of_who_left(issue: Issue, terms: Terms) -> Standing | None:
    """Nobody is there and the holder serves this place no more: the first of the highest tier
    that has anybody in the roster (contract §6 promise 1)."""
    tiers = terms.ladder.tiers
    if any(s.person_id == issue.holder_id for tier in tiers for s in issue.place.serving(tier)):
        return None
    try:
        standing = terms.opening(issue.place, terms.tier_of(issue), not_their_own(issue))
    except NobodyYet:
        return None
    return standing if standing.tier.place >= terms.tier_of(issue).place else None


def join_waited(request: JoinRequest, place: Place, terms: Terms) -> Decision:
    """A day without 认识 or 不认识: the next tier is asked; at the top it is asked again."""
    tier = terms.ladder.tier(request.tier) or terms.ladder.first
    start = terms.ladder.next(tier) or tier
    standing = terms.settle(place, start, frozenset({request.person_id}))
    reached = standing.tier if standing else tier
    changes = (PassJoin(request.no, reached.key, terms.now + JOIN_PATIENCE),)
    return Decision(changes, join_tells(request.no, request, place, standing, silent=True))


def join_tells(
    no: int, request: JoinRequest, place: Place, standing: Standing | None, *, silent: bool = False
) -> tuple[Tell, ...]:
    return tuple(
        Tell(
            server.person_id,
            server.role,
            JoinAsked(no, where_for(server, place), request.introduced_as, silent),
        )
        for server in (standing.told if standing else ())
    )


def _close(issue: Issue, terms: Terms) -> Decision:
    values = {
        "state": moved(issue.state, Act.CLOSE),
        "due_at": None,
        "remind_at": None,
        "closed_at": terms.now,
    }
    return Decision(
        (
            Update(issue.no, issue.version, values),
            Entry(issue.no, Happened.CLOSED, terms.now, terms.tier_of(issue).key),
        ),
        (told_resident(issue, ClosedBySilence(issue.no)),),
    )
