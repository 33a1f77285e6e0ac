"""Which issue a command is about: the number typed, the only one possible, or ask (contract §4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.commands import Typed
from bot.core.facts import Heard
from bot.core.issue import Issue
from bot.core.notices import IsOver, Line, NoSuch, NothingFor, Notice, NotNow, Which
from bot.core.opening import where_for
from bot.core.people import Person, Role, Server
from bot.core.standing import Terms, not_their_own
from bot.core.workdays import CHINA

# So many are offered to choose from; a phone shows no more at once.
OFFERED = 8


@dataclass(frozen=True, slots=True)
class Picked:
    """The issue meant, and the words that are left without its number."""

    issue: Issue
    words: str


def pick(
    typed: Typed,
    candidates: Sequence[Issue],
    others: Sequence[Issue],
    me: Person,
    *,
    more: bool = False,
) -> Picked | Notice:
    """The one of `candidates` that is meant, or the notice that asks or explains.

    `others`: further issues the person knows, on which this command cannot work now. `more`: there
    are candidates beyond these, so that "the only one" cannot be said.
    """
    word = typed.command.word if typed.command else ""
    if typed.no is not None:
        for issue in candidates:
            if issue.no == typed.no:
                return Picked(issue, typed.after)
        for issue in others:
            if issue.no == typed.no and (issue.is_open or typed.certain):
                return NotNow(issue.no, word, str(issue.state))
        if typed.certain:
            return NoSuch(typed.no, lines(candidates, me))
    if len(candidates) == 1 and not more:
        return Picked(candidates[0], typed.words)
    if not candidates:
        return NothingFor(word)
    return Which(word, lines(candidates, me))


def over(heard: Heard) -> IsOver | None:
    """What is said of the number typed where it names an own issue that is closed."""
    no, past = heard.typed.no, heard.facts.past
    for issue in heard.facts.own:
        if issue.no == no and issue.closed_at is not None:
            return IsOver(issue.no, issue.closed_at.astimezone(CHINA).date(), again=True)
    if past is not None and past.no == no:
        return IsOver(past.no, past.closed_at.astimezone(CHINA).date(), again=False)
    return None


def lines(issues: Sequence[Issue], me: Person, terms: Terms | None = None) -> tuple[Line, ...]:
    """Issues as a list for `me`; with `terms` each says who is next."""
    return tuple(line(issue, me, terms) for issue in issues[:OFFERED])


def line(issue: Issue, me: Person, terms: Terms | None = None) -> Line:
    mine = issue.resident.id == me.id and not issue.filed_for
    next_tier = None
    if terms and issue.is_unresolved:
        tier = terms.tier_of(issue)
        next_tier = terms.next_name(issue.place, tier, not_their_own(issue))
    return Line(
        no=issue.no,
        state=str(issue.state),
        words=issue.first_words,
        where="" if mine else where_for(_as_server(me, issue), issue.place),
        holder=issue.holder_named,
        due_at=issue.due_at,
        next_tier=next_tier,
    )


def _as_server(me: Person, issue: Issue) -> Server:
    """`me` as one who serves this place, for how its address is told."""
    role = me.role_at(issue.place) or Role.LIAISON
    posts = me.posts_over(issue.place)
    level = posts[0].level if role is Role.STAFF and posts else None
    return Server(me.id, me.name or "", None, role, "", there=True, level=level)
