"""What is read for one thing said: all that is theirs, nothing cut off that was named."""

from datetime import timedelta

import pytest

from bot.core import commands
from bot.core.facts import Facts
from bot.core.messages import Kind, Said
from bot.core.people import Role
from bot.store.engine import transaction
from bot.store.facts import facts_of
from bot.store.hearing import Act, hear
from tests.build import EVERYBODY
from tests.town import Town


def facts(town: Town, who: str, text: str = "话") -> Facts:
    """As they would be read for `who` saying `text` now."""
    now = town.watch.at
    said = Said(f"asked-{who}", who, "gh", Kind.TEXT, text, now)
    with transaction(town.bot.engine) as connection:
        typed = commands.read(text)
        [hearing] = hear(connection, [Act(said, typed.no)], town.bot.ladder, now)
        found = facts_of(connection, hearing, typed, now)
        connection.rollback()
    return found


def test_a_stranger_is_nobody_and_their_words_go_to_the_subdistrict(town: Town) -> None:
    town.says("生人", "您好")
    found = facts(town, "生人")
    assert (found.me.home, found.me.door, found.me.serves, found.own) == (None, None, False, ())
    assert found.fallback is not None
    assert found.fallback.unit.level == "街道"


def test_the_only_community_is_where_they_go_else(town: Town) -> None:
    town.says("生人", "您好")
    town.rows("update units set retired_at = now() where code like 'B%%' returning id")
    fallback = facts(town, "生人").fallback
    assert fallback is not None
    assert fallback.unit.code == "A"


def test_everybody_is_what_the_roster_says(town: Town) -> None:
    for who in EVERYBODY:
        me = facts(town, who).me
        assert (me.name, me.serves, me.in_roster) == (who, True, True)
        assert me.is_liaison == who.endswith("联络")
        assert bool(me.posts) != me.is_liaison


def test_a_home_has_its_line_its_liaison_and_its_staff_in_the_order_of_the_sheet(
    town: Town,
) -> None:
    town.binds("居民", "A101", "王联络")
    home = facts(town, "居民").me.home
    assert home is not None
    assert [unit.code for unit in home.line] == ["S", "A", "A-G", "A-B", "A-D1"]
    assert home.liaison is not None
    assert (home.liaison.name, home.liaison.role, home.liaison.there) == (
        "王联络",
        Role.LIAISON,
        True,
    )
    at = {
        level: [s.name for s in home.staff if s.level == level]
        for level in ("网格", "社区", "街道")
    }
    assert at == {
        "网格": ["赵物业", "张网格"],
        "社区": ["林书记", "钱社工"],
        "街道": ["周专员", "高管理"],
    }


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ("update people set openid = null where name = '张网格'", False),
        ("update people set unfollowed_at = now() where name = '张网格'", False),
        ("update people set unreachable_since = now() where name = '张网格'", False),
        ("update staff set leave_until = '2026-12-01' where post = '网格长'", False),
        ("update staff set leave_until = '2026-11-20' where post = '网格长'", True),
        ("update people set unreachable_since = now() where name = '赵物业'", True),
    ],
)
def test_who_is_there(town: Town, change: str, there: bool) -> None:
    town.binds("居民", "A101", "王联络")
    town.rows(f"{change} returning id")
    home = facts(town, "居民").me.home
    assert home is not None
    assert [s.there for s in home.staff if s.name == "张网格"] == [there]


GONE = (
    "update staff set retired_at = now() where post = '网格长' returning id",
    "update liaisons set retired_at = now() returning id",
)
STOPPED = (
    "update staff set status = '停用' where post = '网格长' returning id",
    "update liaisons set status = '停用' returning id",
)


@pytest.mark.parametrize("statements", [GONE, STOPPED])
def test_who_stopped_serves_nobody(town: Town, statements: tuple[str, ...]) -> None:
    town.binds("居民", "A101", "王联络")
    for statement in statements:
        town.rows(statement)
    home = facts(town, "居民").me.home
    assert home is not None
    assert "张网格" not in {s.name for s in home.staff}
    assert home.liaison is None or not home.liaison.there
    assert not facts(town, "张网格").me.serves
    assert not facts(town, "王联络").me.is_liaison


def test_own_issues_are_open_or_closed_within_a_week_the_last_spoken_in_first(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    town.binds("邻居", "A101", "王联络")
    town.opens("邻居", "别家的事")
    first = town.opens("居民", "电梯坏了")
    second = town.opens("居民", "新问题 灯坏了")
    third = town.opens("居民", "新问题 漏水")
    assert [issue.no for issue in facts(town, "居民").own] == [third, second, first]
    town.watch.wind(timedelta(minutes=1))
    town.says("居民", f"#{first} 更坏了")
    assert facts(town, "居民").own[0].no == first
    town.says("王联络", f"办结 #{second} 好了")
    town.says("居民", f"满意 #{second}")
    town.watch.wind(timedelta(days=7))
    assert {issue.no for issue in facts(town, "居民").own} == {first, third}


def test_a_number_that_was_named_is_read_however_many_there_are(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    numbers = [town.opens("居民", f"新问题 第{n}件") for n in range(40)]
    town.watch.wind(timedelta(minutes=1))
    for number in (numbers[0], numbers[-1]):
        assert number in {issue.no for issue in facts(town, "居民", f"催办 #{number}").own}
        assert number in {issue.no for issue in facts(town, "王联络", f"#{number} 好").served}
        assert number in {issue.no for issue in facts(town, "林书记", f"#{number} 好").served}
    assert facts(town, "王联络").more


def test_a_named_number_of_others_is_never_served(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    for who in ("李联络", "陈联络", "郭网格", "何书记"):
        assert facts(town, who, f"#{no} 好").served == ()
        assert facts(town, who).served == ()
    for who in ("王联络", "赵物业", "张网格", "林书记", "钱社工", "周专员", "高管理"):
        assert [issue.no for issue in facts(town, who).served] == [no]


def test_requests_are_the_liaisons_first_and_staff_see_them_by_number(town: Town) -> None:
    request = town.binds("居民", "A101")
    assert [one.no for one in facts(town, "王联络").requests] == [request]
    assert facts(town, "张网格").requests == ()
    assert [one.no for one in facts(town, "张网格", f"认识 #{request}").requests] == [request]
    assert facts(town, "郭网格", f"认识 #{request}").requests == ()


def test_a_household_to_file_for_is_looked_for_among_ones_own(town: Town) -> None:
    def found(who: str, text: str) -> list[str]:
        places = facts(town, who, text).found
        return [place.household.number for place in places if place.household]

    assert found("王联络", "代录 101 漏水") == ["A101"]
    assert sorted(found("陈联络", "代录 101 漏水")) == ["B101", "B201"]
    assert found("张网格", "代录 101 漏水") == ["A101"]
    assert sorted(found("周专员", "代录 101 漏水")) == ["A101", "B101", "B201"]
    assert found("王联络", "代录 B101 漏水") == []


def test_a_retired_household_is_nobodys_to_join(town: Town) -> None:
    town.says("居民", "您好")
    assert len(facts(town, "居民", "绑定 101").found) == 3
    town.rows("update households set retired_at = now() where number = 'A101' returning id")
    assert len(facts(town, "居民", "绑定 101").found) == 2
