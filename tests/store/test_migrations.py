"""Migrations: from nothing they make the tables, and they carry what is there along."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from psycopg.rows import dict_row
from sqlalchemy import create_engine

from bot.store import migrations
from bot.store.engine import driver_url
from bot.store.migrations import migrate
from bot.store.schema import metadata
from tests.conftest import new_database

FIRST = """
insert into people (openid, last_said_at, unfollowed_at) values
    ('oNew', now() - interval '1 hour', null),
    ('oOld', now() - interval '3 days', null),
    ('oLeft', now() - interval '1 hour', now());
insert into outbox (key, person_id, role, kind, text, made_at, state)
    select 'k', id, 'resident', 'opened', '水', now(), 'sent' from people where openid = 'oNew';
insert into sends (person_id, at, channel, outcome)
    select id, now(), 'chat', 'sent' from people where openid = 'oNew';
"""


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    with new_database(database_url) as url:
        yield url


def migrate_to(url: str, revision: str) -> None:
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_from_nothing_they_make_the_tables(empty: str) -> None:
    migrate(empty)
    engine = create_engine(driver_url(empty))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_what_the_first_version_wrote_is_still_there_and_it_can_go_on_writing(empty: str) -> None:
    migrate_to(empty, "0001")
    with psycopg.connect(empty, row_factory=dict_row) as connection:
        connection.execute(FIRST)
        connection.commit()
        migrate(empty)
        rows = connection.execute("select *, wrote_at = array[last_said_at] as wrote from people")
        wrote = {row["openid"]: row["wrote"] for row in rows}
        assert wrote == {"oNew": True, "oOld": None, "oLeft": None}
        (notice,) = connection.execute("select reference, unread from outbox")
        assert notice == {"reference": None, "unread": False}
        # The version before knows nothing of the new columns.
        connection.execute(FIRST.replace("'o", "'p").replace("'k'", "'k2'"))
        sends = connection.execute("select messages, about from sends").fetchall()
        assert sends == [{"messages": 1, "about": None}] * 2


def test_twice_is_safe(empty: str) -> None:
    migrate(empty)
    migrate(empty)
