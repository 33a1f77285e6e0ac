"""What liaisons and staff do with an issue: relay and answer, take it, resolve it, pass it up.

Knows rights and moves; no wording. Each function takes what was heard and returns a Decision.
"""

from typing import Any

from bot.core.clocks import STOPPED, answered, explained, in_hand
from bot.core.decision import Change, Decision, Entry, Tell, Update
from bot.core.escalation import climb
from bot.core.facts import Heard, Words, id_of
from bot.core.held import holder_columns, told_resident
from bot.core.issue import Act, Happened, Issue, State, moved
from bot.core.notices import (
    AboveYou,
    Accepted,
    AlreadyAtTop,
    AskVerdict,
    DoneByOther,
    EscalatedNoted,
    Notice,
    NotNow,
    RelayConfirmed,
    Relayed,
    ResolvedNoted,
    TakenInHand,
    WordsMissing,
)
from bot.core.picking import Picked, line, pick
from bot.core.standing import not_their_own, reaches, takes_over


def relay(heard: Heard, issue: Issue, words: Words) -> Decision:
    """Words to the resident. The first that are more than a greeting are the answer."""
    me, terms = heard.me, heard.terms
    tier = terms.tier_of(issue)
    stored = words.stored(issue.no, me.id, terms)
    entries = [Entry(issue.no, Happened.RELAYED, terms.now, tier.key, me.id, words.id)]
    values: dict[str, Any] = {}
    answers = issue.state is State.WAITING and not words.is_courtesy
    if not words.is_courtesy:
        values |= _answered(heard, issue) | explained(issue)
    if answers:
        values |= in_hand(issue, Act.ANSWER, terms)
        entries.append(Entry(issue.no, Happened.ANSWERED, terms.now, tier.key, me.id, words.id))
    if issue.is_unresolved:
        values |= taken(heard, issue)
    notice = Relayed(issue.no, me.named_at(issue.place), words.text)
    confirmed = RelayConfirmed(
        issue.no,
        line(issue, me).where or issue.place.door,
        issue.resident.reachable,
        issue.state is State.RESOLVED,
        noted=issue.resident.id == me.id,
    )
    return Decision(
        changes=(stored, *_update(issue, values), *entries, *heard.nothing_awaited),
        tells=(
            *to_resident(heard, issue, notice),
            *(to_holder(heard, issue, Happened.ANSWERED, words.text) if answers else ()),
        ),
        replies=(confirmed,),
    )


def accept(heard: Heard) -> Decision:
    """接单: the answer clock stops, the handling clock starts."""
    picked = pick_unresolved(heard)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue, me, terms = picked.issue, heard.me, heard.terms
    values = taken(heard, issue) | _answered(heard, issue)
    if issue.state is State.IN_HAND and not values:
        return Decision(replies=(NotNow(issue.no, "接单", str(issue.state)),))
    if issue.state is State.WAITING:
        values |= in_hand(issue, Act.ACCEPT, terms)
    due_at = values.get("due_at", issue.due)
    tier = terms.tier_of(issue)
    words = heard.words(picked.words) if picked.words else None
    stays = values.get("holder_id", issue.holder_id) != me.id
    holder = issue.holder_named if stays else None
    notice = Accepted(issue.no, me.named_at(issue.place), due_at, holder)
    entry = Entry(issue.no, Happened.ACCEPTED, terms.now, tier.key, me.id, id_of(words))
    return Decision(
        changes=(
            *((words.stored(issue.no, me.id, terms),) if words else ()),
            *_update(issue, values),
            entry,
        ),
        tells=(
            *to_resident(heard, issue, notice),
            *to_holder(heard, issue, Happened.ACCEPTED, ""),
        ),
        replies=(TakenInHand(issue.no, line(issue, me).where or issue.place.door, due_at, holder),),
    )


