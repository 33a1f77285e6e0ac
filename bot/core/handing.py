"""What becomes of an open issue or a joining request when other people serve its place: it follows,
its clock goes on.

Knows who holds and who is there; not why they changed, no wording.
"""

from bot.core.decision import Decision, Entry, PassJoin, Tell, Update
from bot.core.escalation import JOIN_PATIENCE, climb, join_tells
from bot.core.held import holder_columns, told_resident
from bot.core.issue import Happened, Issue, State
from bot.core.notices import Assigned, HandedOver
from bot.core.opening import where_for
from bot.core.people import JoinRequest, Server
from bot.core.standing import Terms, not_their_own


def hand_on(issue: Issue, terms: Terms, why: str, *, holder_is_there: bool) -> Decision:
    """The issue with its place as it is now. What is in hand stays with a holder who is there.

    To whoever holds its tier now, with a fresh notice and its due time as it was; where nobody is
    there at that tier, up to the next that has somebody. Nobody there at all: as it was, until its
    own time runs out.
    """
    if not issue.is_unresolved or (issue.state is State.IN_HAND and holder_is_there):
        return Decision()
    tier = terms.tier_of(issue)
    standing = terms.settle(issue.place, tier, not_their_own(issue))
    if standing is None or any(one.person_id == issue.holder_id for one in standing.told):
        return Decision()
    if standing.tier != tier:
        return climb(issue, terms, why="left")
    holder = standing.holder
    assigned = _assigned(issue, holder, why)
    tell = Tell(holder.person_id, holder.role, assigned, issue.no, wakes=bool(holder.duty))
    # Who changes liaison, or is covered for, is told so by itself.
    news = HandedOver(issue.no, holder.named, issue.due)
    return Decision(
        changes=(
            Update(issue.no, issue.version, holder_columns(holder)),
            Entry(issue.no, Happened.HANDED_OVER, terms.now, tier.key),
        ),
        tells=(tell, *((told_resident(issue, news),) if why == "left" else ())),
    )


def ask_on(request: JoinRequest, terms: Terms) -> Decision:
    """A joining request that its liaison did not answer: who looks after the household now is
    asked, within the day it has; where nobody of that tier is there, the next, with a day."""
    own = terms.ladder.own
    if own is None or request.tier != own.key:
        return Decision()
    standing = terms.settle(request.place, own, frozenset({request.person_id}))
    if standing is None:
        return Decision()
    passed = PassJoin(request.no, standing.tier.key, terms.now + JOIN_PATIENCE)
    return Decision(
        changes=() if standing.tier == own else (passed,),
        tells=join_tells(request.no, request, request.place, standing),
    )


def _assigned(issue: Issue, holder: Server, why: str) -> Assigned:
    return Assigned(
        no=issue.no,
        where=where_for(holder, issue.place),
        pending=issue.resident.pending,
        words=issue.first_words,
        due_at=issue.due,
        why=why,
        mine=True,
        holder=holder.named,
        urgent=issue.urgent,
    )
