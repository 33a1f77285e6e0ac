"""What a transaction makes of a database that changes under it."""

from contextlib import ExitStack

import psycopg
import pytest

from bot.core.messages import Kind, Said
from bot.desk.receive import receive
from bot.store.engine import Stale, transaction
from tests.town import Town

_READ = "select i.* from issues i"
_ADD = "alter table issues add column of_a_newer_version integer"


def _read(connection: psycopg.Connection[psycopg.rows.DictRow]) -> None:
    connection.execute(_READ, prepare=True).fetchall()


def test_a_column_added_meanwhile_costs_one_more_try(town: Town) -> None:
    """A newer version migrates while this one runs with statements prepared on all connections."""
    engine = town.bot.engine
    with ExitStack() as open_at_once:
        for _ in range(3):
            _read(open_at_once.enter_context(transaction(engine)))
    town.connection.execute(_ADD)
    with pytest.raises(Stale), transaction(engine) as connection:
        _read(connection)
    for _ in range(3):
        with transaction(engine) as connection:
            _read(connection)


def test_a_resident_notices_nothing_of_an_upgrade(town: Town) -> None:
    town.says("居民", "停水了")
    town.says("居民", "还没来水")
    town.connection.execute(_ADD)
    said = Said("after", "居民", "gh", Kind.TEXT, "来水了吗", town.watch.at)
    assert "#" in (receive(town.bot, said) or "")
    assert town.one("select state from inbox where key = 'after'") == {"state": "done"}