def resolve(heard: Heard) -> Decision:
    """办结: resolved; the resident has the last word until silence closes it."""
    picked = pick_unresolved(heard)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue, me, terms = picked.issue, heard.me, heard.terms
    if not picked.words:
        return Decision(replies=(WordsMissing("办结", f"办结 #{issue.no} 已修好，可以正常使用"),))
    words = heard.words(picked.words)
    tier = terms.tier_of(issue)
    reminders = terms.ladder.remind_dues(tier, terms.now, terms.calendar)
    values = taken(heard, issue) | {
        "state": moved(issue.state, Act.RESOLVE),
        "resolved_at": terms.now,
        "answered_at": issue.answered_at or terms.now,
        "due_at": terms.close_due(tier),
        "remind_at": reminders[0] if reminders else None,
        "reminders": 0,
        "day_due_at": None,
        **STOPPED,
    }
    ask = AskVerdict(issue.no, me.named_at(issue.place), words.text)
    filed_by_me = issue.resident.id == me.id
    return Decision(
        changes=(
            words.stored(issue.no, me.id, terms),
            *_update(issue, values),
            Entry(issue.no, Happened.RESOLVED, terms.now, tier.key, me.id, words.id),
        ),
        tells=(
            *to_resident(heard, issue, ask),
            *to_holder(heard, issue, Happened.RESOLVED, words.text),
        ),
        replies=(
            ResolvedNoted(issue.no, line(issue, me).where or issue.place.door),
            *((ask,) if filed_by_me else ()),
        ),
    )


def escalate(heard: Heard) -> Decision:
    """上报: up one tier now, by one who serves the present tier or a higher one."""
    picked = pick_unresolved(heard)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue, me, terms = picked.issue, heard.me, heard.terms
    tier = terms.tier_of(issue)
    if not reaches(me, issue, terms):
        return Decision(replies=(AboveYou(issue.no, tier.name),))
    above = terms.ladder.next(tier)
    standing = terms.settle(issue.place, above, not_their_own(issue)) if above else None
    if standing is None:
        return Decision(replies=(AlreadyAtTop(issue.no),))
    words = heard.words(picked.words) if picked.words else None
    kept = (words.stored(issue.no, me.id, terms),) if words else ()
    noted = EscalatedNoted(issue.no, standing.tier.name, standing.holder.named)
    step = climb(issue, terms, by_id=me.id, words=words)
    return Decision(changes=kept) + step + Decision(replies=(noted,))


def pick_unresolved(heard: Heard) -> Picked | Notice:
    served = heard.facts.served
    candidates = tuple(issue for issue in served if issue.is_unresolved)
    others = (*(issue for issue in served if not issue.is_unresolved), *heard.facts.own)
    return pick(heard.typed, candidates, others, heard.me, more=heard.facts.more)


def _answered(heard: Heard, issue: Issue) -> dict[str, Any]:
    by_holder = heard.me.id == issue.holder_id or bool(taken(heard, issue))
    return answered(issue, heard.terms, by_holder=by_holder)


def taken(heard: Heard, issue: Issue) -> dict[str, Any]:
    server = takes_over(heard.me, issue, heard.terms)
    return holder_columns(server) if server else {}


def _update(issue: Issue, values: dict[str, Any]) -> tuple[Change, ...]:
    return (Update(issue.no, issue.version, values),) if values else ()


def to_resident(heard: Heard, issue: Issue, notice: Notice) -> tuple[Tell, ...]:
    """Not to oneself: who files for a household hears of it in the reply."""
    return () if issue.resident.id == heard.me.id else (told_resident(issue, notice),)


def to_holder(heard: Heard, issue: Issue, did: Happened, words: str) -> tuple[Tell, ...]:
    """The holder hears what somebody else did with their issue."""
    if issue.holder_id in (heard.me.id, issue.resident.id):
        return ()
    notice = DoneByOther(issue.no, heard.me.named_at(issue.place), str(did), words)
    return (Tell(issue.holder_id, issue.holder_role, notice, issue.no),)
