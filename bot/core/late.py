"""A notice that goes out late is said anew: by what stands now, or not at all where it is over.

A notice may wait for hours: for the morning, for a push window, for its person's next words.
Meanwhile times were renewed and states passed. Knows which notices speak of what passes; not
where they wait nor how they are worded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Self, TypeVar

from bot.core import notices
from bot.core.issue import UNRESOLVED, State
from bot.core.notice import Notice
from bot.core.notices import (
    Accepted,
    Assigned,
    Extended,
    HandedOver,
    JoinAsked,
    MadeUrgent,
    MovedUp,
    NotDoneToday,
    NotExplained,
    SaidMore,
    StillAtTop,
    ToldAgain,
    UrgedToYou,
    VerdictReminder,
)
from bot.core.people import Named
from bot.core.workdays import marked_again

FRESH: Final = timedelta(minutes=1)
"""So long a notice is as it was made."""

_KINDS: Final = {
    made.kind: made
    for made in vars(notices).values()
    if isinstance(made, type) and issubclass(made, Notice) and made is not Notice
}
_MOMENTS: Final = ("due_at", "closes_at")


@dataclass(frozen=True, slots=True)
class Stands:
    """How the notice's issue stands now, seen by the notice's person."""

    person_id: int
    state: State
    due_at: datetime | None
    holder_id: int
    holder: Named


@dataclass(frozen=True, slots=True)
class Late:
    """A notice that waited since `made_at`, with its facts as they were kept."""

    made_at: datetime
    kind: str
    facts: Mapping[str, Any]
    stands: Stands

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self | None:
        """Of a row with kind, facts, made_at, person_id, and its issue's state, due_at,
        estimated_after, holder_id, holder_name and holder_post; None where there is nothing to
        say anew, or another version kept facts that this one does not know: then it goes out as it
        was worded. Moments may be text, as JSON has them."""
        if row["facts"] is None or row["state"] is None or row["kind"] not in _KINDS:
            return None
        try:
            _read(row["kind"], row["facts"])
        except (TypeError, ValueError):
            return None
        holder = Named(row["holder_name"] or "", row["holder_post"] or "")
        due_at = marked_again(_moment(row["due_at"]), row["estimated_after"])
        state = State(row["state"])
        stands = Stands(row["person_id"], state, due_at, row["holder_id"], holder)
        made_at = _moment(row["made_at"])
        return cls(made_at, row["kind"], row["facts"], stands) if made_at else None

    @property
    def about(self) -> tuple[Any, ...]:
        """Of several about the same the newest says it all; not of several with words of their
        own."""
        return self.kind, self.facts.get("no"), self.facts.get("words"), self.facts.get("added")

    def anew(self) -> Notice | None:
        """As it is said now; None where it is over."""
        return _anew(_read(self.kind, self.facts), self.stands)


def facts_of(notice: Notice) -> dict[str, Any] | None:
    """What has to be kept of a notice that waits: to say it anew, or to tell which request it asks
    about. None of one that cannot grow old, or that holds more than plain facts."""
    names = _fields(notice.kind)
    if not (isinstance(notice, JoinAsked) or any(name in names for name in _MOMENTS)):
        return None
    plain = {name: _plain(getattr(notice, name)) for name in names}
    return None if any(value is _plain for value in plain.values()) else plain


_Row = TypeVar("_Row")


def repeated(rows: Iterable[tuple[_Row, Late | None]]) -> list[_Row]:
    """Those of them that a later one among them says as well."""
    newest: dict[tuple[str, Any], _Row] = {}
    passed = []
    for row, late in rows:
        if late is None:
            continue
        if late.about in newest:
            passed.append(newest[late.about])
        newest[late.about] = row
    return passed


def _anew(notice: Notice, stands: Stands) -> Notice | None:
    runs, due_at = stands.state in UNRESOLVED, stands.due_at
    holds = stands.holder_id == stands.person_id
    match notice:
        case Assigned():
            named = replace(
                notice, mine=holds, holder=stands.holder, due_at=due_at or notice.due_at
            )
            return named if runs else None
        case UrgedToYou():
            return replace(notice, due_at=due_at or notice.due_at) if runs and holds else None
        case ToldAgain() | Extended() | MadeUrgent():
            return replace(notice, due_at=due_at or notice.due_at) if runs else None
        case MovedUp() | StillAtTop() | HandedOver():
            # Who has it now was told by a notice of its own, or is speaking with them.
            same = runs and notice.holder == stands.holder
            return replace(notice, due_at=due_at or notice.due_at) if same else None
        case Accepted():
            holder = stands.holder if stands.holder != notice.by else None
            anew = replace(notice, due_at=due_at or notice.due_at, holder=holder)
            return anew if stands.state is State.IN_HAND else None
        case SaidMore(due_at=waited):
            # A resident's words are told whatever became of it; only their time passes.
            return replace(notice, due_at=due_at if waited and runs else None)
        case NotDoneToday() | NotExplained():
            asked = holds or isinstance(notice, NotExplained)
            return notice if runs and asked and due_at == notice.due_at else None
        case VerdictReminder():
            open_still = stands.state is State.RESOLVED and due_at is not None
            return replace(notice, closes_at=due_at or notice.closes_at) if open_still else None
        case _:
            return notice


@cache
def _fields(kind: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(_KINDS[kind]))


def _plain(value: Any) -> Any:
    """A value as JSON has it; this function itself for one that is not plain."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return {"at": value.isoformat()}
        case Named(name, post):
            return {"name": name, "post": post}
        case _:
            return _plain


def _read(kind: str, facts: Mapping[str, Any]) -> Notice:
    known = _fields(kind)
    return _KINDS[kind](**{name: _value(value) for name, value in facts.items() if name in known})


def _value(value: Any) -> Any:
    match value:
        case {"at": moment}:
            return datetime.fromisoformat(moment)
        case {"name": name, "post": post}:
            return Named(name, post)
        case _:
            return value


def _moment(found: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(found) if isinstance(found, str) else found
