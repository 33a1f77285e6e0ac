"""The one table of what an issue may become, and who may act on one (contract §4)."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core import notices
from bot.core.commands import COMMANDS, Who
from bot.core.decision import Keep
from bot.core.issue import MOVES, Act, Happened, NotAllowed, State, may_act, moved
from bot.core.people import Resident
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    PROPERTY,
    RESIDENT,
    SERVERS,
    STRANGER,
    SUBDISTRICT,
    a_person,
    an_issue,
)
from tests.core.decided import (
    does_nothing,
    only_reply,
    says,
)

# --- the lifecycle's one table -------------------------------------------------------------------

CONTRACT_MOVES = {
    (State.WAITING, Act.ANSWER): State.IN_HAND,
    (State.WAITING, Act.ACCEPT): State.IN_HAND,
    (State.WAITING, Act.RESOLVE): State.RESOLVED,
    (State.WAITING, Act.EXTEND): State.IN_HAND,
    (State.WAITING, Act.HAND_OVER): State.WAITING,
    (State.IN_HAND, Act.HAND_OVER): State.WAITING,
    (State.IN_HAND, Act.EXTEND): State.IN_HAND,
    (State.WAITING, Act.CLIMB): State.WAITING,
    (State.IN_HAND, Act.ANSWER): State.IN_HAND,
    (State.IN_HAND, Act.ACCEPT): State.IN_HAND,
    (State.IN_HAND, Act.RESOLVE): State.RESOLVED,
    (State.IN_HAND, Act.CLIMB): State.WAITING,
    (State.RESOLVED, Act.CLOSE): State.CLOSED,
    (State.RESOLVED, Act.REOPEN): State.WAITING,
    (State.CLOSED, Act.REOPEN): State.WAITING,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_the_table_of_moves_is_the_contracts(state: State, act: Act) -> None:
    expected = CONTRACT_MOVES.get((state, act))
    assert MOVES[state].get(act) == expected
    if expected is None:
        with pytest.raises(NotAllowed):
            moved(state, act)
    else:
        assert moved(state, act) is expected


# --- who may use what ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.word)
@pytest.mark.parametrize("me", [RESIDENT, STRANGER])
def test_a_word_for_those_who_serve_is_refused_to_others_and_does_nothing(
    command: Any, me: int
) -> None:
    if command.who is Who.ANYONE or command.yields:
        return
    person = a_person(me)
    issue = an_issue()
    decision = says(f"{command.word} #12 话", person, own=(issue,), theirs=(issue,))
    reply = only_reply(decision)
    assert isinstance(reply, notices.NotYours)
    assert (reply.word, reply.who) == (f"{command.word} #12 话", str(command.who))
    assert does_nothing(decision)


def test_a_word_that_yields_is_words_of_those_who_may_not_use_it() -> None:
    decision = says("确认 明天修好", a_person(RESIDENT), own=(an_issue(),))
    (kept,) = (change for change in decision.changes if isinstance(change, Keep))
    assert (kept.no, kept.text) == (12, "确认 明天修好")


@pytest.mark.parametrize("me", [GRID, COMMUNITY, SUBDISTRICT, PROPERTY])
def test_only_liaisons_have_households_of_their_own(me: int) -> None:
    decision = says("我的住户", a_person(me))
    assert isinstance(only_reply(decision), notices.NotYours)


@pytest.mark.parametrize("me", SERVERS)
def test_who_serves_the_place_may_act_and_nobody_else(me: int) -> None:
    issue = an_issue(holder_id=SUBDISTRICT)
    assert may_act(a_person(me), issue)
    assert not may_act(a_person(STRANGER), issue)
    assert not may_act(a_person(RESIDENT), issue)


def test_staff_of_another_unit_may_not_act() -> None:
    other = a_person(STRANGER, posts=tuple(replace(p, unit_id=99) for p in a_person(GRID).posts))
    assert not may_act(other, an_issue())


def test_past_the_liaison_means_past_the_liaison() -> None:
    past = an_issue(past_liaison=True, holder_id=COMMUNITY)
    assert not may_act(a_person(LIAISON), past)
    assert not may_act(a_person(LIAISON, posts=a_person(COMMUNITY).posts), past)
    assert may_act(a_person(GRID), past)


def test_nobody_serves_their_own_issue_but_what_they_filed() -> None:
    mine = an_issue(resident=Resident(LIAISON))
    assert not may_act(a_person(LIAISON), mine)
    assert may_act(a_person(LIAISON), replace(mine, filed_for=True))


def test_history_kinds_are_the_contracts() -> None:
    assert {str(kind) for kind in Happened} == {
        *("opened", "said", "relayed", "accepted", "answered", "escalated", "reminded"),
        *("handed_over", "urged", "resolved", "verdict", "reopened", "closed", "extended"),
        "urgent",  # 紧急: beyond the contract's, which names some
    }
