"""The morning's digest on a real database: to whom, once, and not what they are told anyway."""

from datetime import timedelta

from bot.desk.escalate import remind
from tests.conftest import NewTown
from tests.town import Town

LIAISON, GRID = "王联络", "张网格"


def an_evening(new_town: NewTown) -> tuple[Town, int]:
    """The shipped tiers; something came at seven and its liaison heard it; now it is eleven."""
    town = new_town(tiers=None)
    town.binds("住户", "A101", LIAISON)
    town.watch.wind(timedelta(hours=9))
    no = town.opens("住户", "楼道灯不亮")
    town.all_hear()
    town.watch.wind(timedelta(hours=4))
    return town, no


def digests(town: Town) -> list[tuple[str, str]]:
    rows = town.rows(
        "select p.openid, o.text from outbox o join people p on p.id = o.person_id"
        " where o.kind = 'morning' order by o.id"
    )
    return [(row["openid"], row["text"]) for row in rows]


def test_who_holds_what_falls_due_today_hears_it_once_when_their_day_begins(
    new_town: NewTown,
) -> None:
    town, no = an_evening(new_town)
    remind(town.bot)
    assert digests(town) == []
    town.watch.wind(timedelta(hours=9, seconds=5))
    for _ in range(2):
        remind(town.bot)
    ((who, text),) = digests(town)
    assert who == LIAISON
    assert f"#{no}　今天09:00前" in text
    assert "楼道灯" not in text  # words are read where it is known whose they still are
    town.watch.wind(timedelta(hours=1))
    remind(town.bot)
    assert len(digests(town)) == 1


def test_who_holds_at_two_tiers_has_one_morning(new_town: NewTown) -> None:
    """A liaison who is on the community's staff too, whose day begins half an hour later."""
    town, no = an_evening(new_town)
    community = town.opens("住户", "找社区 楼道堆了杂物")
    town.rows(
        "update issues set holder_id = (select id from people where name = %(who)s),"
        " holder_role = 'staff', due_at = %(noon)s where no = %(no)s returning no",
        who=LIAISON,
        noon=town.watch.at + timedelta(hours=13),
        no=community,
    )
    town.rows(
        "insert into staff (person_id, unit_id, post, position) select p.id, u.id, '社工', 9"
        " from people p, units u where p.name = %(who)s and u.code = 'A' returning id",
        who=LIAISON,
    )
    town.all_hear()
    town.watch.wind(timedelta(hours=9, seconds=5))
    remind(town.bot)
    town.watch.wind(timedelta(minutes=30))
    remind(town.bot)
    ((who, text),) = digests(town)
    assert (who, f"#{no}　" in text, f"#{community}　" in text) == (LIAISON, True, True)


def test_what_waits_for_its_holder_anyway_is_not_told_twice(new_town: NewTown) -> None:
    town, _ = an_evening(new_town)
    town.says("住户", "灯还是不亮")
    town.watch.wind(timedelta(hours=9, seconds=5))
    remind(town.bot)
    assert digests(town) == []


def test_a_clock_that_slept_through_the_morning_gives_none(new_town: NewTown) -> None:
    town, _ = an_evening(new_town)
    town.watch.wind(timedelta(hours=13))
    remind(town.bot)
    assert digests(town) == []


def test_on_the_wall_clock_there_is_no_morning(town: Town) -> None:
    town.binds("住户", "A101", LIAISON)
    town.opens("住户", "楼道灯不亮")
    town.all_hear()
    town.watch.wind(timedelta(hours=22))
    remind(town.bot)
    assert digests(town) == []


def test_in_the_afternoon_it_is_no_news(new_town: NewTown) -> None:
    town, _ = an_evening(new_town)
    town.watch.wind(timedelta(hours=9, seconds=5))
    remind(town.bot)
    town.watch.wind(timedelta(hours=7))
    assert "早上好" not in town.says(LIAISON, "待办")
