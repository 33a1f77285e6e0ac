"""What is measured on: the sample's district in a PostgreSQL of its own, with many residents.

Knows how to fill a database quickly. Must not know what is measured.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

from bot.bootstrap import Bot, build, utc_now
from bot.core.messages import Kind, Said
from bot.desk.receive import receive
from bot.desk.rosters import make_invites
from bot.desk.sample import load_sample
from bot.simulator.account import Account
from bot.store.migrations import migrate
from bot.surroundings import environment
from config.settings import MUST_BE, Settings, load
from tests.conftest import create_database
from tests.stories.district import PATIENT, WAITS

WORDS: Final = "3号楼2单元的电梯又停了，老人下不了楼，请快点派人来看看。"
_NOWHERE: Final = "http://127.0.0.1:9"
_MOVE_IN: Final = """
with homes as (
    select id, row_number() over (order by id) - 1 as at, count(*) over () as homes from households
), made as (
    insert into people (openid, account, joined_at) select unnest(%(openids)s::text[]), 'gh', now()
    returning id
), numbered as (
    select id, row_number() over (order by id) as at from made
)
insert into memberships (no, person_id, household_id, state, asked_at, tier, since)
select nextval('numbers'), numbered.id, homes.id, 'recognised', now(), 'liaison', now()
from numbered join homes on homes.at = numbered.at %% homes.homes
"""


@dataclass
class Ground:
    """A filled database, and who of its residents has not spoken yet."""

    settings: Settings
    account: Account
    bot: Bot
    sample_url: str
    _made: Iterator[int] = field(default_factory=count)

    def residents(self, number: int) -> list[str]:
        """Openids of so many new residents, spread over all households."""
        openids = [f"oResident{next(self._made):019}" for _ in range(number)]
        with psycopg.connect(self.settings.database_url or "") as connection:
            connection.execute(_MOVE_IN, {"openids": openids})
        return openids

    def later(self) -> Bot:
        """A Bot for which every issue that waits has waited too long."""
        return build(self.settings, now=_after_all_waits)

    def with_wechat(self, url: str) -> Bot:
        """A Bot that pushes to this WeChat."""
        return build(self.settings.model_copy(update={"wechat_api_url": url}))

    def surroundings(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in MUST_BE}
        return {**inherited, **environment(self.settings)}


def _after_all_waits() -> datetime:
    return utc_now() + WAITS + timedelta(minutes=1)


@contextmanager
def a_ground(database_url: str, redis_url: str, folder: Path) -> Iterator[Ground]:
    """The sample with all its liaisons and staff joined; `sample_url` is a copy without them."""
    account, tiers = Account.made_up(), folder / "tiers.toml"
    tiers.write_text(PATIENT.tiers(), "utf-8")
    url = create_database(database_url, template="template0")
    migrate(url)
    settings = load(
        env_file=None,
        database_url=url,
        redis_url=redis_url,
        tiers_file=tiers,
        data_dir=folder,
        wechat_token=account.token,
        wechat_appid=account.appid,
        wechat_secret=account.secret,
        wechat_aes_key=account.aes_key,
        wechat_api_url=_NOWHERE,
        log_level="ERROR",
    )
    with ExitStack() as ending:
        bot = build(settings)
        ending.callback(bot.engine.dispose)
        ending.callback(bot.redis.close)
        load_sample(bot)
        bot.engine.dispose()  # a database that is copied may have no visitors
        sample_url = create_database(database_url, template=url.rpartition("/")[2])
        _all_join(bot)
        yield Ground(settings, account, bot, sample_url)


def _all_join(bot: Bot) -> None:
    for at, invite in enumerate(make_invites(bot)):
        receive(bot, said(f"oServes{at:021}", f"认领 {invite.code}", f"claim-{at}"))


def said(openid: str, words: str, key: str) -> Said:
    """One text as the wire hands it on."""
    return Said(key, openid, "gh", Kind.TEXT, words, utc_now(), None)


def middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def tell(words: str) -> None:
    """Progress, apart from the table."""
    sys.stderr.write(f"{words}\n")
