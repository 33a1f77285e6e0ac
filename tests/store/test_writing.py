"""What it costs to write a decision: rows are found by index, however many others there are."""

import psycopg
import pytest
from psycopg.rows import DictRow

from bot.core.decision import Decision, Tell
from bot.core.notices import Greeted, Notice
from bot.core.people import Role
from bot.store.changes import Source, write_all
from bot.store.engine import transaction
from tests.build import NOW
from tests.town import Town

_MANY = 2000
_FILL = """
insert into outbox (key, person_id, role, kind, text, made_at, state, next_at)
select 'old:' || n, p.id, 'staff', 'relayed', '话', %(now)s, 'pending', %(now)s
from people p, generate_series(1, %(many)s) n where p.openid = '林书记'
"""
_LOOKED_AT = """
select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
from pg_stat_xact_user_tables where relname = 'outbox'
"""


def word(notice: Notice) -> str:
    return notice.kind


@pytest.mark.parametrize("together", [1, 100])
def test_a_plan_from_when_nothing_waited_serves_when_much_does(town: Town, together: int) -> None:
    """A connection plans once; were it for an empty outbox, later all of it might be read."""
    person = town.one("select id from people where openid = '张网格'")["id"]
    told = Decision(tells=(Tell(person, Role.STAFF, Greeted()),))
    town.connection.execute("delete from outbox")
    town.connection.execute("vacuum (analyze) outbox")
    town.bot.engine.dispose()
    with transaction(town.bot.engine) as connection:
        write_all(connection, [(told, Source("first", NOW))], word)
        connection.execute(_FILL, {"now": NOW, "many": _MANY})
        before = looked_at(connection)
        write_all(connection, [(told, Source(str(n), NOW)) for n in range(together)], word)
        assert looked_at(connection) - before < _MANY / 4


def looked_at(connection: psycopg.Connection[DictRow]) -> int:
    """Rows of the outbox that this transaction has read."""
    row = connection.execute(_LOOKED_AT).fetchone()
    return int(row["rows"]) if row else 0
