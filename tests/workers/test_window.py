"""A liaison's days with the pretend WeChat: five messages, templates, nothing at all, and back."""

from collections.abc import Iterator

import pytest

from bot.desk.escalate import escalate
from tests.conftest import NewTown
from tests.workers.street import GRID, LIAISON, Street, a_street, notices, pushed


@pytest.fixture
def street(new_town: NewTown, fresh_redis: str) -> Iterator[Street]:
    with a_street(new_town, fresh_redis) as street:
        street.town.binds("住户", "A101", LIAISON)
        yield street


def test_a_window_runs_out_templates_carry_on_then_nothing_does_until_they_write(
    street: Street,
) -> None:
    phone = street.phone(LIAISON)
    no = street.town.opens("住户", "第0句")
    street.deliver()
    for number in range(1, 5):
        street.town.says("住户", f"第{number}句")
        street.deliver()
    # Five messages, the last of which says how to go on receiving.
    assert [f"第{number}句" in text for number, text in enumerate(pushed(phone)[-5:])] == [True] * 5
    assert "回复任意一个字" in pushed(phone)[-1]
    assert phone.quota_left == 0

    street.wind(minutes=5)
    street.town.says("住户", "第5句")
    street.deliver()
    assert len(notices(phone)) == 1
    assert street.town.issue(no)["holder"] == LIAISON

    street.platform.notices.blocking.add(LIAISON)
    street.wind(hours=60)
    street.town.says("住户", "第6句")
    stuck = newest(street)
    street.becomes(stuck, "stuck", None, False)
    assert "联系不上：联络员王联络" in street.town.says(GRID, "待办")
    escalate(street.bot)
    assert street.town.issue(no)["holder"] == GRID
    later = street.town.says("住户", "新问题 门坏了")
    assert GRID in later  # who is out of reach is given nothing new

    reply = phone.says("在吗") or ""
    street.deliver()
    seen = reply + "\n".join(pushed(phone))
    assert seen.index("第5句") < seen.index("第6句")
    assert "联络员王联络 " not in street.town.says(GRID, "待办")
    waiting = street.town.rows(
        "select o.text from outbox o join people p on p.id = o.person_id"
        " where p.openid = '王联络' and (o.state <> 'sent' or o.unread)"
    )
    assert waiting == []


def newest(street: Street) -> int:
    row = street.town.one(
        "select max(o.id) as id from outbox o join people p on p.id = o.person_id"
        " where p.openid = '王联络'"
    )
    return int(row["id"])
