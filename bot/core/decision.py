"""All that a rule may ask for: rows, history, people to tell, a reply. Values; does nothing.

A rule returns a `Decision`; `bot.store.changes` writes it in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.core.issue import Happened, State
from bot.core.notices import NEW, Notice
from bot.core.orders import Order
from bot.core.people import Role, Server


@dataclass(frozen=True, slots=True)
class Open:
    """A new issue. `no` is NEW until the number is known."""

    no: int
    resident_id: int
    household_id: int | None
    unit_id: int
    tier: str
    place: int
    holder: Server
    opened_at: datetime
    due_at: datetime
    first_words: str
    opened_tier: str
    past_liaison: bool = False
    filed_for: bool = False
    state: State = State.WAITING
    urgent: bool = False
    day_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Columns of an issue that stands at `version`; refused whole where it does not any more."""

    no: int
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Keep:
    """What a person said, to be kept; `no` None where it belongs to no issue (yet)."""

    id: str
    no: int | None
    author_id: int
    kind: str
    text: str
    carried: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Attach:
    """A message kept earlier without an issue now belongs to one."""

    message_id: str
    no: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the issue's history."""

    no: int
    kind: Happened
    at: datetime
    tier: str
    by_id: int | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class SetPerson:
    """Columns of a person."""

    id: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AskToJoin:
    """A joining request; earlier ones of this person that nobody answered end with it."""

    no: int
    person_id: int
    household_id: int
    introduced_as: str | None
    tier: str
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerJoin:
    """认识 / 不认识. Known: ends every other household of the person. Not known: their issues
    stay, no longer this household's."""

    no: int
    person_id: int
    known: bool
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PassJoin:
    """A joining request that waited too long is asked at `tier` next."""

    no: int
    tier: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimInvite:
    """The WeChat person `from_id` turns out to be the roster's `person_id`."""

    person_id: int
    from_id: int
    openid: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeaveHeld:
    """Somebody is no longer there: what they hold is looked at on the next tick."""

    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """A person wants these messages whole: what is a file goes to them as soon as it can."""

    person_id: int
    message_ids: tuple[str, ...]
    at: datetime


Change = (
    Open
    | Update
    | Keep
    | Attach
    | Entry
    | SetPerson
    | AskToJoin
    | AnswerJoin
    | PassJoin
    | ClaimInvite
    | LeaveHeld
    | Ask
)


_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Tell:
    """A notice for one person, in the part they play in it. `no` is the issue's, if any.

    `wakes`: it is told in quiet hours too, such as to who is on duty. `rests_until`: it waits for
    the morning (`bot.core.quiet`), unless its person is up.
    """

    person_id: int
    role: Role
    notice: Notice
    no: int | None = None
    wakes: bool = False
    rests_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule wants: `changes` in this order, `tells` to others, `replies` to the speaker.

    `order`: who serves whom is to change, whose consequences are found out where it is done.
    """

    changes: tuple[Change, ...] = ()
    tells: tuple[Tell, ...] = ()
    replies: tuple[Notice, ...] = ()
    order: Order | None = None

    def __add__(self, other: "Decision") -> "Decision":
        return Decision(
            self.changes + other.changes,
            self.tells + other.tells,
            self.replies + other.replies,
            self.order or other.order,
        )

    @property
    def needs_number(self) -> bool:
        return any(
            isinstance(change, Open | AskToJoin) and change.no == NEW for change in self.changes
        )

    def numbered(self, no: int) -> "Decision":
        """The same with `no` wherever NEW stood."""
        return Decision(
            tuple(_numbered(change, no) for change in self.changes),
            tuple(
                replace(
                    tell, no=no if tell.no == NEW else tell.no, notice=_numbered(tell.notice, no)
                )
                for tell in self.tells
            ),
            tuple(_numbered(reply, no) for reply in self.replies),
            self.order,
        )


def _numbered(thing: _Thing, no: int) -> _Thing:
    if getattr(thing, "no", None) != NEW:
        return thing
    return replace(thing, no=no)  # type: ignore[type-var]
