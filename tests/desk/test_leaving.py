"""Who leaves the roster: what they hold goes on at once to somebody who is there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import excel
from bot.core.messages import Kind
from bot.core.roster import Standing
from bot.core.roster.sheets import sheets_of
from bot.desk.left import move_on
from bot.desk.rosters import load_roster
from bot.store import claims
from bot.store.engine import transaction
from tests.build import DISTRICT, STAFF
from tests.conftest import NewTown
from tests.town import Town


def load_without(town: Town, folder: Path, *names: str) -> None:
    """Load the district without these members of staff."""
    left = tuple(row for row in DISTRICT.staff if row.name not in names)
    path = folder / "roster.xlsx"
    excel.write(path, sheets_of(replace(DISTRICT, staff=left)))
    assert load_roster(town.bot, path, retire=True).dealt is not None


def holder_of_new_issue(town: Town) -> tuple[int, str]:
    """The number of an issue that has climbed to the grid, and who holds it there."""
    town.binds("resident", "A101")
    no = town.opens("resident", "电梯坏了")
    town.wind(hours=1)
    return no, town.issue(no)["holder"]


def test_what_somebody_holds_who_leaves_the_roster_goes_on_at_the_next_tick(
    town: Town, tmp_path: Path
) -> None:
    no, holder = holder_of_new_issue(town)
    load_without(town, tmp_path, holder)
    town.tick()
    after = town.issue(no)
    assert after["holder"] != holder
    assert after["due_at"] > town.watch.at


@pytest.mark.parametrize("way", ["unfollows", "leaves the roster"])
def test_a_colleague_of_the_tier_follows_who_is_gone(town: Town, tmp_path: Path, way: str) -> None:
    town.binds("resident", "A101", "王联络")
    town.says("resident", "找社区 楼道堆了杂物")
    no = town.newest()
    town.says("林书记", f"接单 #{no}")
    town.all_hear()
    if way == "unfollows":
        town.says("林书记", kind=Kind.UNFOLLOW)
    else:
        load_without(town, tmp_path, "林书记")
    town.tick()
    issue = town.issue(no)
    assert (issue["holder"], issue["tier"], issue["state"]) == ("钱社工", "community", "waiting")
    assert town.history(no)[-1] == "handed_over community"
    assert "同事不在" in town.hears("钱社工")[0]
    assert "钱社工" in town.hears("resident")[0]
    assert not town.broken()


def test_where_nobody_is_there_any_more_somebody_of_the_roster_holds_it(
    new_town: NewTown, tmp_path: Path
) -> None:
    town = new_town(joined=False)
    town.binds("resident", "A101")
    no = town.opens("resident", "电梯坏了")
    holder = town.issue(no)["holder"]
    load_without(town, tmp_path, holder)
    town.tick()
    assert town.issue(no)["holder"] != holder


def test_who_joins_gets_what_nobody_could_hold(new_town: NewTown) -> None:
    """At the first start nobody has joined: an officer who has not holds it."""
    town = new_town(joined=False)
    no = town.opens("resident", "楼下垃圾没人收")
    holder = town.issue(no)["holder"]
    assert move_on(town.bot) == 0  # nobody else could have it
    town.joins("高管理")
    assert town.issue(no)["holder"] == "高管理" != holder
    assert f"#{no}" in town.hears("高管理")[0]
    assert move_on(town.bot) == 0
    assert not town.broken()


def test_what_nobody_saw_coming_back_is_found_by_the_hour(town: Town) -> None:
    for name in STAFF:
        town.says(name, kind=Kind.UNFOLLOW)
    no = town.opens("resident", "楼下垃圾没人收")
    assert town.issue(no)["holder"] == "周专员"
    town.connection.execute("update people set unfollowed_at = null where openid = '高管理'")
    assert town.issue(no)["holder"] == "周专员"
    assert move_on(town.bot) == 1
    assert move_on(town.bot) == 0
    town.tick()
    assert town.issue(no)["holder"] == "高管理"
    assert f"#{no}" in town.hears("高管理")[0]
    assert not town.broken()


def test_who_comes_back_gets_it_at_once(town: Town) -> None:
    for name in ("王联络", "张网格", "林书记", "钱社工", "周专员", "高管理"):
        town.says(name, kind=Kind.UNFOLLOW)
    town.binds("resident", "A101")
    no = town.opens("resident", "找社区 楼道堆了杂物")
    assert town.issue(no)["holder"] == "周专员"
    town.says("高管理", kind=Kind.FOLLOW)  # sees nothing of it, but is there
    town.says("高管理", "待办")
    town.tick()
    assert town.issue(no)["holder"] == "高管理"
    assert not town.broken()


@pytest.fixture
def former(town: Town, tmp_path: Path) -> str:
    """The openid of a liaison who does not serve any more, words of a household still waiting."""
    liaison = "王联络"
    town.binds("resident", "A101", liaison)
    town.opens("resident", "家里进了水")
    rows = tuple(
        replace(row, standing=Standing.STOPPED) if row.name == liaison else row
        for row in DISTRICT.liaisons
    )
    path = tmp_path / "roster.xlsx"
    excel.write(path, sheets_of(replace(DISTRICT, liaisons=rows)))
    assert load_roster(town.bot, path, retire=True).dealt is not None
    return liaison


def test_what_waited_for_a_former_liaison_does_not_ride_on_their_next_words(
    town: Town, former: str
) -> None:
    assert "家里进了水" not in town.says(former, "你好")


def test_what_waited_for_a_former_liaison_is_withdrawn_and_never_pushed(
    town: Town, former: str
) -> None:
    with transaction(town.bot.engine) as connection:
        lease = timedelta(minutes=1)
        say = town.bot.wording.say
        taken = claims.claim(connection, town.watch.at, lease, lambda texts, _: len(texts), 50, say)
    (left,) = (bundle for bundle in taken if bundle.openid == former)
    assert [row.kind for row in left.rows] == ["households_changed"]
    told = town.rows(
        "select text from outbox o join people p on p.id = o.person_id where p.openid = %(who)s",
        who=former,
    )
    assert told
    assert not any("家里进了水" in row["text"] for row in told)
