"""The ledger and what doctor counts, read from rows that are there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.store import pages, promises
from bot.store.engine import connect
from bot.store.pages import Addressee, Entry, Holder, Step, Told

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIERS = ("liaison", "grid")

_ROWS = """
insert into units (id, code, level, name, lineage) overriding system value
    values (1, 'D1', '门', '1单元', '{1}');
insert into households (id, number, unit_id, room) overriding system value
    values (1, 'D1-502', 1, '502');
insert into people (id, name, openid) overriding system value
    values (1, null, 'o1'), (2, '王秀英', 'o2');
insert into liaisons (person_id, unit_id) values (2, 1);
insert into issues (no, resident_id, household_id, unit_id, state, tier, opened_tier, place,
        holder_id, holder_role, opened_at, due_at, said_at)
    values (1, 1, 1, 1, 'waiting', 'liaison', 'liaison', 0, 2, 'liaison', :now, :due, :now),
        (2, 1, null, 1, 'closed', 'grid', 'liaison', 1, 2, 'liaison', :now, null, :now);
insert into messages (id, issue_no, author_id, kind, text, at)
    values ('m1', 1, 1, 'text', '电梯坏了', :now);
insert into history (issue_no, at, kind, by_id, tier, message_id)
    values (1, :now, 'opened', 1, 'liaison', 'm1'), (1, :due, 'escalated', null, 'grid', null);
insert into outbox (key, person_id, role, issue_no, kind, text, made_at, state, channel, settled_at)
    values ('b', 2, 'liaison', 1, 'opened', '又', :now, 'pending', null, null),
        ('a', 1, 'resident', 1, 'noted', '已收到', :now, 'sent', 'passive', :now),
        ('c', 2, 'liaison', 1, 'late', '催', :now, 'stuck', 'page', :due);
"""


@pytest.fixture
def connection(fresh_database: Callable[[], str]) -> Iterator[Connection]:
    engine = connect(fresh_database())
    with engine.connect() as made:
        for statement in _ROWS.strip().removesuffix(";").split(";\n"):
            made.execute(text(statement), {"now": NOW, "due": NOW + HOUR})
        yield made
    engine.dispose()


def run(connection: Connection, statement: str, **values: Any) -> None:
    connection.execute(text(statement), values)


def look(connection: Connection, at: datetime = NOW) -> promises.Findings:
    return promises.look(connection, at, timedelta(seconds=5), TIERS, timedelta(minutes=1))


def test_the_ledger_lists_by_number_and_can_leave_out_what_is_over(connection: Connection) -> None:
    assert [entry.no for entry in pages.issues(connection)] == [1, 2]
    assert pages.issues(connection, open_only=True) == (
        Entry(
            no=1,
            state="waiting",
            tier="liaison",
            urgent=False,
            category=None,
            household="D1-502",
            unit="D1",
            holder=Holder("王秀英", "liaison", None),
            opened_at=NOW,
            due_at=NOW + HOUR,
            answered_at=None,
            resolved_at=None,
            closed_at=None,
            verdict=None,
            due_estimated=False,
        ),
    )


def test_one_issue_comes_with_its_history_and_notices_newest_last(connection: Connection) -> None:
    whole = pages.issue(connection, 1)
    assert whole is not None
    assert whole.history == (
        Step(NOW, "opened", "居民", "liaison", "电梯坏了"),
        Step(NOW + HOUR, "escalated", None, "grid", None),
    )
    liaison = Addressee("王秀英", "liaison")
    assert whole.notices == (
        Told(NOW, liaison, "opened", None, "pending", "又"),
        Told(NOW, Addressee("居民", "resident"), "noted", "passive", "sent", "已收到"),
        Told(NOW + HOUR, liaison, "late", "page", "stuck", "催"),
    )
    assert pages.issue(connection, 99) is None


def test_nothing_is_the_matter_with_what_is_in_order(connection: Connection) -> None:
    run(connection, "delete from outbox where state <> 'sent'")
    found = look(connection)
    assert found == promises.Findings((), (), (), 0, 0, 0, 0, 0, 0, None, found.database_at)


def test_what_is_late_stuck_or_unheard_is_counted(connection: Connection) -> None:
    run(
        connection,
        "insert into inbox (key, openid, received_at, state) values ('k', 'o1', :now, 'stuck')",
        now=NOW,
    )
    run(connection, "insert into beats values ('clock', :now)", now=NOW)
    found = look(connection, NOW + HOUR + timedelta(seconds=11))
    assert found.late == (1,)
    assert (found.stuck, found.unknown, found.waiting, found.stuck_inbox) == (1, 0, 1, 1)
    assert found.beat_at == NOW
    assert look(connection, NOW + HOUR + timedelta(seconds=9)).late == ()


def test_a_holder_who_is_gone_and_a_lost_tier_are_found(
    connection: Connection,
) -> None:
    run(connection, "update liaisons set retired_at = :now", now=NOW)
    run(connection, "update issues set tier = 'gone' where no = 1")
    found = look(connection)
    assert found.holder_left == found.tier_gone == (1,)
