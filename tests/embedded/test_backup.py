"""What the operator's page says of backup and restore, done with the tools that it names."""

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from bot.bootstrap import build
from bot.core.standing import Terms
from bot.embedded.footing import installed_binaries
from bot.store import breaches, pages
from bot.store.engine import transaction
from config.settings import load
from tests.conftest import NewTown, create_database, drop_database
from tests.town import Town


def tool(name: str, url: str, *arguments: str) -> None:
    """PostgreSQL's own tool, its password where no other user can read it."""
    given = conninfo_to_dict(url)
    surroundings = {**os.environ, "PGPASSWORD": str(given.get("password", ""))}
    place = [f"--{part}={given[key]}" for part, key in (("host", "host"), ("port", "port"))]
    line = [str(installed_binaries() / name), *place, f"--username={given['user']}"]
    line += [f"--dbname={given['dbname']}", "--no-password", *arguments]
    subprocess.run(line, env=surroundings, check=True, capture_output=True)


def test_a_backup_taken_while_it_runs_is_restored_and_goes_on(
    new_town: NewTown, database_url: str, fresh_redis: str, tmp_path: Path
) -> None:
    town = new_town()
    town.binds("甲", "A101", "王联络")
    no = town.opens("甲", "停水了")
    tool("pg_dump", town.url, "--format=custom", f"--file={tmp_path / 'backup'}")
    town.opens("乙", "这句在备份之后")
    restored = create_database(database_url, template="template0")
    tool("pg_restore", restored, "--exit-on-error", str(tmp_path / "backup"))
    given = load(env_file=None, database_url=restored, redis_url=fresh_redis)
    bot = build(given.model_copy(update={"tiers_file": town.bot.settings.tiers_file}))
    with bot.engine.begin() as connection:
        whole = pages.issue(connection, no)
    assert whole is not None
    assert [step.kind for step in whole.history] == ["opened"]
    with transaction(bot.engine) as connection:
        terms = Terms(bot.ladder, bot.calendar, town.watch.at)
        assert breaches.look(connection, terms) == {}
    again = Town(bot, restored, town.watch)
    assert "#" in again.says("甲", "还没来")
    assert again.broken() == {}
    again.close()
    drop_database(database_url, restored)
