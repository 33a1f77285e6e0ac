"""转办: who has an issue names the next owner; nobody passes it on for ever.

Knows who may be named (contract §6: only who serves the present tier) and what three hand-overs
without 接单 lead to (domain.md: the subdistrict decides). A hand-over gives nobody more time.
"""

import re
from typing import Any, Final

from bot.core.clocks import STOPPED
from bot.core.commands import HAND_OVER, fold
from bot.core.decision import Change, Decision, Entry, Tell, Update
from bot.core.escalation import climb
from bot.core.facts import Heard, Words, id_of
from bot.core.held import holder_columns
from bot.core.issue import Act, Happened, Issue, State, moved
from bot.core.notices import (
    AboveYou,
    Assigned,
    HandedNoted,
    HandedOver,
    HandWhom,
    Notice,
    WordsMissing,
)
from bot.core.opening import where_for
from bot.core.people import Server
from bot.core.picking import OFFERED, Picked, line
from bot.core.serving import pick_unresolved, to_holder, to_resident
from bot.core.standing import Standing, Terms, not_their_own, reaches

_MOST: Final = 3
_TAIL: Final = 4  # digits that tell people of one name apart
_TO: Final = re.compile(r"(?:转?给|交给|@)?\s*")
_STOPS: Final = re.compile(r"[\s,，.。:：;；、!！]+")


def hand_over(heard: Heard) -> Decision:
    """转办 <no> <name> [why]: who is named must take it or hand it on."""
    picked = pick_unresolved(heard)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue, terms = picked.issue, heard.terms
    if not reaches(heard.me, issue, terms):
        return Decision(replies=(AboveYou(issue.no, terms.tier_of(issue).name),))
    if not picked.words:
        example = f"{HAND_OVER.word} #{issue.no} 王芳"
        return Decision(replies=(WordsMissing(HAND_OVER.word, example),))
    named, why = _named(picked.words, _colleagues(issue, terms))
    if len(named) != 1 or not named[0].there or named[0].person_id == issue.holder_id:
        return Decision(replies=(_whom(issue, picked.words, named, terms),))
    words = heard.words(why) if why else None
    above = _decides(issue, terms)
    if above is not None:
        return _to_the_top(heard, issue, above, words)
    return _to_colleague(heard, issue, named[0], words)


def _colleagues(issue: Issue, terms: Terms) -> tuple[Server, ...]:
    """Who serves the present tier and may hold it, each once."""
    barred = not_their_own(issue)
    serving = issue.place.serving(terms.tier_of(issue))
    return tuple({s.person_id: s for s in serving if s.person_id not in barred}.values())


def _named(text: str, colleagues: tuple[Server, ...]) -> tuple[tuple[Server, ...], str]:
    """Whom the first word means, by name, post and name or phone, and the words behind it. The
    end of a phone after the name tells people of one name apart."""
    first, rest = _parted(text[_to(text) :])
    found = tuple(one for one in colleagues if _is_called(one, fold(first)))
    tail, behind = _parted(rest)
    if len(found) > 1 and _is_phone(fold(tail)):
        of_phone = tuple(one for one in found if (one.phone or "").endswith(fold(tail)))
        return of_phone, behind
    return found, rest


def _to(text: str) -> int:
    """Where the name begins: 转办 #12 给王芳."""
    found = _TO.match(fold(text))
    return found.end() if found else 0


def _parted(text: str) -> tuple[str, str]:
    """The first word, and what is behind it."""
    words = [*_STOPS.split(text, maxsplit=1), ""]
    return words[0], words[1]


def _is_called(server: Server, text: str) -> bool:
    if _is_phone(text):
        return (server.phone or "").endswith(text)
    name, post = fold(server.name), fold(server.post)
    return text in (name, post + name, name + post)


def _is_phone(text: str) -> bool:
    return text.isdecimal() and len(text) >= _TAIL


