"""Words of danger: what opens an issue as urgent, and what only sounds like it."""

import pytest

from bot.core.conversation import said
from bot.core.danger import is_dangerous
from bot.core.decision import Open
from bot.core.notices import Assigned, Opened
from tests.build import COMMUNITY, GRID, LIAISON, PROPERTY, RESIDENT, a_person, heard, terms


@pytest.mark.parametrize(
    "words",
    [
        *("楼道里好大煤气味", "厨房燃气泄漏", "三楼着火了快来", "配电箱冒烟", "我妈困在电梯里"),
        *("电梯里有人被困", "小区门口井盖没了", "有人晕倒在楼下", "救命", "电线掉下来了"),
    ],
)
def test_danger(words: str) -> None:
    assert is_dangerous(words)


@pytest.mark.parametrize(
    "words",
    [
        *("燃气费怎么交", "消防通道被堵了", "电梯坏了", "停水了", "灭火器过期了", "井盖响"),
        *("楼下抽烟味道大", "燃气改造什么时候开始", "没着火了，谢谢", "路灯不亮"),
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
