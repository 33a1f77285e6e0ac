"""What residents say, from facts alone: what it opens, where it goes, who is meant."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core import notices
from bot.core.decision import Keep, Open, SetPerson
from bot.core.issue import State
from bot.core.messages import WORDS, Kind
from bot.core.people import Awaiting, Person
from bot.core.standing import NobodyYet
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    SERVERS,
    STRANGER,
    SUBDISTRICT,
    a_person,
    a_place,
    an_issue,
    with_state,
)
from tests.core.decided import (
    does_nothing,
    entries,
    only_reply,
    says,
    told,
    values,
)

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
        # 物业 holds where nobody else is there at all, for somebody has to know.
        (set(SERVERS) - {PROPERTY}, "grid", PROPERTY, ["opened", "escalated"]),
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
    assert entries(decision) == []
    assert not decision.tells
    # What a resident says beside it is kept for the number that will follow.
    kept = [change for change in decision.changes if isinstance(change, Keep)]
    assert [(one.no, one.text) for one in kept] == ([] if serves else [(None, "说明")])


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
