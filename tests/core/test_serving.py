"""What liaisons and staff say, from facts alone: whom plain words reach, what each word does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import notices
from bot.core.decision import Attach, Keep, Open, SetPerson, Update
from bot.core.issue import Issue, State
from bot.core.people import Resident, Role
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    SERVERS,
    SUBDISTRICT,
    a_person,
    a_place,
    an_issue,
    with_state,
)
from tests.core.decided import (
    deeds,
    does_nothing,
    entries,
    only_reply,
    says,
    told,
    values,
)

# --- liaisons and staff: plain words --------------------------------------------------------------


@pytest.mark.parametrize("me", SERVERS)
def test_plain_words_go_where_only_one_conversation_is(me: int) -> None:
    decision = says("马上到", a_person(me), theirs=(an_issue(),))
    assert told(decision)[RESIDENT] == "relayed"
    assert entries(decision) == ["relayed", "answered"]
    found = values(decision)
    assert found["state"] is State.IN_HAND
    assert found["due_at"] == NOW + timedelta(days=1)
    assert found["answered_at"] == NOW
    assert ("holder_id" in found) is False
    reply = only_reply(decision)
    assert isinstance(reply, notices.RelayConfirmed)
    assert "101" in reply.to


@pytest.mark.parametrize(
    "text", ["好的我来看看", "10分钟到", "3号楼电梯好了", "[图片]", "13 马上到"]
)
def test_where_several_conversations_are_open_nothing_is_sent(text: str) -> None:
    decision = says(text, a_person(LIAISON), theirs=(an_issue(12), an_issue(7)))
    assert isinstance(only_reply(decision), notices.WhichConversation)
    assert not decision.tells
    (kept,) = deeds(decision)
    assert isinstance(kept, Keep)
    assert (kept.no, kept.text) == (None, text)


def test_words_asked_about_go_where_the_number_says_and_nowhere_else() -> None:
    issues = (an_issue(12), an_issue(7))
    asked = says("好的我来看看", a_person(LIAISON), theirs=issues)
    (change,) = (c for c in asked.changes if isinstance(c, SetPerson))
    me = a_person(LIAISON, awaiting=change.values["awaiting"])
    for answer in ("7", "#7", "７", "7号"):
        decision = says(answer, me, theirs=issues)
        attached = [c for c in decision.changes if isinstance(c, Attach)]
        assert attached == [Attach("key", 7)]
        assert [(t.no, t.notice) for t in decision.tells if t.person_id == RESIDENT] == [
            (7, notices.Relayed(7, a_person(LIAISON).named_at(a_place()), "好的我来看看"))
        ]


def test_a_resolved_issue_is_no_conversation() -> None:
    resolved = with_state(an_issue(7), State.RESOLVED)
    decision = says("马上到", a_person(LIAISON), theirs=(an_issue(12), resolved))
    assert {tell.no for tell in decision.tells} == {12}
    alone = says("马上到", a_person(LIAISON), theirs=(resolved,))
    assert isinstance(only_reply(alone), notices.AskOwn)
    assert not alone.tells


def test_a_list_cut_short_is_never_taken_for_the_only_one() -> None:
    decision = says("马上到", a_person(LIAISON), theirs=(an_issue(),), more=True)
    assert isinstance(only_reply(decision), notices.WhichConversation)
    assert not decision.tells


def test_with_no_conversation_they_are_asked_whether_it_is_their_own() -> None:
    asked = says("楼道灯坏了", a_person(LIAISON, home=a_place()))
    assert isinstance(only_reply(asked), notices.AskOwn)
    assert not asked.tells
    (change,) = (c for c in asked.changes if isinstance(c, SetPerson))
    me = a_person(LIAISON, home=a_place(), awaiting=change.values["awaiting"])
    decision = says("我要反映", me)
    (opened,) = (c for c in decision.changes if isinstance(c, Open))
    assert opened.first_words == "楼道灯坏了"
    assert Attach("key", 0) in decision.changes


def test_their_own_issue_is_a_conversation_too() -> None:
    mine = an_issue(7, resident=Resident(LIAISON), holder_id=GRID, holder_role=Role.STAFF)
    both = says("又坏了", a_person(LIAISON), own=(mine,), theirs=(an_issue(12),))
    assert isinstance(only_reply(both), notices.WhichConversation)
    alone = says("又坏了", a_person(LIAISON), own=(mine,), theirs=(mine,))
    assert told(alone) == {GRID: "said_more"}
    numbered = says("#7 又坏了", a_person(LIAISON), own=(mine,), theirs=(an_issue(12),))
    assert told(numbered) == {GRID: "said_more"}


@pytest.mark.parametrize(
    "text", ["#12 马上到", "12 马上到", "12号 马上到", "＃１２马上到", "12：马上到"]
)
def test_a_number_says_whom_the_words_go_to(text: str) -> None:
    decision = says(text, a_person(LIAISON), theirs=(an_issue(12), an_issue(7)))
    (relayed,) = (tell for tell in decision.tells if tell.person_id == RESIDENT)
    assert isinstance(relayed.notice, notices.Relayed)
    assert (relayed.no, relayed.notice.words) == (12, "马上到")


def test_a_sign_and_a_number_that_are_not_theirs_send_nothing_and_show_nothing() -> None:
    foreign = an_issue(99, place=a_place(household=False), holder_id=1)
    foreign = replace(foreign, place=replace(foreign.place, line=foreign.place.line[-1:]))
    decision = says("#99 马上到", a_person(LIAISON), theirs=(an_issue(12), foreign))
    reply = only_reply(decision)
    assert isinstance(reply, notices.NoSuch)
    assert [line.no for line in reply.lines] == [12]
    assert not decision.tells


@pytest.mark.parametrize("text", ["您好", "谢谢您", "👍"])
def test_a_greeting_is_relayed_but_is_no_answer(text: str) -> None:
    decision = says(text, a_person(LIAISON), theirs=(an_issue(),))
    assert told(decision) == {RESIDENT: "relayed"}
    assert entries(decision) == ["relayed"]
    assert not any(isinstance(change, Update) for change in decision.changes)


def test_an_answer_of_another_than_the_holder_is_told_to_the_holder() -> None:
    climbed = an_issue(tier="grid", tier_place=1, holder_id=GRID, holder_role=Role.STAFF)
    decision = says("我去看看", a_person(LIAISON), theirs=(climbed,))
    assert told(decision) == {RESIDENT: "relayed", GRID: "done_by_other"}
    assert values(decision)["state"] is State.IN_HAND
    assert "holder_id" not in values(decision)


def test_another_of_the_tier_takes_it_by_an_answer_or_by_taking_it() -> None:
    climbed = an_issue(tier="grid", tier_place=1, holder_id=GRID, holder_role=Role.STAFF)
    for text in ("我去看看", "接单 #12", "接单"):
        decision = says(text, a_person(PROPERTY), theirs=(climbed,))
        assert values(decision)["holder_id"] == PROPERTY
        assert values(decision)["holder_post"] == "物业"
        assert told(decision)[GRID] == "done_by_other"
    for other in (LIAISON, COMMUNITY, SUBDISTRICT):
        decision = says("接单 #12", a_person(other), theirs=(climbed,))
        assert "holder_id" not in values(decision)


def test_who_takes_it_and_does_not_hold_it_is_told_who_does() -> None:
    climbed = an_issue(tier="grid", tier_place=1, holder_id=GRID, holder_role=Role.STAFF)
    for me in (LIAISON, COMMUNITY, SUBDISTRICT):
        decision = says("接单 #12", a_person(me), theirs=(climbed,))
        assert told(decision) == {RESIDENT: "accepted", GRID: "done_by_other"}
        noted = (only_reply(decision), decision.tells[0].notice)
        assert [getattr(one, "holder", None) for one in noted] == [climbed.holder_named] * 2
    for me in (GRID, PROPERTY):
        decision = says("接单 #12", a_person(me), theirs=(climbed,))
        assert getattr(only_reply(decision), "holder", climbed) is None


def test_words_on_what_was_filed_by_the_speaker_are_noted_not_sent() -> None:
    filed = an_issue(resident=Resident(LIAISON), filed_for=True)
    decision = says("我上门看过了", a_person(LIAISON), own=(filed,), theirs=(filed,))
    reply = only_reply(decision)
    assert isinstance(reply, notices.RelayConfirmed)
    assert reply.noted
    assert not decision.tells


# --- commands on issues: each word, each state -------------------------------------------------

SERVING = {
    ("接单", State.WAITING): ["accepted"],
    ("接单", State.IN_HAND): None,
    ("接单", State.RESOLVED): None,
    ("接单", State.CLOSED): None,
    ("办结", State.WAITING): ["resolved"],
    ("办结", State.IN_HAND): ["resolved"],
    ("办结", State.RESOLVED): None,
    ("办结", State.CLOSED): None,
    ("上报", State.WAITING): ["escalated"],
    ("上报", State.IN_HAND): ["escalated"],
    ("上报", State.RESOLVED): None,
    ("上报", State.CLOSED): None,
}


@pytest.mark.parametrize(("word", "state"), SERVING)
@pytest.mark.parametrize("named", ["", "#12 ", "12 ", "12号，"])
def test_what_the_holder_may_do_in_each_state(word: str, state: State, named: str) -> None:
    issue = with_state(an_issue(), state)
    words = "" if word == "接单" else "换了零件"
    decision = says(f"{word} {named}{words}", a_person(LIAISON), theirs=(issue,))
    expected = SERVING[word, state]
    if expected is None:
        assert does_nothing(decision)
        return
    assert entries(decision) == expected
    assert RESIDENT in told(decision)


def test_resolving_needs_words() -> None:
    decision = says("办结 #12", a_person(LIAISON), theirs=(an_issue(),))
    assert isinstance(only_reply(decision), notices.WordsMissing)
    assert does_nothing(decision)


def test_taking_it_stops_the_answer_clock_and_starts_the_handling_clock() -> None:
    found = values(says("接单", a_person(LIAISON), theirs=(an_issue(),)))
    assert (found["state"], found["answered_at"]) == (State.IN_HAND, NOW)
    assert found["due_at"] == NOW + timedelta(days=1)


def test_resolved_keeps_its_holder_and_waits_for_silence() -> None:
    found = values(says("办结 修好了", a_person(LIAISON), theirs=(an_issue(),)))
    assert (found["state"], found["resolved_at"]) == (State.RESOLVED, NOW)
    assert found["due_at"] == NOW + timedelta(days=3)
    assert found["remind_at"] == NOW + timedelta(days=1)
    assert "holder_id" not in found


@pytest.mark.parametrize("me", SERVERS)
@pytest.mark.parametrize(
    ("tier", "holder"), [("liaison", LIAISON), ("grid", GRID), ("subdistrict", SUBDISTRICT)]
)
def test_only_who_serves_the_present_tier_or_a_higher_one_passes_it_up(
    me: int, tier: str, holder: int
) -> None:
    at = {"liaison": 0, "grid": 1, "community": 2, "subdistrict": 3}
    reach = {LIAISON: 0, PROPERTY: 1, GRID: 1, COMMUNITY: 2, SUBDISTRICT: 3}
    issue = an_issue(tier=tier, tier_place=at[tier], holder_id=holder)
    decision = says("上报 #12 我们办不了", a_person(me), theirs=(issue,))
    if reach[me] < at[tier]:
        assert isinstance(only_reply(decision), notices.AboveYou)
        assert does_nothing(decision)
    elif tier == "subdistrict":
        assert isinstance(only_reply(decision), notices.AlreadyAtTop)
        assert does_nothing(decision)
    else:
        assert values(decision)["place"] == at[tier] + 1
        assert me not in told(decision)
        for tell in decision.tells:
            if isinstance(tell.notice, notices.Assigned):
                assert (tell.notice.why, tell.notice.added) == ("reported", "我们办不了")


# --- 代录 and lists ------------------------------------------------------------------------------


def test_filing_for_a_household_goes_to_those_who_serve_it() -> None:
    decision = says("代录 101 老人说水管漏", a_person(GRID), found=(a_place(),))
    (opened,) = (c for c in decision.changes if isinstance(c, Open))
    assert (opened.filed_for, opened.household_id, opened.first_words) == (True, 1, "老人说水管漏")
    assert told(decision) == {LIAISON: "assigned"}
    own = says("代录101 老人说水管漏", a_person(LIAISON), found=(a_place(),))
    (opened,) = (c for c in own.changes if isinstance(c, Open))
    assert opened.holder.person_id == LIAISON
    assert not own.tells


@pytest.mark.parametrize("text", ["代录", "代录 101", "代录 101 "])
def test_filing_without_a_household_or_words_asks_how(text: str) -> None:
    decision = says(text, a_person(LIAISON), found=(a_place(),))
    assert isinstance(only_reply(decision), notices.FileHow)
    assert does_nothing(decision)


def test_nobody_files_for_a_household_that_is_not_theirs() -> None:
    far = a_place()
    far = replace(far, line=far.line[-1:], liaison=None, staff=())
    decision = says("代录 101 水管漏", a_person(LIAISON), found=(far,))
    assert isinstance(only_reply(decision), notices.FileHow)
    assert does_nothing(decision)


def test_open_work_comes_by_due_time() -> None:
    issues: tuple[Issue, ...] = tuple(
        an_issue(no, due_at=NOW + timedelta(hours=hours)) for no, hours in ((1, 3), (2, 1), (3, 2))
    )
    resolved = with_state(an_issue(4), State.RESOLVED)
    reply = only_reply(says("待办", a_person(LIAISON), theirs=(*issues, resolved)))
    assert isinstance(reply, notices.ToDo)
    assert [line.no for line in reply.lines] == [2, 3, 1]