def _whom(issue: Issue, typed: str, named: tuple[Server, ...], terms: Terms) -> Notice:
    """Why nothing was done: not of this tier, several of the name, not there, or theirs already."""
    alone = named[0] if len(named) == 1 else None
    why = "theirs" if alone and alone.person_id == issue.holder_id else "away"
    offered = named
    if alone is None:
        why = "several" if named else "nobody"
    if why != "several":
        offered = tuple(
            one
            for one in _colleagues(issue, terms)
            if one.there and one.person_id != issue.holder_id
        )
    options = tuple(
        f"{one.post}{one.name}" + (f" {(one.phone or '')[-_TAIL:]}" if why == "several" else "")
        for one in offered[:OFFERED]
    )
    return HandWhom(issue.no, typed[:20], why, terms.tier_of(issue).name, options)


def _decides(issue: Issue, terms: Terms) -> Standing | None:
    """The highest tier above with somebody there, once it was handed over often enough."""
    if issue.handed_over + 1 < _MOST:
        return None
    for tier in reversed(terms.ladder.tiers[terms.tier_of(issue).place + 1 :]):
        standing = terms.settle(issue.place, tier, not_their_own(issue))
        if standing is not None:
            return standing
    return None


def _to_the_top(heard: Heard, issue: Issue, above: Standing, words: Words | None) -> Decision:
    where = line(issue, heard.me).where or issue.place.door
    step = climb(
        issue, heard.terms, by_id=heard.me.id, words=words, standing=above, why="handed_three"
    )
    noted = HandedNoted(issue.no, where, above.holder.named, above.tier.name)
    return Decision(
        (*_kept(heard, issue, words), _entry(heard, issue, words)),
        to_holder(heard, issue, Happened.HANDED_OVER, words.text if words else ""),
    ) + (step + Decision(replies=(noted,)))


def _to_colleague(heard: Heard, issue: Issue, target: Server, words: Words | None) -> Decision:
    terms = heard.terms
    due_at = min(issue.due, terms.answer_due(terms.tier_of(issue), urgent=issue.urgent))
    values: dict[str, Any] = {
        "state": moved(issue.state, Act.HAND_OVER),
        "due_at": due_at,
        "reminders": 0,
        "handed_over": issue.handed_over + 1,
        **STOPPED,
        # Its handling, once begun, has no longer for passing through more hands.
        "handle_by": issue.handling_ends if issue.state is State.IN_HAND else issue.handle_by,
        **holder_columns(target),
    }
    where = line(issue, heard.me).where or issue.place.door
    above = terms.next_name(issue.place, terms.tier_of(issue), not_their_own(issue))
    assigned = Assigned(
        no=issue.no,
        where=where_for(target, issue.place),
        pending=issue.resident.pending,
        words=issue.first_words,
        due_at=due_at,
        why="handed",
        mine=True,
        holder=target.named,
        added=words.text if words else "",
        urgent=issue.urgent,
    )
    tell = Tell(target.person_id, target.role, assigned, issue.no, wakes=bool(target.duty))
    mine = target.person_id == heard.me.id
    return Decision(
        changes=(
            *_kept(heard, issue, words),
            Update(issue.no, issue.version, values),
            _entry(heard, issue, words),
        ),
        tells=(
            *(() if mine else (tell,)),
            *to_resident(heard, issue, HandedOver(issue.no, target.named, due_at)),
            *to_holder(heard, issue, Happened.HANDED_OVER, words.text if words else ""),
        ),
        replies=(HandedNoted(issue.no, where, target.named, above=above is not None),),
    )


def _kept(heard: Heard, issue: Issue, words: Words | None) -> tuple[Change, ...]:
    return (words.stored(issue.no, heard.me.id, heard.terms),) if words else ()


def _entry(heard: Heard, issue: Issue, words: Words | None) -> Entry:
    tier = heard.terms.tier_of(issue)
    return Entry(
        issue.no, Happened.HANDED_OVER, heard.terms.now, tier.key, heard.me.id, id_of(words)
    )
