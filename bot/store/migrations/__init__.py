"""Brings a database to the schema of this version; safe twice and from two hosts at once.

Also adds to the working calendar what the package knows of it by now.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, text

from bot.store import calendars
from bot.store.engine import Newer, driver_url

# Any constant: all hosts that migrate one database wait for each other on it.
_MIGRATION_LOCK = 4_811_502


def migrate(url: str) -> None:
    """Apply what is missing. Two at once: the second waits, then finds nothing to do.

    Raises Newer, also where the revisions in the database are of no version of ours.
    """
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
            connection.commit()
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent))
            config.attributes["connection"] = connection
            _upgrade(config)
            _seed(connection)
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})
            connection.commit()
    finally:
        engine.dispose()


def _upgrade(config: Config) -> None:
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Newer("its revision is not known here") from error


def _seed(connection: Connection) -> None:
    raw = cast("Any", connection.connection.driver_connection)
    calendars.seed(raw, datetime.now(UTC))
    raw.commit()
