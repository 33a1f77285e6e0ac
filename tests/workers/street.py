"""The district with a pretend WeChat before it: phones, the web that hears them, one wound clock.

Holds no stand-in for our own code; deliveries are made when a test asks for them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from bot.bootstrap import Bot
from bot.desk.deliver import deliver
from bot.simulator.phones import Lasting, Phone, Platform, serve, serve_app
from bot.web.app import create
from tests.town import Town, a_bot

_DUE = "select id from outbox where state = 'pending' and next_at <= %(now)s"
LIAISON, GRID = "王联络", "张网格"


@dataclass
class Street:
    """`town` for what is in the database; its people have phones with their names as openids."""

    platform: Platform
    town: Town
    bot: Bot

    def phone(self, name: str) -> Phone:
        """Their phone, following; they wrote just now."""
        phone = self.platform.phone(name, openid=name)
        phone.follows()
        phone.says("待办")
        self.deliver()
        return phone

    def wind(self, **by: float) -> None:
        self.town.watch.wind(timedelta(**by))

    def deliver(self) -> None:
        """Until nothing is due; whom an event just speaks of is passed over for that moment."""
        deadline = time.monotonic() + 10
        while self.town.rows(_DUE, now=self.town.watch.now()):
            assert time.monotonic() < deadline
            deliver(self.bot)

    def becomes(self, notice_id: int, *state: object) -> None:
        """Delivers until events that are on their way have brought the notice to this state."""
        deadline = time.monotonic() + 10
        while self.state(notice_id) != state:
            assert time.monotonic() < deadline, (self.notice(notice_id), state)
            self.deliver()
            time.sleep(0.02)

    def tells(self, name: str, text: str, no: int | None = None) -> int:
        """A notice begins to wait for `name`; its id."""
        now = self.town.watch.now()
        values = (f"{name}:{text}:{time.monotonic_ns()}", no, text, now, now, name)
        (row,) = self._run(
            "insert into outbox (key, role, kind, issue_no, text, made_at, state, next_at,"
            " person_id) select %s, 'liaison', 'relayed', %s, %s, %s, 'pending', %s, id"
            " from people where openid = %s returning id",
            *values,
        )
        return int(row["id"])

    def notice(self, notice_id: int) -> dict[str, Any]:
        return self.town.one("select * from outbox where id = %(id)s", id=notice_id)

    def state(self, notice_id: int) -> tuple[str, str | None, bool]:
        row = self.notice(notice_id)
        return row["state"], row["channel"], row["unread"]

    def template(self, *lasting: Lasting) -> str:
        (found,) = (
            one.template_id
            for one in self.platform.notices.templates.values()
            if one.lasting in lasting
        )
        return found

    def _run(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with psycopg.connect(self.town.url, row_factory=psycopg.rows.dict_row) as connection:
            return connection.execute(statement, values).fetchall()


def notices(phone: Phone) -> list[str]:
    """The cards of templates and subscriptions on a phone, oldest first."""
    return [one.text for one in phone.screen if one.kind == "notice"]


def pushed(phone: Phone) -> list[str]:
    """What was pushed into the chat."""
    return [one.text for one in phone.screen if one.via == "chat" and one.kind == "text"]


@contextmanager
def a_street(
    new_town: Callable[..., Town], redis_url: str, *, lasting: Lasting | None = None, **more: Any
) -> Iterator[Street]:
    """With a template; with a subscription too where `lasting` says of which kind."""
    town = new_town()
    platform = Platform(now=town.watch.now, cut_after=5.0, pause=0.05)
    served = serve(platform)
    account = {name.lower(): value for name, value in platform.settings(served.url).items()}
    ids = {one.lasting: one.template_id for one in platform.notices.templates.values()}
    account["wechat_template_notice"] = ids[Lasting.TEMPLATE]
    if lasting:
        account["wechat_subscription_notice"] = ids[lasting]
    bot = a_bot(town.url, redis_url, town.watch, town.bot.settings.tiers_file, **account | more)
    web = create(bot)
    listening = serve_app(web)
    platform.webhook = f"{listening.url}/wechat"
    try:
        yield Street(platform, town, bot)
    finally:
        listening.close(answered_within_s=5.0)
        web.extensions["questions"].close()
        served.close()
        platform.close()
        bot.engine.dispose()
        bot.redis.close()
