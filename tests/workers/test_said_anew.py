"""What waited long, against the pretend WeChat: it goes out as things stand, or not at all."""

from collections.abc import Iterator

import pytest

from tests.conftest import NewTown
from tests.workers.street import GRID, LIAISON, Street, a_street, pushed

HOME = "A101"


@pytest.fixture
def street(new_town: NewTown, fresh_redis: str) -> Iterator[Street]:
    with a_street(new_town, fresh_redis) as street:
        street.town.binds("住户", HOME, LIAISON)
        yield street


def test_tomorrow_is_today_when_it_goes_out_tomorrow(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=13, minutes=30)
    street.platform.faults.errcode(-1, openid=LIAISON)
    no = street.town.opens("住户", "楼道灯不亮")
    street.deliver()
    street.town.rows(
        "update issues set due_at = %(due)s where no = %(no)s returning no",
        no=no,
        due=street.town.watch.now().replace(hour=2, minute=30),
    )
    street.wind(hours=9)
    street.deliver()
    last = pushed(phone)[-1]
    assert "楼道灯不亮" in last
    assert "今天" not in last  # it was due yesterday by then
    assert (
        street.town.one(
            "select text from outbox where issue_no = %(no)s and kind = 'assigned'", no=no
        )["text"]
        in last
    )


def test_a_resident_out_of_reach_hears_where_it_stands_not_all_the_way_there(
    street: Street,
) -> None:
    no = street.town.opens("住户", "楼道灯不亮")
    for _ in range(3):
        street.town.wind(hours=1, minutes=1)
    assert street.town.issue(no)["tier"] == "subdistrict"
    reply = street.town.says("住户", "在吗")
    assert reply.count("已转到") == 1
    assert "已转到街道" in reply
    street.deliver()
    told = street.town.rows("select state from outbox where kind = 'moved_up'")
    assert told == [{"state": "sent"}]


def test_what_is_over_is_told_nobody(street: Street) -> None:
    phone = street.phone(LIAISON)
    no = street.town.opens("住户", "楼道灯不亮")
    street.town.says("住户", f"催办 #{no}")
    street.town.says(GRID, f"办结 #{no} 换了灯泡")
    street.wind(minutes=5)
    street.deliver()
    (told,) = pushed(phone)[-1:]
    assert "已办结" in told
    assert "催办" not in told
    assert "新诉求" not in told
