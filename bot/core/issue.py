"""The issue: its states and the one table of moves. Knows no people's rights and no tiers.

MOVES is the whole lifecycle of contract §6; whatever is not in it is not allowed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.people import Named, Person, Place, Resident, Role


class State(StrEnum):
    WAITING = "waiting"  # somebody must answer or take it
    IN_HAND = "in_hand"  # being handled
    RESOLVED = "resolved"  # done, says the holder; the resident has the last word
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.WAITING, State.IN_HAND, State.RESOLVED})
UNRESOLVED = frozenset({State.WAITING, State.IN_HAND})


class Act(StrEnum):
    ANSWER = "answer"
    ACCEPT = "accept"
    EXTEND = "extend"
    HAND_OVER = "hand_over"
    RESOLVE = "resolve"
    CLIMB = "climb"
    REOPEN = "reopen"
    CLOSE = "close"


MOVES: dict[State, dict[Act, State]] = {
    State.WAITING: {
        Act.ANSWER: State.IN_HAND,
        Act.ACCEPT: State.IN_HAND,
        Act.EXTEND: State.IN_HAND,
        Act.HAND_OVER: State.WAITING,
        Act.RESOLVE: State.RESOLVED,
        Act.CLIMB: State.WAITING,
    },
    State.IN_HAND: {
        Act.ANSWER: State.IN_HAND,
        Act.ACCEPT: State.IN_HAND,
        Act.EXTEND: State.IN_HAND,
        Act.HAND_OVER: State.WAITING,
        Act.RESOLVE: State.RESOLVED,
        Act.CLIMB: State.WAITING,
    },
    State.RESOLVED: {Act.REOPEN: State.WAITING, Act.CLOSE: State.CLOSED},
    State.CLOSED: {Act.REOPEN: State.WAITING},
    State.WITHDRAWN: {},
}


class NotAllowed(Exception):
    """A move that the table does not have. Told to the person politely."""


def moved(state: State, act: Act) -> State:
    """The state after `act`; NotAllowed where MOVES has none."""
    try:
        return MOVES[state][act]
    except KeyError:
        raise NotAllowed(f"{act} on {state}") from None


class Verdict(StrEnum):
    SATISFIED = "满意"
    MOSTLY = "基本满意"
    DISSATISFIED = "不满意"


class Happened(StrEnum):
    """Kinds of history entries (contract §7)."""

    OPENED = "opened"
    SAID = "said"
    RELAYED = "relayed"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    EXTENDED = "extended"
    HANDED_OVER = "handed_over"
    URGED = "urged"
    URGENT = "urgent"
    RESOLVED = "resolved"
    VERDICT = "verdict"
    REOPENED = "reopened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands, with its place and all who serve there.

    `tier` is the key it stores and `tier_place` the place that tier had when it was reached.
    `past_liaison`: opened at the community (找社区), hidden from the liaison.
    `filed_for`: entered by somebody else for the household (代录); `resident` is then the filer.
    `holder_reached`: not found unreachable, whether or not they are there otherwise.
    `unanswered_at`: since when words of the resident wait for an answer in what is in hand;
    `handle_by`: when its handling ends, apart from `due_at` only meanwhile, or while it waits
    for whom it was handed over to.
    `extensions`: how often its present tier has put it off (延期). `handed_over`: how often it was
    handed over (转办) since somebody took it.
    `day_due_at`: when its holder is asked why it is not done on the day it came, or, once
    `day_asked_at` says that they were, when the tier above hears that they said nothing.
    """

    no: int
    version: int
    state: State
    tier: str
    tier_place: int
    place: Place
    resident: Resident
    holder_id: int
    holder_role: Role
    holder_name: str
    holder_post: str
    opened_at: datetime
    said_at: datetime
    due_at: datetime | None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    urged_at: datetime | None = None
    reminders: int = 0
    remind_at: datetime | None = None
    first_words: str = ""
    urgent: bool = False
    past_liaison: bool = False
    filed_for: bool = False
    handle_by: datetime | None = None
    unanswered_at: datetime | None = None
    extensions: int = 0
    handed_over: int = 0
    day_due_at: datetime | None = None
    day_asked_at: datetime | None = None
    holder_reached: bool = True

    @property
    def holder_named(self) -> Named:
        return Named(self.holder_name, self.holder_post)

    @property
    def due(self) -> datetime:
        """The due time of an open issue; ValueError on one that is closed."""
        if self.due_at is None:
            raise ValueError(f"#{self.no} is closed and due at no time")
        return self.due_at

    @property
    def handling_ends(self) -> datetime:
        """When the handling clock of an issue in hand ends."""
        return self.handle_by or self.due

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_unresolved(self) -> bool:
        return self.state in UNRESOLVED


def may_act(me: Person, issue: Issue) -> bool:
    """Whether `me` may see and act on `issue` as one who serves (contract §4).

    The holder; the household's own liaison and who covers for them, unless the resident went past
    them; staff of a unit that the place lies under. Somebody's own issue is theirs as a resident,
    not to serve, except where they filed it for a household.
    """
    if me.id == issue.resident.id and not issue.filed_for:
        return False
    if me.id == issue.holder_id:
        return True
    is_liaison_here = issue.place.liaison_here(me.id) is not None
    if issue.past_liaison and is_liaison_here:
        return False
    return is_liaison_here or bool(me.posts_over(issue.place))
