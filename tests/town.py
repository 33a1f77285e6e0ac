"""A town to act in: the desk on a real database, a clock that is wound, people who say and hear.

No web and no WeChat: what people say goes to `bot.desk.receive` as it would from there, and what
waits for them is taken from the outbox as a push would take it.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow, dict_row

from bot.bootstrap import Bot, build
from bot.core.messages import Kind, Said
from bot.core.standing import Terms
from bot.desk.escalate import escalate, remind
from bot.desk.receive import receive
from bot.desk.rosters import make_invites
from bot.store import breaches
from bot.store.engine import transaction
from bot.wording import Wording
from config.settings import load
from tests.build import NOW

WORDING: Final = Path(__file__).parents[1] / "config" / "wording.toml"
WALL_TIERS: Final = """
[[tier]]
key = "liaison"
answer_within = "1h"
handle_within = "24h"
clock = "wall"
[[tier]]
key = "grid"
answer_within = "1h"
handle_within = "24h"
clock = "wall"
[[tier]]
key = "community"
answer_within = "1h"
handle_within = "24h"
clock = "wall"
[[tier]]
key = "subdistrict"
answer_within = "1h"
handle_within = "24h"
clock = "wall"
"""
# What a command that does nothing may still change: that it was said.
_ALL_ROWS: Final = {
    "issues": "select * from issues order by no",
    "history": "select * from history order by id",
    "messages": "select * from messages order by id",
    "outbox": "select * from outbox where channel is distinct from 'passive' order by id",
    "memberships": "select * from memberships order by id",
    "assignments": "select * from assignments order by id",
    "people": "select id, name, phone, openid, merged_into, unfollowed_at, awaiting, door_id"
    " from people order by id",
}


@dataclass
class Watch:
    """Stands still until it is wound."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def wind(self, by: timedelta) -> None:
        self.at += by


def fresh_keys() -> Iterator[str]:
    """Keys that no act in a copied database has."""
    run = token_hex(4)
    return (f"{run}-{number}" for number in count(1))


@dataclass
class Town:
    """Everything said and heard, by whom: staff and liaisons by name, others by any word."""

    bot: Bot
    url: str
    watch: Watch
    keys: Iterator[str] = field(default_factory=fresh_keys)
    last: Said | None = None
    read: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def connection(self) -> psycopg.Connection[DictRow]:
        return psycopg.connect(self.url, row_factory=dict_row, autocommit=True)

    def __post_init__(self) -> None:
        _ = self.connection  # opened before threads could open several

    # --- what people do ---

    def says(
        self, who: str, text: str = "", kind: Kind = Kind.TEXT, scene: str | None = None
    ) -> str:
        """What `who` reads back at once, "" for nothing."""
        said = Said(next(self.keys), who, "gh", kind, text, self.watch.at, scene)
        self.last = said
        reply = receive(self.bot, said) or ""
        self.read[who].append(reply)
        return reply

    def hears(self, who: str) -> list[str]:
        """What waits for `who` and is now read, oldest first."""
        rows = self.rows(
            "update outbox o set state = 'sent', channel = 'chat', settled_at = %(now)s"
            " from people p where p.id = o.person_id and p.openid = %(who)s"
            " and o.state = 'pending' returning o.id, o.text",
            who=who,
            now=self.watch.at,
        )
        texts = [row["text"] for row in sorted(rows, key=lambda row: row["id"])]
        self.read[who] += texts
        return texts

    def all_hear(self) -> None:
        """Everybody reads what waits for them; it is kept in `read`."""
        for row in self.rows(
            "select distinct openid from outbox o join people p"
            " on p.id = o.person_id where o.state = 'pending' and openid is not null"
        ):
            self.hears(row["openid"])

    def joins(self, *names: str) -> None:
        """These of the roster join with their codes; their openid is their name."""
        codes = {invite.name: invite.code for invite in make_invites(self.bot)}
        for name in names:
            reply = self.says(name, f"认领 {codes[name]}")
            assert name in reply

    def binds(self, who: str, number: str, liaison: str | None = None) -> int:
        """`who` asks to join the household; `liaison` says 认识. The request's number."""
        self.says(who, f"绑定 {number}")
        no = self.one("select max(no) as no from memberships")["no"]
        if liaison is not None:
            self.says(liaison, f"认识 #{no}")
            self.hears(liaison)
            self.hears(who)
        return int(no)

    def opens(self, who: str, words: str) -> int:
        """The number of the issue that these words open."""
        before = self.newest()
        self.says(who, words)
        assert self.newest() != before, "no issue was opened"
        return self.newest()

    # --- time ---

    def wind(self, **by: float) -> int:
        """Wind the clock and let it tick once; how many issues stepped."""
        self.watch.wind(timedelta(**by))
        return self.tick()

    def tick(self) -> int:
        stepped = escalate(self.bot)
        remind(self.bot)
        return stepped

    def close(self) -> None:
        self.connection.close()
        self.bot.engine.dispose()
        self.bot.redis.close()

    # --- what is there ---

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        return self.connection.execute(query, values).fetchall()

    def one(self, query: str, **values: Any) -> dict[str, Any]:
        (row,) = self.rows(query, **values)
        return row

    def newest(self) -> int:
        return int(self.one("select coalesce(max(no), 0) as no from issues")["no"])

    def issue(self, no: int) -> dict[str, Any]:
        """The row, with `holder`, the holder's name, and `holder_openid`."""
        return self.one(
            "select i.*, p.name as holder, p.openid as holder_openid from issues i"
            " join people p on p.id = i.holder_id where no = %(no)s",
            no=no,
        )

    def history(self, no: int) -> list[str]:
        """ "opened liaison", "escalated grid" … in order."""
        rows = self.rows(
            "select kind, tier from history where issue_no = %(no)s order by id", no=no
        )
        return [f"{row['kind']} {row['tier']}" for row in rows]

    def broken(self) -> breaches.Broken:
        """The promises of contract section 6 that do not hold."""
        with transaction(self.bot.engine) as connection:
            terms = Terms(self.bot.ladder, self.bot.calendar, self.watch.at)
            return breaches.look(connection, terms)

    def snapshot(self) -> Mapping[str, list[dict[str, Any]]]:
        """Everything but that something was said and answered."""
        return {name: self.rows(query) for name, query in _ALL_ROWS.items()}


def a_bot(
    url: str, redis_url: str, watch: Watch, tiers: Path | None = None, **settings: Any
) -> Bot:
    """A Bot on these servers; the shipped tiers unless a file is named."""
    more = {"tiers_file": tiers} if tiers else {}
    given = load(env_file=None, database_url=url, redis_url=redis_url, **more, **settings)
    return build(given, now=watch.now)


@contextmanager
def lacking(town: Town, section: str) -> Iterator[None]:
    """The town while its wording lacks a sentence: a rule that fails for real."""
    whole, shipped = town.bot, tomllib.loads(WORDING.read_text("utf-8"))
    del shipped[section]
    town.bot = replace(whole, wording=Wording(shipped, town.watch.now))
    yield
    town.bot = whole
