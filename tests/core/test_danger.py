"""Words of danger: what opens an issue as urgent, and what only sounds like it."""

from datetime import timedelta

import pytest

from bot.core.conversation import said
from bot.core.danger import is_dangerous
from bot.core.decision import Decision, Open
from bot.core.issue import Issue, State
from bot.core.notices import Assigned, Continued, Opened, Reopened
from tests.build import (
    COMMUNITY,
    GRID,
    LIAISON,
    NOW,
    PROPERTY,
    RESIDENT,
    a_person,
    an_issue,
    handled,
    heard,
    terms,
    with_state,
)
from tests.core.decided import entries, told, values

SOON = NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    "words",
    [
        *("楼道里好大煤气味", "厨房燃气泄漏", "三楼着火了快来", "配电箱冒烟", "我妈困在电梯里"),
        *("电梯里有人被困", "小区门口井盖没了", "有人晕倒在楼下", "救命", "电线掉下来了"),
        *("厨房着火！", "车棚起火，快来人", "闻到一股煤气", "路上少了个井盖", "高压线垂到地上"),
        *("老人摔伤了起不来", "好像煤气中毒"),
    ],
)
def test_danger(words: str) -> None:
    assert is_dangerous(words)


@pytest.mark.parametrize(
    "words",
    [
        *("燃气费怎么交", "消防通道被堵了", "电梯坏了", "停水了", "灭火器过期了", "井盖响"),
        *("楼下抽烟味道大", "燃气改造什么时候开始", "没着火了，谢谢", "路灯不亮"),
        *("电动车充电容易起火", "怕着火，能不能搬走", "万一着火怎么办", "会起火吗"),
        *("楼道堆物有着火隐患", "井盖旁边积水", "没冒烟了", "燃气灶打不着火了", "围着火锅吵到半夜"),
    ],
)
def test_no_danger(words: str) -> None:
    assert not is_dangerous(words)


def test_it_opens_as_urgent_and_says_whom_to_ring() -> None:
    spoken = heard("楼道里好大煤气味", a_person(RESIDENT))
    decision = said(spoken.said, spoken.facts, terms())
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert opened.urgent
    assert opened.due_at == terms().ladder.urgent_due(terms().now)
    assert opened.holder.person_id == LIAISON
    told = {tell.person_id: tell.notice for tell in decision.tells}
    assert set(told) == {LIAISON, PROPERTY, GRID, COMMUNITY}
    assert all(isinstance(notice, Assigned) and notice.urgent for notice in told.values())
    reply = decision.replies[0]
    assert isinstance(reply, Opened)
    assert reply.danger


def says(words: str, issue: Issue) -> Decision:
    spoken = heard(words, a_person(RESIDENT), own=(issue,))
    return said(spoken.said, spoken.facts, terms())


@pytest.mark.parametrize("words", ["楼道冒烟了", "#12 楼道冒烟了", "催办 #12 楼道冒烟了"])
@pytest.mark.parametrize("issue", [an_issue(), handled()], ids=["waiting", "in hand"])
def test_danger_in_what_is_open_already_is_no_less_urgent(words: str, issue: Issue) -> None:
    decision = says(words, issue)
    assert (values(decision)["urgent"], values(decision)["due_at"]) == (True, SOON)
    assert entries(decision) == ["said", "urgent"]
    assert told(decision) == dict.fromkeys((LIAISON, PROPERTY, GRID, COMMUNITY), "assigned")
    for tell in decision.tells:
        assert isinstance(tell.notice, Assigned)
        assert (tell.notice.added, tell.notice.urgent) == ("楼道冒烟了", True)
    (reply,) = decision.replies
    assert isinstance(reply, Continued)
    assert reply.danger


def test_what_is_urgent_already_is_gone_on_with() -> None:
    decision = says("烟更大了，有人晕倒", an_issue(urgent=True, due_at=SOON))
    assert told(decision) == {LIAISON: "said_more"}
    assert entries(decision) == ["said"]


def test_danger_after_it_was_called_done_is_a_new_issue() -> None:
    decision = says("楼道又冒烟了", with_state(an_issue(), State.RESOLVED))
    (opened,) = (change for change in decision.changes if isinstance(change, Open))
    assert opened.urgent
    assert entries(decision) == ["opened"]


@pytest.mark.parametrize("word", ["没解决", "不满意"])
@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_danger_said_with_the_verdict_makes_it_urgent(word: str, state: State) -> None:
    decision = says(f"{word} #12 还在漏燃气", with_state(an_issue(), state))
    found = values(decision)
    assert (found["urgent"], found["tier"], found["due_at"]) == (True, "grid", SOON)
    assert told(decision) == dict.fromkeys((LIAISON, PROPERTY, GRID, COMMUNITY), "assigned")
    (reply,) = decision.replies
    assert isinstance(reply, Reopened)
    assert reply.danger
    assert not values(says(f"{word} #12 还是冷", with_state(an_issue(), state)))["urgent"]


def test_what_only_sounds_like_danger_goes_on_as_ever() -> None:
    assert "urgent" not in values(says("燃气费怎么交", an_issue()))
