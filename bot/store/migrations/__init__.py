"""Brings a database to the schema of this version; safe twice and from two hosts at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot.store.engine import driver_url

# Any constant: all hosts that migrate one database wait for each other on it.
_MIGRATION_LOCK = 4_811_502


def migrate(url: str) -> None:
    """Apply what is missing. Two at once: the second waits, then finds nothing to do."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
            connection.commit()
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})
            connection.commit()
    finally:
        engine.dispose()
