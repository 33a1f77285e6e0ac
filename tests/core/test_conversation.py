"""Who is meant and what follows, from facts alone (contract §4)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core import notices
from bot.core.commands import COMMANDS, Who
from bot.core.conversation import said
from bot.core.decision import Attach, Decision, Entry, Keep, Open, SetPerson, Update
from bot.core.facts import Heard
from bot.core.issue import MOVES, Act, Happened, Issue, NotAllowed, State, may_act, moved
from bot.core.messages import WORDS, Kind
from bot.core.notices import Notice
from bot.core.people import Awaiting, Person, Resident, Role
from bot.core.standing import NobodyYet
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    STRANGER,
    SUBDISTRICT,
    a_person,
    a_place,
    an_issue,
    heard,
    with_state,
)

SERVERS = (LIAISON, PROPERTY, GRID, COMMUNITY, SUBDISTRICT)


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


# --- the lifecycle's one table -------------------------------------------------------------------

CONTRACT_MOVES = {
    (State.WAITING, Act.ANSWER): State.IN_HAND,
    (State.WAITING, Act.ACCEPT): State.IN_HAND,
    (State.WAITING, Act.RESOLVE): State.RESOLVED,
    (State.WAITING, Act.EXTEND): State.IN_HAND,
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
    assert only_reply(decision) == notices.NotYours(f"{command.word} #12 话", str(command.who))
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


# --- residents' words ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_anything_a_person_sends_opens_an_issue(kind: Kind) -> None:
    text = "停水了" if kind is Kind.TEXT else f"[{kind}]"
    decision = says(text, a_person(RESIDENT), kind=kind)
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert (opened.holder.person_id, opened.tier, opened.first_words) == (LIAISON, "liaison", text)
    assert opened.due_at == NOW + timedelta(hours=1)
    assert entries(decision) == ["opened"]
    assert told(decision) == {LIAISON: "assigned"}
    reply = only_reply(decision)
    assert isinstance(reply, notices.Opened)
    assert (reply.holder.name, reply.due_at, reply.next_tier) == ("人20", opened.due_at, "网格")


@pytest.mark.parametrize(
    "text",
    ["谢谢", "您好！", "👍", "【收到不支持的消息类型，暂无法显示】", "新问题 谢谢", "找社区 您好"],
)
def test_courtesies_open_nothing_and_start_no_clock(text: str) -> None:
    decision = says(text, a_person(RESIDENT))
    assert only_reply(decision) == notices.Greeted()
    assert does_nothing(decision)


@pytest.mark.parametrize("state", [State.WAITING, State.IN_HAND, State.RESOLVED])
def test_further_words_go_into_the_own_issue_last_spoken_in(state: State) -> None:
    issue = with_state(an_issue(12), state)
    other = an_issue(7)
    decision = says("今天又坏了", a_person(RESIDENT), own=(issue, other))
    reply = only_reply(decision)
    assert isinstance(reply, notices.Continued)
    assert (reply.no, reply.others, reply.state) == (12, (7,), str(state))
    assert told(decision) == {LIAISON: "said_more"}
    assert entries(decision) == ["said"]
    postponed = values(decision).get("due_at", issue.due) > issue.due
    assert postponed == (state is State.RESOLVED)


def test_thanks_on_what_is_resolved_do_not_break_the_silence() -> None:
    issue = with_state(an_issue(), State.RESOLVED)
    assert set(values(says("谢谢", a_person(RESIDENT), own=(issue,)))) == {"said_at"}


def test_what_is_closed_is_not_gone_on_with() -> None:
    closed = with_state(an_issue(), State.CLOSED)
    decision = says("又坏了", a_person(RESIDENT), own=(closed,))
    assert isinstance(only_reply(decision), notices.Opened)


@pytest.mark.parametrize(
    "text", ["#7 今天又坏了", "7 今天又坏了", "7号，今天又坏了", "７　今天又坏了"]
)
def test_a_number_says_which_own_issue(text: str) -> None:
    decision = says(text, a_person(RESIDENT), own=(an_issue(12), an_issue(7)))
    reply = only_reply(decision)
    assert isinstance(reply, notices.Continued)
    assert reply.no == 7
    (kept,) = (change for change in decision.changes if isinstance(change, Keep))
    assert kept.text == "今天又坏了"


@pytest.mark.parametrize("text", ["8 今天又坏了", "7号楼坏了", "10分钟了", "8", "3.5小时了"])
def test_a_number_that_is_no_issue_of_theirs_is_words(text: str) -> None:
    decision = says(text, a_person(RESIDENT), own=(an_issue(12), an_issue(7)))
    (kept,) = (change for change in decision.changes if isinstance(change, Keep))
    assert (kept.no, kept.text) == (12, text)


def test_a_number_alone_waits_two_minutes_for_what_comes_next() -> None:
    me = a_person(RESIDENT)
    own = (an_issue(12), an_issue(7))
    decision = says("#7", me, own=own)
    assert isinstance(only_reply(decision), notices.NextGoes)
    (change,) = decision.changes
    assert isinstance(change, SetPerson)
    waiting = change.values["awaiting"]
    assert waiting.until == NOW + timedelta(minutes=2)
    in_time = replace(me, awaiting=waiting)
    reply = only_reply(says("[图片]", in_time, kind=Kind.PICTURE, own=own))
    assert isinstance(reply, notices.Continued)
    assert reply.no == 7
    late = replace(me, awaiting=replace(waiting, until=NOW))
    reply = only_reply(says("[图片]", late, kind=Kind.PICTURE, own=own))
    assert isinstance(reply, notices.Continued)
    assert reply.no == 12


@pytest.mark.parametrize(
    "text", ["新问题 水管漏了", "新问题水管漏了", "新问题：水管漏了", "我要反映 水管漏了"]
)
def test_a_new_issue_although_another_is_open(text: str) -> None:
    decision = says(text, a_person(RESIDENT), own=(an_issue(),))
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert opened.first_words == "水管漏了"


@pytest.mark.parametrize(("word", "past"), [("新问题", False), ("找社区", True)])
def test_a_command_without_its_words_waits_for_them(word: str, past: bool) -> None:
    me = a_person(RESIDENT)
    asked = says(word, me)
    assert isinstance(only_reply(asked), notices.WordsMissing)
    (change,) = asked.changes
    assert isinstance(change, SetPerson)
    answered = says("水管漏了", replace(me, awaiting=change.values["awaiting"]), own=(an_issue(),))
    (opened,) = (change for change in answered.changes if isinstance(change, Open))
    assert (opened.first_words, opened.past_liaison) == ("水管漏了", past)
    thanks = says("谢谢", replace(me, awaiting=change.values["awaiting"]))
    assert only_reply(thanks) == notices.Greeted()


def test_to_the_community_past_the_liaison() -> None:
    decision = says("找社区 联络员不理人", a_person(RESIDENT))
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert (opened.tier, opened.holder.person_id, opened.past_liaison) == (
        "community",
        COMMUNITY,
        True,
    )
    assert told(decision) == {COMMUNITY: "assigned"}


def test_to_the_community_where_the_liaison_serves_too_it_goes_higher() -> None:
    place = a_place()
    both = replace(
        place,
        staff=tuple(
            replace(s, person_id=LIAISON) if s.person_id == COMMUNITY else s for s in place.staff
        ),
    )
    decision = says("找社区 联络员不理人", a_person(RESIDENT, home=both))
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert opened.holder.person_id == SUBDISTRICT
    assert LIAISON not in told(decision)


# --- where words go before somebody is bound ------------------------------------------------------


def test_before_binding_words_go_to_the_scanned_doors_grid() -> None:
    me = a_person(STRANGER, door=a_place(household=False))
    (opened,) = (c for c in says("停水了", me).changes if isinstance(c, Open))
    assert (opened.tier, opened.household_id, opened.unit_id) == ("grid", None, 5)


@pytest.mark.parametrize(("place", "tier"), [(2, "community"), (1, "subdistrict")])
def test_without_a_door_they_go_to_the_only_community_else_the_subdistrict(
    place: int, tier: str
) -> None:
    whole = a_place(household=False)
    line = whole.line[:place]
    fallback = replace(whole, unit=line[-1], line=line)
    decision = says("停水了", a_person(STRANGER), fallback=fallback)
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert (opened.tier, opened.unit_id) == (tier, place)
    reply = only_reply(decision)
    assert isinstance(reply, notices.Opened)
    assert not reply.bound


def test_with_no_roster_at_all_nothing_is_decided() -> None:
    with pytest.raises(NobodyYet):
        says("停水了", a_person(STRANGER))


# --- who is there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "tier", "holder", "history"),
    [
        (set(), "liaison", LIAISON, ["opened"]),
        ({LIAISON}, "grid", GRID, ["opened", "escalated"]),
        ({LIAISON, GRID}, "community", COMMUNITY, ["opened", "escalated"]),
        ({LIAISON, GRID, COMMUNITY}, "subdistrict", SUBDISTRICT, ["opened", "escalated"]),
        (set(SERVERS), "subdistrict", SUBDISTRICT, ["opened", "escalated"]),
        (set(SERVERS) - {PROPERTY}, "subdistrict", SUBDISTRICT, ["opened", "escalated"]),
    ],
)
def test_a_tier_with_nobody_there_is_skipped_in_one_entry(
    away: set[int], tier: str, holder: int, history: list[str]
) -> None:
    home = a_place(away=frozenset(away))
    decision = says("停水了", a_person(RESIDENT, home=home))
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert (opened.tier, opened.holder.person_id) == (tier, holder)
    assert entries(decision) == history
    there = holder not in away
    assert (holder in told(decision)) == there
    reply = only_reply(decision)
    assert isinstance(reply, notices.Opened)
    assert reply.there == there


def test_all_who_serve_the_tier_are_told_and_the_first_who_is_not_property_holds() -> None:
    home = a_place(away=frozenset({LIAISON}))
    decision = says("停水了", a_person(RESIDENT, home=home))
    assert told(decision) == {PROPERTY: "assigned", GRID: "assigned"}
    mine = {t.person_id: t.notice.mine for t in decision.tells if hasattr(t.notice, "mine")}
    assert mine == {PROPERTY: False, GRID: True}


def test_nobody_holds_their_own_issue() -> None:
    for me, tier in ((LIAISON, "grid"), (SUBDISTRICT, "liaison")):
        person = a_person(me, home=a_place())
        (opened,) = (c for c in says("我要反映 停水", person).changes if isinstance(c, Open))
        assert opened.tier == tier
        assert opened.holder.person_id != me


def test_where_only_the_speaker_is_left_another_of_the_roster_holds() -> None:
    home = a_place(away=frozenset(SERVERS) - {SUBDISTRICT})
    person = a_person(SUBDISTRICT, home=home)
    (opened,) = (c for c in says("我要反映 停水", person).changes if isinstance(c, Open))
    assert (opened.tier, opened.holder.person_id) == ("community", COMMUNITY)


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


RESIDENTS = {
    ("催办", State.WAITING): ["urged"],
    ("催办", State.IN_HAND): ["urged"],
    ("催办", State.RESOLVED): None,
    ("催办", State.CLOSED): None,
    ("没解决", State.WAITING): ["urged"],
    ("没解决", State.IN_HAND): ["urged"],
    ("没解决", State.RESOLVED): ["reopened"],
    ("没解决", State.CLOSED): ["reopened"],
    ("满意", State.WAITING): None,
    ("满意", State.IN_HAND): None,
    ("满意", State.RESOLVED): ["verdict", "closed"],
    ("满意", State.CLOSED): None,
    ("基本满意", State.RESOLVED): ["verdict", "closed"],
    ("基本满意", State.WAITING): None,
    ("不满意", State.RESOLVED): ["verdict", "reopened"],
    ("不满意", State.CLOSED): ["verdict", "reopened"],
}


@pytest.mark.parametrize(("word", "state"), RESIDENTS)
@pytest.mark.parametrize("named", ["", " #12", "12", " 12号"])
def test_what_residents_may_do_in_each_state(word: str, state: State, named: str) -> None:
    issue = with_state(an_issue(), state)
    decision = says(f"{word}{named}", a_person(RESIDENT), own=(issue,))
    expected = RESIDENTS[word, state]
    if expected is None:
        assert does_nothing(decision)
    else:
        assert entries(decision) == expected


@pytest.mark.parametrize(
    "word", ["催办", "没解决", "满意", "基本满意", "不满意", "接单", "办结", "上报"]
)
def test_where_several_can_be_meant_the_sender_is_asked_and_nothing_is_done(word: str) -> None:
    state = State.RESOLVED if "满意" in word or word == "没解决" else State.WAITING
    pair = tuple(with_state(an_issue(no), state) for no in (12, 7))
    serves = word in ("接单", "办结", "上报")
    facts: dict[str, Any] = {"theirs": pair} if serves else {"own": pair}
    decision = says(f"{word} 说明", a_person(LIAISON if serves else RESIDENT), **facts)
    reply = only_reply(decision)
    assert isinstance(reply, notices.Which)
    assert {line.no for line in reply.lines} == {12, 7}
    assert does_nothing(decision)


@pytest.mark.parametrize("word", ["催办", "没解决", "满意", "基本满意", "不满意", "进度"])
def test_another_members_number_is_not_theirs(word: str) -> None:
    mine = an_issue(7)
    decision = says(f"{word} #12", a_person(RESIDENT), own=(mine,), theirs=(an_issue(12),))
    assert isinstance(only_reply(decision), notices.NoSuch)
    assert does_nothing(decision)


def test_the_holder_hears_an_urging_once_in_two_hours() -> None:
    for since, heard_of in ((timedelta(hours=2), True), (timedelta(minutes=119), False)):
        issue = an_issue(urged_at=NOW - since)
        decision = says("催办", a_person(RESIDENT), own=(issue,))
        assert bool(decision.tells) == heard_of
        assert ("urged_at" in values(decision)) == heard_of
        reply = only_reply(decision)
        assert isinstance(reply, notices.Urged)
        assert reply.told == heard_of
    words = says("催办 水漫出来了", a_person(RESIDENT), own=(an_issue(urged_at=NOW),))
    assert told(words) == {LIAISON: "said_more"}


@pytest.mark.parametrize("word", ["没解决", "不满意"])
def test_reopened_one_tier_higher_with_the_words(word: str) -> None:
    issue = with_state(an_issue(reminders=2), State.RESOLVED)
    decision = says(f"{word} 还是坏的", a_person(RESIDENT), own=(issue,))
    found = values(decision)
    assert (found["state"], found["tier"], found["holder_id"]) == (State.WAITING, "grid", GRID)
    assert (found["resolved_at"], found["closed_at"], found["remind_at"]) == (None, None, None)
    assert found["due_at"] == NOW + timedelta(hours=1)
    assert found["verdict"] == ("不满意" if word == "不满意" else None)
    (assigned,) = (t.notice for t in decision.tells if t.person_id == GRID)
    assert isinstance(assigned, notices.Assigned)
    assert (assigned.why, assigned.added) == ("reopened", "还是坏的")


def test_reopened_at_the_top_it_stays_there() -> None:
    top = an_issue(tier="subdistrict", tier_place=3, holder_id=SUBDISTRICT)
    decision = says("没解决", a_person(RESIDENT), own=(with_state(top, State.RESOLVED),))
    assert values(decision)["tier"] == "subdistrict"
    assert entries(decision) == ["reopened"]


@pytest.mark.parametrize("text", ["进度", "进度 #12", "进度12"])
def test_progress_shows_state_holder_due_and_next(text: str) -> None:
    reply = only_reply(says(text, a_person(RESIDENT), own=(an_issue(),)))
    assert isinstance(reply, notices.Progress)
    (line,) = reply.lines
    assert (line.no, line.state, line.next_tier) == (12, "waiting", "网格")
    assert line.holder is not None
    assert line.holder.name == "人20"
    assert line.due_at == NOW + timedelta(hours=1)


# --- phones ---------------------------------------------------------------------------------------


def test_who_is_recognised_reads_phones_and_who_is_pending_the_name_alone() -> None:
    known = only_reply(says("我的联络员", a_person(RESIDENT)))
    assert isinstance(known, notices.MyLiaison)
    assert known.liaison is not None
    assert known.liaison.phone
    assert [contact.who.post for contact in known.above] == ["网格长", "社区书记", "街道专员"]
    assert all(contact.phone for contact in known.above)
    pending = only_reply(says("我的联络员", a_person(RESIDENT, pending=True)))
    assert isinstance(pending, notices.MyLiaison)
    assert pending.liaison is not None
    assert (pending.liaison.who.name, pending.liaison.phone, pending.above) == ("人20", None, ())


def test_who_is_nowhere_yet_is_told_how_to_bind() -> None:
    assert only_reply(says("我的联络员", a_person(STRANGER))) == notices.NoHomeYet(None)


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


def test_help_is_by_role() -> None:
    def parts(me: Person) -> tuple[bool, bool, bool]:
        reply = only_reply(says("帮助", me))
        assert isinstance(reply, notices.Help)
        return reply.bound, reply.liaison, reply.staff

    assert parts(a_person(RESIDENT)) == (True, False, False)
    assert parts(a_person(STRANGER)) == (False, False, False)
    assert parts(a_person(LIAISON)) == (False, True, False)
    assert parts(a_person(GRID)) == (False, False, True)
    everything = a_person(RESIDENT, is_liaison=True, posts=a_person(GRID).posts)
    assert parts(everything) == (True, True, True)


def test_a_question_left_open_survives_being_stored() -> None:
    waiting = Awaiting("which", NOW, 3, "m", "话", (1, 2))
    assert Awaiting.from_json(waiting.to_json()) == waiting


@pytest.mark.parametrize("kind", [Kind.EVENT, Kind.UNFOLLOW])
def test_events_are_answered_with_nothing(kind: Kind) -> None:
    assert says("", a_person(RESIDENT), kind=kind).replies == ()


def test_history_kinds_are_the_contracts() -> None:
    assert {str(kind) for kind in Happened} == {
        *("opened", "said", "relayed", "accepted", "answered", "escalated", "reminded"),
        *("handed_over", "urged", "resolved", "verdict", "reopened", "closed", "extended"),
        "urgent",  # 紧急: beyond the contract's, which names some
    }
