"""A town whose people have phones at a pretend WeChat: one clock for both, jobs done by hand."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from bot.bootstrap import Bot, build
from bot.desk.carry import carry
from bot.desk.deliver import deliver
from bot.simulator.phones import Phone, Platform, serve, serve_app
from bot.web.app import create
from config.settings import load
from tests.build import NOW
from tests.conftest import create_database, drop_database


@dataclass
class Chats:
    """People by their openid; liaisons and staff have joined as their names."""

    platform: Platform
    bot: Bot
    connection: psycopg.Connection[DictRow]
    folder: Path

    def phone(self, name: str) -> Phone:
        """Somebody's phone; they follow."""
        phone = self.platform.phone(name, openid=name)
        if not phone.following:
            phone.follows()
        return phone

    def moves_in(self, name: str, number: str, liaison: str) -> Phone:
        """A resident whom the liaison knows."""
        phone, knows = self.phone(name), self.phone(liaison)
        phone.says(f"绑定 {number}")
        no = self.row("select max(no) as no from memberships")["no"]
        knows.says(f"认识 #{no}")
        self.passes()
        return phone

    def passes(self, **time: float) -> None:
        """Time passes, then the workers do all there is to do."""
        self.platform.clock.advance(**(time or {"seconds": 4}))
        for _ in range(2):
            deliver(self.bot)
            carry(self.bot)

    def row(self, query: str, **values: Any) -> DictRow:
        (row,) = self.rows(query, **values)
        return row

    def rows(self, query: str, **values: Any) -> list[DictRow]:
        return self.connection.execute(query, values).fetchall()

    def newest(self) -> int:
        return int(self.row("select max(no) as no from issues")["no"])


NewChats = Callable[..., Chats]


@pytest.fixture
def new_chats(
    database_url: str,
    fresh_redis: str,
    district: dict[bool, str],
    wall_tiers: Path,
    tmp_path: Path,
) -> Iterator[NewChats]:
    """Call it for chats; `settings` are the Bot's."""
    url = create_database(database_url, template=district[True])
    with ExitStack() as ending:

        def make(**settings: Any) -> Chats:
            given = {"tiers_file": wall_tiers, "data_dir": tmp_path, **settings}
            return ending.enter_context(_running(url, fresh_redis, tmp_path, given))

        yield make
    drop_database(database_url, url)


@pytest.fixture
def chats(new_chats: NewChats) -> Chats:
    return new_chats()


def _morning_after(moment: datetime) -> datetime:
    """The next day, ten in the morning as in NOW: at night some of what is told would rest."""
    days = (moment - NOW) // timedelta(days=1) + 1
    return NOW + timedelta(days=days)


@contextmanager
def _running(url: str, redis_url: str, folder: Path, settings: dict[str, Any]) -> Iterator[Chats]:
    platform = Platform()
    platform.clock.reach(_morning_after(max(NOW, platform.clock())))  # after everybody joined
    served = serve(platform)
    account = {name.lower(): value for name, value in platform.settings(served.url).items()}
    given = load(env_file=None, database_url=url, redis_url=redis_url, **account, **settings)
    bot = build(given, now=platform.clock)
    app = create(bot)
    web = serve_app(app)
    platform.webhook = f"{web.url}/wechat"
    try:
        with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
            yield Chats(platform, bot, connection, folder)
        assert platform.violations == []
    finally:
        web.close(answered_within_s=5.0)
        served.close()
        platform.close()
        app.extensions["questions"].close()
        bot.engine.dispose()
        bot.redis.close()
