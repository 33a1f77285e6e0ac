"""Each way in which rows can break a promise is seen, and nothing else is taken for it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.commands.findings import Level, broken
from bot.store import hours
from bot.store.breaches import GUARDS, Breach
from bot.store.engine import transaction
from tests.build import NOW
from tests.town import Town

NewTown = Callable[..., Town]

BREAKS: dict[Breach, str] = {
    Breach.WITHOUT_HOLDER: "update people set merged_into = id where name = '王联络'",
    Breach.HOLDER_AWAY: "update people set unfollowed_at = now() where name = '王联络'",
    Breach.WITHOUT_OPENING: "insert into history (issue_no, at, kind, tier)"
    " select max(no), now(), 'opened', 'liaison' from issues",
    Breach.SAID_TWICE: "insert into history (issue_no, at, kind, tier, message_id)"
    " select issue_no, at, 'said', tier, message_id from history where kind = 'opened'",
    Breach.STEPPED_TWICE: "insert into history (issue_no, at, kind, tier)"
    " select (select max(no) from issues), now(), 'escalated', 'grid' from generate_series(1, 2)",
    Breach.FELL: "insert into history (issue_no, at, kind, tier)"
    " select (select max(no) from issues), now(), 'escalated', reached"
    " from unnest(array['community', 'grid']) reached",
    Breach.STUCK_UNMOVED: "update outbox set state = 'stuck', settled_at = '2020-01-01'"
    " where kind = 'assigned'",
    Breach.NEVER_HANDED_OVER: "update outbox set state = 'pending', lease_until = '2020-01-01'"
    " where kind = 'assigned'",
    Breach.NOT_THEIRS: "update outbox set person_id = (select id from people where name = '陈联络')"
    " where kind = 'assigned'",
    Breach.UNGUARDED: "alter table history disable trigger history_append_only",
}


@pytest.fixture
def town(new_town: NewTown) -> Town:
    """One issue with its liaison, who was told, and two whose lives were long."""
    town = new_town()
    town.binds("甲", "A101", "王联络")
    town.opens("甲", "电梯坏了")
    for _ in range(4):
        town.wind(hours=2)
    town.opens("丁", "灯不亮")  # from nowhere; then it moves to their liaison
    town.wind(hours=2)
    town.binds("丁", "B101", "陈联络")
    town.opens("乙", "新问题 停水了")
    town.binds("乙", "A101", "王联络")
    town.all_hear()
    return town


def test_a_town_in_order_breaks_nothing(town: Town) -> None:
    assert town.broken() == {}


@pytest.mark.parametrize("breach", BREAKS)
def test_each_breach_is_seen_and_told_in_a_line(town: Town, breach: Breach) -> None:
    with town.connection.transaction():
        if breach is Breach.STUCK_UNMOVED:
            town.connection.execute("delete from outbox where issue_no < 3 and role <> 'resident'")
        town.connection.execute(BREAKS[breach])
    found = town.broken()
    assert set(found) == {breach}
    (check,) = broken(found)
    assert (check.name, check.level) == ("promises", Level.FAIL)
    assert "：请" in check.text
    assert check.text.startswith("#") is (breach is not Breach.UNGUARDED)


def test_a_due_time_outside_the_hours_counts_only_since_the_hours_hold(
    new_town: NewTown,
) -> None:
    town = new_town(tiers=None)
    town.binds("甲", "A101", "王联络")
    no = town.opens("甲", "电梯坏了")
    midnight = NOW + timedelta(hours=14)
    town.rows(
        "update issues set due_at = %(at)s where no = %(no)s returning no", at=midnight, no=no
    )
    assert town.broken() == {}
    with transaction(town.bot.engine) as connection:
        hours.note(connection, town.bot.ladder, NOW)
        hours.note(connection, town.bot.ladder, NOW + timedelta(hours=1))
    assert town.broken() == {Breach.OUT_OF_HOURS: (no,)}
    with transaction(town.bot.engine) as connection:
        other = new_town().bot.ladder  # edited since
        hours.note(connection, other, NOW)
        assert hours.since(connection, town.bot.ladder) is None
    assert town.broken() == {}


def test_the_guards_are_those_of_the_schema(town: Town) -> None:
    found = town.rows(
        "select conname as name from pg_constraint union select indexname from pg_indexes"
        " union select tgname from pg_trigger"
    )
    assert set(GUARDS) <= {row["name"] for row in found}
    assert set(BREAKS) | {Breach.OUT_OF_HOURS} == set(Breach)


def test_every_breach_has_its_words() -> None:
    for breach in Breach:
        (check,) = broken({breach: (1, 2)})
        assert "：请" in check.text
