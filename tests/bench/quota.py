"""Pushes under WeChat's quota: notices and people's own words at random over five days.

The pretend WeChat keeps its own book; what it would have taken had it been asked for each notice
is counted beside. A push that WeChat refuses is a call for nothing, an announcement where the chat
was open is a worse message than could be had.
"""

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import psycopg

from bot.bootstrap import Bot, build, utc_now
from bot.core.messages import Kind, Said
from bot.desk.deliver import deliver
from bot.desk.receive import receive
from bot.simulator.phones import Lasting, Phone, Platform, Via, serve
from bot.simulator.quota import Act, Ledger, Standing
from bot.wechat.client import CHAT
from bot.wechat.tokens import GLANCE_S
from tests.bench.ground import Ground
from tests.bench.table import Line

_PEOPLE: Final = 100
_ROUNDS: Final = 60
_HOURS: Final = 2
_NOTICED, _WRITES = 0.5, 0.06  # of the people, in each round
_NOTHING_ELSE: Final = (
    "update outbox set state = 'sent', settled_at = now() where state = 'pending'"
)
_TELL: Final = """
insert into outbox (key, person_id, role, kind, text, made_at, state, next_at)
select %(key)s || id, id, 'liaison', 'relayed', '3号楼张家（#12）：电梯又停了', %(now)s, 'pending',
    %(now)s from people where openid = any(%(openids)s)
"""


@dataclass
class _Days:
    """Five days of some people, with a book of our own beside WeChat's."""

    platform: Platform
    bot: Bot
    phones: list[Phone]
    chance: random.Random
    could: int = 0
    notices: int = 0
    busy_s: float = 0.0
    book: dict[str, Ledger] = field(default_factory=dict)

    def round(self, number: int) -> None:
        for phone in self.chance.sample(self.phones, round(len(self.phones) * _WRITES)):
            self.writes(phone, number)
        told = self.chance.sample(self.phones, round(len(self.phones) * _NOTICED))
        self._tell(told, number)
        # Hours have passed for WeChat, neither for Redis nor for us, who would keep a dead token.
        self.bot.redis.delete(f"wechat:{self.platform.account.appid}:token")
        time.sleep(GLANCE_S)
        began = time.monotonic()
        deliver(self.bot)
        self.busy_s += time.monotonic() - began

    def writes(self, phone: Phone, number: int) -> None:
        now = self.bot.now()
        key = f"quota-{phone.openid}-{number}"
        receive(self.bot, Said(key, phone.openid, "gh", Kind.TEXT, "进度", now))
        for ledger in (self.platform.ledgers[phone.openid], self.book[phone.openid]):
            ledger.acted(Act.MESSAGE, now)

    def _tell(self, phones: list[Phone], number: int) -> None:
        openids, now = [phone.openid for phone in phones], self.bot.now()
        with psycopg.connect(self.bot.settings.database_url or "") as connection:
            values = {"key": f"quota:{number}:", "openids": openids, "now": now}
            connection.execute(_TELL, values)
        self.notices += len(phones)
        for openid in openids:
            if self.book[openid].standing(now) is Standing.OPEN:
                self.book[openid].spend(now)
                self.could += 1


def under_quota(ground: Ground) -> list[Line]:
    """Raises AssertionError where WeChat had to refuse, or the chat was left unused."""
    days = timedelta()

    def now() -> datetime:
        return utc_now() + days

    platform = Platform(ground.account, now=now)
    served = serve(platform)
    template = next(
        one.template_id
        for one in platform.notices.templates.values()
        if one.lasting is Lasting.TEMPLATE
    )
    changed = {"wechat_api_url": served.url, "wechat_template_notice": template}
    bot = build(ground.settings.model_copy(update=changed), now=now)
    with psycopg.connect(ground.settings.database_url or "") as connection:
        connection.execute(_NOTHING_ELSE)
    phones = [_follower(platform, openid) for openid in ground.residents(_PEOPLE)]
    run = _Days(platform, bot, phones, random.Random(5))
    run.book = {phone.openid: Ledger() for phone in phones}
    for phone in phones:
        run.writes(phone, -1)
    for number in range(_ROUNDS):
        run.round(number)
        days += timedelta(hours=_HOURS)
    bot.engine.dispose()
    bot.redis.close()
    served.close()
    return [_line(run)]


def _follower(platform: Platform, openid: str) -> Phone:
    phone = platform.phone(openid, openid=openid)
    phone.following, phone.since = True, platform.now()
    return phone


def _line(run: _Days) -> Line:
    kinds = [one.via for phone in run.phones for one in phone.screen]
    chat, announced = kinds.count(Via.CHAT), kinds.count(Via.TEMPLATE)
    refused = run.platform.counts[CHAT] - chat
    assert refused == 0, f"{refused} pushes were refused"
    assert chat == run.could, f"{chat} of {run.could} that the chat would have taken"
    return Line(
        f"pushes under quota, {_PEOPLE} people in {_ROUNDS * _HOURS / 24:.0f} days",
        f"{run.notices / run.busy_s:.0f} /s",
        f"{chat} of {run.could} that the chat could take, {refused} refused,"
        f" {announced} announced by template",
    )
