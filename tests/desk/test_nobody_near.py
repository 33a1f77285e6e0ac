"""Somebody of whom neither home nor door is known, where no tier serves the whole street."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.messages import Kind
from bot.desk.receive import bring_in
from tests.conftest import NewTown
from tests.town import Town

SHIPPED = Path(__file__).parents[2] / "config" / "tiers.toml"


@pytest.fixture(scope="session")
def no_street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped tiers without the highest."""
    whole = SHIPPED.read_text("utf-8")
    path = tmp_path_factory.mktemp("tiers") / "three.toml"
    path.write_text(whole[: whole.rindex("[[tier]]")], "utf-8")
    return path


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("way", ["binds", "scans"])
def test_a_community_has_it_until_it_is_known_where_they_live(
    new_town: NewTown, no_street: Path, joined: bool, way: str
) -> None:
    """The street has staff, but no tier that they serve."""
    town = new_town(joined=joined, tiers=no_street)
    assert "#1" in town.says("生客", "楼下垃圾没人收")
    assert town.issue(1)["holder"] == "林书记"
    if way == "binds":
        town.says("生客", "绑定 A101")
    else:
        town.says("生客", kind=Kind.SCAN, scene="door-A-D1")
    assert "#1" in town.says("生客", "还有蚊子")
    # Binding moves it to the liaison, a door's code says only where what comes next belongs.
    moved = joined and way == "binds"
    assert town.issue(1)["holder"] == ("王联络" if moved else "林书记")
    assert not town.broken()


def test_kept_words_open_once_it_is_known_where_and_the_number_comes_by_itself(
    new_town: NewTown,
) -> None:
    """There are liaisons, but nobody on any staff."""
    town = new_town(joined=True, tiers=SHIPPED)
    town.connection.execute("update staff set retired_at = now()")
    assert "记下" in town.says("生客", "楼下垃圾没人收")
    assert "记下" in town.says("生客", "还有蚊子")
    later(town)
    assert town.newest() == 0
    town.says("生客", "绑定 A101")
    later(town)
    no = town.newest()
    assert [f"#{no}" in text for text in town.hears("生客")] == [True, True]
    assert [one.split()[0] for one in town.history(no)] == ["opened", "said"]
    assert town.issue(no)["holder"] == "王联络"
    assert not town.broken()


def later(town: Town) -> None:
    town.watch.wind(timedelta(seconds=11))
    bring_in(town.bot)


def test_where_a_tier_serves_the_street_nobody_need_have_joined(new_town: NewTown) -> None:
    """Contract section 6, promise 1: the first of the top tier holds it."""
    town = new_town(joined=False, tiers=SHIPPED)
    reply = town.says("生客", "楼下垃圾没人收")
    no = town.newest()
    assert f"#{no}" in reply
    assert town.issue(no)["holder"] == "周专员"
    assert not town.broken()


def test_where_nobody_is_on_the_streets_staff_a_community_has_it(new_town: NewTown) -> None:
    town = new_town(joined=True, tiers=SHIPPED)
    town.connection.execute(
        "update staff set retired_at = now() where unit_id in"
        " (select id from units where level = '街道')"
    )
    reply = town.says("生客", "楼下垃圾没人收")
    no = town.newest()
    assert f"#{no}" in reply
    assert town.issue(no)["holder"] == "林书记"
