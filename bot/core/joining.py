"""How people come in: following, scanning a door, 绑定, 认识. Knows no wording.

Until somebody says 认识 a person is pending: may report, knows the liaison's name, no more.
"""

from dataclasses import replace
from datetime import timedelta

from bot.core import addresses
from bot.core.decision import (
    AnswerJoin,
    AskToJoin,
    Decision,
    Entry,
    LeaveHeld,
    SetPerson,
    Tell,
    Update,
)
from bot.core.escalation import JOIN_PATIENCE, join_tells
from bot.core.facts import Heard
from bot.core.held import held_by, told_servers
from bot.core.issue import Happened, Issue, State
from bot.core.notices import (
    BindAlready,
    BindAsked,
    BindHow,
    BindNotFound,
    BindWhich,
    Contact,
    Newcomer,
    NoSuch,
    NothingFor,
    Notice,
    NotRecognised,
    Recognised,
    RecognisedNoted,
    Welcome,
    Which,
)
from bot.core.people import Awaiting, JoinRequest, Place, Role
from bot.core.standing import Terms

# 甲 乙 丙: never digits, which would look like issue numbers or rooms.
CHOICES = "甲乙丙丁戊己"
_CHOICE_KEPT = timedelta(minutes=10)
_SHOWN = 40


def greet(heard: Heard) -> Decision:
    """After following or scanning: the door is remembered, what is kept is said."""
    me = heard.me
    back = SetPerson(me.id, {"unfollowed_at": None})
    home = me.home.door if me.home else None
    door = me.door.door if me.door else None
    return Decision((back,), replies=(Welcome(me.pending, door, home),))


def leave(heard: Heard) -> Decision:
    """Unfollowed: nothing reaches them any more, so what they hold goes on at once."""
    me, now = heard.me, heard.terms.now
    return Decision((SetPerson(me.id, {"unfollowed_at": now}), LeaveHeld(me.id, now)))


def bind(heard: Heard) -> Decision:
    """绑定 <address>: ask to join the one household that fits."""
    me, found = heard.me, heard.facts.found
    door = me.door.door if me.door else None
    typed = heard.typed.text[len("绑定") :].strip()
    if not typed:
        return Decision(replies=(BindHow(door),))
    if not found:
        return Decision(replies=(BindNotFound(typed[:_SHOWN], door),))
    if len(found) > 1:
        return _offer(heard, found)
    return _ask_to_join(heard, found[0], addresses.read(typed).introduction)


def choose(heard: Heard, waiting: Awaiting) -> Decision | None:
    """甲 / 乙 / 丙 after several homes were offered; None: these are other words."""
    if waiting.kind != "bind" or len(heard.said.text.strip()) != 1:
        return None
    index = CHOICES.find(heard.said.text.strip())
    if not 0 <= index < len(waiting.choices):
        return None
    chosen = waiting.choices[index]
    for place in heard.facts.choices:
        if place.household and place.household.id == chosen:
            return _ask_to_join(heard, place, None)
    return None


def know(heard: Heard, *, known: bool) -> Decision:
    """认识 / 不认识 [no]."""
    request = _request_meant(heard)
    if not isinstance(request, JoinRequest):
        return Decision(replies=(request,))
    place, now = request.place, heard.terms.now
    notice: Notice = NotRecognised(place.door)
    if known:
        liaison = place.liaison
        contact = Contact(liaison.named, liaison.phone) if liaison else None
        notice = Recognised(place.door, contact)
    return Decision(
        changes=(AnswerJoin(request.no, request.person_id, known, heard.me.id, now),),
        tells=(Tell(request.person_id, Role.RESIDENT, notice),),
        replies=(RecognisedNoted(request.no, place.door, known),),
    )


def _offer(heard: Heard, found: tuple[Place, ...]) -> Decision:
    offered = found[: len(CHOICES)]
    waiting = Awaiting(
        "bind",
        heard.terms.now + _CHOICE_KEPT,
        choices=tuple(place.household.id for place in offered if place.household),
    )
    return Decision(
        (SetPerson(heard.me.id, {"awaiting": waiting}),),
        replies=(BindWhich(tuple(place.address for place in offered), len(found) > len(offered)),),
    )


def _ask_to_join(heard: Heard, place: Place, introduced_as: str | None) -> Decision:
    me, terms = heard.me, heard.terms
    household = place.household
    if household is None:
        return Decision(replies=(BindHow(None),))
    if me.home and me.home.household and me.home.household.id == household.id:
        return Decision(replies=(BindAlready(place.door, me.pending),))
    standing = terms.settle(place, terms.start_for(place), frozenset({me.id}))
    tier = standing.tier if standing else terms.start_for(place)
    asked = AskToJoin(
        no=heard.no,
        person_id=me.id,
        household_id=household.id,
        introduced_as=introduced_as,
        tier=tier.key,
        asked_at=terms.now,
        due_at=terms.now + JOIN_PATIENCE,
    )
    request = JoinRequest(heard.no, me.id, place, introduced_as, tier.key, terms.now)
    moves = [
        _move_to_liaison(issue, place, terms)
        for issue in heard.facts.own
        if issue.place.household is None
        and issue.state is State.WAITING
        and not issue.past_liaison
        and not issue.filed_for
    ]
    moved = tuple(
        change.no for move in moves for change in move.changes if isinstance(change, Entry)
    )
    asked_of = standing.holder.named if standing else None
    decision = Decision(
        (asked, *heard.nothing_awaited),
        join_tells(heard.no, request, place, standing),
        (BindAsked(place.door, asked_of, moved),),
    )
    return sum(moves, decision)


def _move_to_liaison(issue: Issue, place: Place, terms: Terms) -> Decision:
    """What was said before binding goes to the household's liaison while it still waits, or to
    whoever is there in their stead; not where its holder already is.

    The one case in which a tier falls: contract §4, "moves to the liaison on binding".
    """
    start = terms.start_for(place)
    standing = terms.settle(place, start, frozenset({issue.resident.id}))
    values = {
        "household_id": place.household.id if place.household else None,
        "unit_id": place.unit.id,
    }
    stays = standing is not None and standing.tier == terms.tier_of(issue)
    if standing is None or (stays and issue.holder_id in {one.person_id for one in standing.told}):
        return Decision((Update(issue.no, issue.version, values),))
    values |= held_by(standing) | {"due_at": terms.answer_due(standing.tier, urgent=issue.urgent)}
    entry = Entry(issue.no, Happened.HANDED_OVER, terms.now, standing.tier.key)
    return Decision(
        changes=(Update(issue.no, issue.version, values), entry),
        tells=tuple(told_servers(_at(issue, place), standing, terms, "moved")),
    )


def _at(issue: Issue, place: Place) -> Issue:
    """The issue as it looks from its new place; its words are now a pending member's."""
    return replace(issue, place=place, resident=replace(issue.resident, pending=True))


def _request_meant(heard: Heard) -> JoinRequest | Notice:
    requests, typed = heard.facts.requests, heard.typed
    word = typed.command.word if typed.command else ""
    if typed.no is not None:
        for request in requests:
            if request.no == typed.no:
                return request
        if typed.certain:
            return NoSuch(typed.no, requests=request_lines(requests))
    if len(requests) == 1:
        return requests[0]
    if not requests:
        return NothingFor(word)
    return Which(word, requests=request_lines(requests))


def request_lines(requests: tuple[JoinRequest, ...]) -> tuple[Newcomer, ...]:
    """Joining requests as a list."""
    return tuple(
        Newcomer(request.no, request.place.door, request.introduced_as) for request in requests
    )
