"""认领 <code>: somebody of the roster comes in from WeChat, and has at once what waited for them.

Knows codes that were typed; not how they are made, no wording.
"""

from datetime import timedelta

from bot.core.commands import fold
from bot.core.decision import ClaimInvite, Decision, SetPerson, Tell, Update
from bot.core.facts import Heard
from bot.core.holding import taken_up
from bot.core.notices import (
    ClaimAlready,
    ClaimHow,
    ClaimLocked,
    ClaimRefused,
    JoinAsked,
    Joined,
)
from bot.core.people import Invite, Role

_WRONG_CODES = 5
_LOCKED_FOR = timedelta(hours=1)


def claim(heard: Heard) -> Decision:
    """认领 <code>: the speaker is somebody of the roster. Five wrong codes lock for an hour."""
    me, now, invite = heard.me, heard.terms.now, heard.facts.invite
    if me.claim_locked_until and me.claim_locked_until > now:
        return Decision(replies=(ClaimLocked(me.claim_locked_until),))
    if not code_of(heard.typed.text):
        return Decision(replies=(ClaimHow(),))
    if invite is None or (invite.used and invite.person_id != me.id):
        return _wrong_code(heard)
    if invite.person_id == me.id or invite.used:
        return Decision(replies=(ClaimAlready(invite.name),))
    if invite.expires_at <= now:
        return Decision(replies=(ClaimRefused("expired"),))
    if me.in_roster:
        return Decision(replies=(ClaimRefused("taken"),))
    claimed = ClaimInvite(invite.person_id, me.id, heard.said.openid, now)
    gone_on = taken_up(invite.person_id, heard.facts.left, heard.terms)
    held = invite.held + sum(
        isinstance(change, Update) and change.values.get("holder_id") == invite.person_id
        for change in gone_on.changes
    )
    joined = Joined(invite.name, invite.posts, held)
    return Decision((claimed,), _asked_meanwhile(heard, invite), (joined,)) + gone_on


def _asked_meanwhile(heard: Heard, invite: Invite) -> tuple[Tell, ...]:
    """Who asked to join while the liaison was not in WeChat yet, and nobody else was asked."""
    own = heard.terms.ladder.own
    return tuple(
        Tell(
            invite.person_id,
            Role.LIAISON,
            JoinAsked(request.no, request.place.door, request.introduced_as),
        )
        for request in heard.facts.asked
        if own is not None and request.tier == own.key and request.person_id != heard.me.id
    )


def code_of(text: str) -> str:
    """The code in `认领 ABCD2345` as it was made: capitals and digits, no spaces or dashes."""
    rest = fold(text.strip())[len("认领") :]
    return "".join(char for char in rest.upper() if char.isascii() and char.isalnum())


def _wrong_code(heard: Heard) -> Decision:
    me, now = heard.me, heard.terms.now
    failures = me.claim_failures + 1
    if failures >= _WRONG_CODES:
        until = now + _LOCKED_FOR
        values = {"claim_failures": 0, "claim_locked_until": until}
        return Decision((SetPerson(me.id, values),), replies=(ClaimLocked(until),))
    left = _WRONG_CODES - failures
    change = SetPerson(me.id, {"claim_failures": failures})
    return Decision((change,), replies=(ClaimRefused("wrong", left),))
