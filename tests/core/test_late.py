"""A notice that goes out late: said by what stands now, once, or not at all."""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core import notices
from bot.core.issue import State
from bot.core.late import Late, facts_of, repeated
from bot.core.notices import (
    Accepted,
    Assigned,
    MovedUp,
    Notice,
    Relayed,
    StillAtTop,
    ToldAgain,
    UrgedToYou,
    VerdictReminder,
)
from bot.core.people import Named
from tests.build import NOW

OLD, NEW_DUE = NOW + timedelta(hours=1), NOW + timedelta(days=1)
ME, OTHER = 1, 2
THEN, SINCE = Named("王", "联络员"), Named("张", "网格长")
ASSIGNED = Assigned(12, "1号楼", False, "漏水", OLD, "opened", True, THEN, "")
URGED = UrgedToYou(12, "1号楼", "漏水", OLD)
TOLD_AGAIN = ToldAgain(12, "1号楼", "漏水", OLD)
MOVED_UP = MovedUp(12, "网格", SINCE, OLD, "社区")
AT_TOP = StillAtTop(12, SINCE, OLD)
ACCEPTED = Accepted(12, SINCE, OLD)
REMINDER = VerdictReminder(12, OLD)
EXTENDED = notices.Extended(12, SINCE, OLD, "等配件")
SAID_MORE = notices.SaidMore(12, "1号楼", "还在漏", OLD)
NOT_DONE = notices.NotDoneToday(12, "1号楼", "漏水", OLD)
NOT_EXPLAINED = notices.NotExplained(12, "1号楼", "漏水", SINCE, OLD)


def late(notice: Notice, state: State, holder: int = ME, named: Named = SINCE) -> Late:
    """As a row has it; moments are text, as JSON has them."""
    due_at = None if state in (State.CLOSED, State.WITHDRAWN) else NEW_DUE.isoformat()
    row = {
        "kind": notice.kind,
        "facts": json.loads(json.dumps(facts_of(notice))),
        "made_at": NOW.isoformat(),
        "person_id": ME,
        "state": str(state),
        "due_at": due_at,
        "estimated_after": None,
        "holder_id": holder,
        "holder_name": named.name,
        "holder_post": named.post,
    }
    found = Late.of(row)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("notice", "state", "holder", "anew"),
    [
        (ASSIGNED, State.WAITING, ME, replace(ASSIGNED, due_at=NEW_DUE, holder=SINCE)),
        (ASSIGNED, State.WAITING, OTHER, {"due_at": NEW_DUE, "holder": SINCE, "mine": False}),
        (ASSIGNED, State.RESOLVED, ME, None),
        (ASSIGNED, State.CLOSED, ME, None),
        (URGED, State.IN_HAND, ME, replace(URGED, due_at=NEW_DUE)),
        (URGED, State.WAITING, OTHER, None),
        (TOLD_AGAIN, State.WAITING, OTHER, replace(TOLD_AGAIN, due_at=NEW_DUE)),
        (TOLD_AGAIN, State.RESOLVED, ME, None),
        (MOVED_UP, State.WAITING, OTHER, replace(MOVED_UP, due_at=NEW_DUE)),
        (replace(MOVED_UP, holder=THEN), State.WAITING, OTHER, None),
        (MOVED_UP, State.RESOLVED, OTHER, None),
        (AT_TOP, State.WAITING, OTHER, replace(AT_TOP, due_at=NEW_DUE)),
        (ACCEPTED, State.IN_HAND, OTHER, replace(ACCEPTED, due_at=NEW_DUE)),
        (replace(ACCEPTED, by=THEN), State.IN_HAND, OTHER, {"due_at": NEW_DUE, "holder": SINCE}),
        (ACCEPTED, State.RESOLVED, OTHER, None),
        (REMINDER, State.RESOLVED, OTHER, replace(REMINDER, closes_at=NEW_DUE)),
        (REMINDER, State.CLOSED, OTHER, None),
        (REMINDER, State.WAITING, OTHER, None),
        (EXTENDED, State.IN_HAND, OTHER, replace(EXTENDED, due_at=NEW_DUE)),
        (EXTENDED, State.RESOLVED, OTHER, None),
        (SAID_MORE, State.IN_HAND, OTHER, replace(SAID_MORE, due_at=NEW_DUE)),
        (SAID_MORE, State.CLOSED, ME, replace(SAID_MORE, due_at=None)),
        (NOT_DONE, State.IN_HAND, ME, None),  # put off meanwhile, or taken
        (replace(NOT_DONE, due_at=NEW_DUE), State.IN_HAND, ME, replace(NOT_DONE, due_at=NEW_DUE)),
        (replace(NOT_DONE, due_at=NEW_DUE), State.IN_HAND, OTHER, None),
        (NOT_EXPLAINED, State.IN_HAND, OTHER, None),
        (NOT_EXPLAINED, State.RESOLVED, OTHER, None),
    ],
)
def test_it_is_said_by_what_stands_now(
    notice: Notice, state: State, holder: int, anew: Notice | dict[str, Any] | None
) -> None:
    expected = replace(notice, **anew) if isinstance(anew, dict) else anew
    assert late(notice, state, holder).anew() == expected


def test_what_cannot_grow_old_is_kept_as_it_was_worded() -> None:
    assert facts_of(Relayed(12, THEN, "马上到")) is None
    assert facts_of(notices.Progress(())) is None


@pytest.mark.parametrize(
    "made",
    [ASSIGNED, URGED, TOLD_AGAIN, MOVED_UP, AT_TOP, ACCEPTED, REMINDER],
    ids=lambda notice: str(notice.kind),
)
def test_facts_that_were_kept_say_the_same(made: Notice) -> None:
    state = State.RESOLVED if made is REMINDER else State.IN_HAND
    again = late(made, state, named=getattr(made, "holder", None) or SINCE).anew()
    moments = {name: NEW_DUE for name in ("due_at", "closes_at") if hasattr(made, name)}
    assert again == replace(made, **moments)


def test_every_notice_with_a_moment_that_is_told_can_be_kept() -> None:
    held = {"due_at", "closes_at"}
    told = (Assigned, UrgedToYou, ToldAgain, MovedUp, StillAtTop, Accepted, VerdictReminder)
    for made in told:
        assert held & {field.name for field in fields(made)}


def test_of_several_about_the_same_the_newest_says_it() -> None:
    first, second = late(MOVED_UP, State.WAITING), late(MOVED_UP, State.WAITING)
    other = late(replace(MOVED_UP, no=13), State.WAITING)
    assert repeated([("a", first), ("b", None), ("c", other), ("d", second)]) == ["a"]


def test_words_of_their_own_are_never_left_out_for_later_ones() -> None:
    words = [notices.SaidMore(12, "1号楼", text, OLD) for text in ("还在漏", "更大了", "还在漏")]
    heard = [(str(place), late(notice, State.IN_HAND)) for place, notice in enumerate(words)]
    assert repeated(heard) == ["0"]


def test_a_moment_that_is_no_text_is_read_too() -> None:
    assert isinstance(late(URGED, State.WAITING).made_at, datetime)


def test_facts_of_another_version_leave_a_notice_as_it_was_worded() -> None:
    kept = facts_of(URGED)
    assert kept is not None
    del kept["where"]
    row = {"kind": URGED.kind, "facts": kept, "state": "waiting", "due_at": None}
    assert Late.of(row) is None
