"""What people ask to see: who looks after them, what is open, what they can say."""

from bot.core import joining
from bot.core.decision import Decision
from bot.core.facts import Heard
from bot.core.notices import (
    Contact,
    Help,
    MyHouseholds,
    MyLiaison,
    NoHomeYet,
    NothingFor,
    ToDo,
)
from bot.core.people import Place, Server, not_property
from bot.core.picking import OFFERED, lines


def my_liaison(heard: Heard) -> Decision:
    """我的联络员: by name and phone, with those above; to a pending person the name alone."""
    me = heard.me
    if me.home is None:
        return Decision(replies=(NoHomeYet(me.door.door if me.door else None),))
    home, pending = me.home, me.pending
    cover = _contact(home.cover, pending)
    liaison = _contact(home.liaison, pending)
    above = () if pending else _above(heard, home)
    away = bool(home.liaison and not home.liaison.there and not home.cover)
    return Decision(replies=(MyLiaison(home.door, pending, liaison, above, cover, away),))


def _contact(server: Server | None, pending: bool) -> Contact | None:
    """To a pending person the name alone."""
    return Contact(server.named, None if pending else server.phone) if server else None


def _above(heard: Heard, home: Place) -> tuple[Contact, ...]:
    """Those who would hold after the liaison, one a tier."""
    contacts = []
    for tier in heard.terms.ladder.tiers:
        if tier.level is None:
            continue
        holder = _first(home.serving(tier))
        if holder is not None:
            contacts.append(Contact(holder.named, holder.phone))
    return tuple(contacts)


def _first(servers: tuple[Server, ...]) -> Server | None:
    there = [server for server in servers if server.there]
    on_duty = sorted((one for one in there if one.duty), key=lambda one: -one.duty)
    return next(iter((*on_duty, *not_property(there), *there, *servers)), None)


def to_do(heard: Heard) -> Decision:
    """待办: what the speaker serves, by due time, who asks to join, whom nothing reaches."""
    served = [issue for issue in heard.facts.served if issue.is_unresolved]
    served.sort(key=lambda issue: (issue.due_at is None, issue.due_at))
    requests = joining.request_lines(heard.facts.requests)
    unreached = heard.facts.unreached
    if not served and not requests and not unreached:
        return Decision(replies=(NothingFor("待办"),))
    more = heard.facts.more or len(served) > OFFERED
    return Decision(replies=(ToDo(lines(served, heard.me), requests, more, unreached),))


def my_households(heard: Heard) -> Decision:
    """我的住户."""
    return Decision(replies=(MyHouseholds(heard.facts.homes),))


def help_for(heard: Heard) -> Decision:
    """帮助, by the parts the speaker plays."""
    me = heard.me
    return Decision(
        replies=(Help(bound=me.home is not None, liaison=me.is_liaison, staff=bool(me.posts)),)
    )
