"""What a rule decided, read back: the words said to it, and what came of them."""

from typing import Any

from bot.core.conversation import said
from bot.core.decision import Decision, Entry, SetPerson, Update
from bot.core.facts import Heard
from bot.core.messages import Kind
from bot.core.notices import Notice
from bot.core.people import Person
from tests.build import (
    heard,
)


def decided(what: Heard) -> Decision:
    return said(what.said, what.facts, what.terms)


def says(text: str, me: Person, *, kind: Kind = Kind.TEXT, **facts: Any) -> Decision:
    return decided(heard(text, me, kind=kind, **facts))


def only_reply(decision: Decision) -> Notice:
    (reply,) = decision.replies
    return reply


def deeds(decision: Decision) -> list[object]:
    """What was changed, but for a short question left open or done with."""
    return [
        change
        for change in decision.changes
        if not (isinstance(change, SetPerson) and set(change.values) == {"awaiting"})
    ]


def entries(decision: Decision) -> list[str]:
    return [str(change.kind) for change in decision.changes if isinstance(change, Entry)]


def values(decision: Decision) -> dict[str, Any]:
    (update,) = (change for change in decision.changes if isinstance(change, Update))
    return dict(update.values)


def told(decision: Decision) -> dict[int, str]:
    return {tell.person_id: tell.notice.kind for tell in decision.tells}


def does_nothing(decision: Decision) -> bool:
    return not deeds(decision) and not decision.tells and bool(decision.replies)
