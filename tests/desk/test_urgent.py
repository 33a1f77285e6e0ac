"""紧急 on a real database, in the night: told at once, up a tier every quarter of an hour."""

from pathlib import Path

import pytest

from tests.conftest import NewTown
from tests.shipped import china
from tests.town import Town

SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"


@pytest.fixture
def town(new_town: NewTown) -> Town:
    here = new_town(tiers=SHIPPED)
    here.binds("居民", "A101", "王联络")
    here.all_hear()
    return here


def test_an_urgent_issue_climbs_through_the_night_until_somebody_takes_it(town: Town) -> None:
    town.watch.at = china(23, "23:00")
    no = town.opens("居民", "楼道里有股怪味")
    town.all_hear()
    reply = town.says("王联络", f"紧急 #{no}")
    assert "紧急" in reply
    assert all("【紧急】" in town.hears(name)[0] for name in ("张网格", "林书记", "赵物业"))
    assert "119" in town.hears("居民")[0]
    issue = town.issue(no)
    assert (issue["urgent"], issue["holder"], issue["tier"]) == (True, "王联络", "liaison")
    for tier, holder in (("grid", "张网格"), ("community", "林书记"), ("subdistrict", "周专员")):
        assert town.wind(minutes=15) == 1
        issue = town.issue(no)
        assert (issue["tier"], issue["holder"]) == (tier, holder)
        waits = town.one(
            "select next_at <= %(now)s as at_once from outbox o join people p on p.id = o.person_id"
            " where p.openid = %(who)s and o.state = 'pending' order by o.id desc limit 1",
            now=town.watch.at,
            who=holder,
        )
        assert waits["at_once"]
    assert town.wind(minutes=15) == 1
    assert town.history(no)[-1] == "reminded subdistrict"
    town.says("周专员", f"接单 #{no}")
    assert town.wind(minutes=16) == 0
    assert town.issue(no)["state"] == "in_hand"
    assert not town.broken()


def test_what_is_in_hand_climbs_unless_taken_anew(town: Town) -> None:
    no = town.opens("居民", "楼道里有股怪味")
    town.says("王联络", f"接单 #{no}")
    town.says("林书记", f"紧急 #{no}")
    assert town.wind(minutes=10) == 0
    town.says("王联络", f"接单 #{no}")
    assert town.wind(minutes=10) == 0
    assert town.issue(no)["tier"] == "liaison"
    assert not town.broken()


def test_words_of_danger_open_it_as_urgent(town: Town) -> None:
    town.watch.at = china(23, "23:00")
    assert "119" in town.says("居民", "厨房里好大煤气味")
    issue = town.issue(town.newest())
    assert (issue["urgent"], issue["holder"]) == (True, "王联络")
    assert "【紧急】" in town.hears("林书记")[0]
    assert town.wind(minutes=15) == 1
    assert town.issue(issue["no"])["tier"] == "grid"
    assert not town.broken()
