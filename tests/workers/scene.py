"""A database with people, notices and issues, and a WeChat that is slow, refuses and counts.

Rows are put in by SQL, as the desk's own writers would leave them; nothing of ours is replaced.
"""

import os
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from bot.bootstrap import Bot, build, utc_now
from bot.embedded.processes import command
from config.settings import ROOT, load
from tests.wechat.platform import SEND, Planned, Platform

TIERS = """
[clock]
tick = "1s"
[[tier]]
key = "liaison"
name = "联络员"
answer_within = "1h"
handle_within = "1d"
clock = "wall"
[[tier]]
key = "grid"
level = "网格"
name = "网格"
answer_within = "1h"
handle_within = "1d"
clock = "wall"
"""


class WeChat(Platform):
    """The small WeChat with a pace, refusals by openid, and who is being sent to right now."""

    def __init__(self) -> None:
        super().__init__()
        self.send_seconds = 0.0
        self.refuses: dict[str, int] = {}
        self.refused_words: str | None = None
        self.tried: Counter[str] = Counter()  # by openid, whatever came of it
        self.collisions: list[str] = []
        self.most_at_once = 0
        self._sending: Counter[str] = Counter()
        self._counting = threading.Lock()

    def answer(self, endpoint: str, query: dict[str, str], body: dict[str, Any]) -> Planned:
        if endpoint != SEND:
            return super().answer(endpoint, query, body)
        openid, words = body["touser"], body["text"]["content"]
        with self._counting:
            self.tried[openid] += 1
            self._sending[openid] += 1
            if self._sending[openid] > 1:
                self.collisions.append(openid)
            self.most_at_once = max(self.most_at_once, self._sending.total())
        try:
            self.ended.wait(self.send_seconds)
            if openid in self.refuses:
                return {"errcode": self.refuses[openid], "errmsg": "rid: 1"}
            if self.refused_words and self.refused_words in words:
                return {"errcode": 45168, "errmsg": "rid: 1"}
            return super().answer(endpoint, query, body)
        finally:
            with self._counting:
                self._sending[openid] -= 1

    def heard(self, openid: str) -> list[str]:
        """What this person's phone shows, in the order of its coming."""
        return [text for one, text in list(self.texts) if one == openid]


class Scene:
    """One database, one Redis, one WeChat and the Bot between them; `later` winds its clock."""

    def __init__(self, database_url: str, redis_url: str, wechat: WeChat, tiers: Path) -> None:
        self.wechat = wechat
        self.environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "WECHAT_API_URL": wechat.url,
            "WECHAT_APPID": "wx1",
            "WECHAT_SECRET": "secret",
            "TIERS_FILE": str(tiers),
        }
        self.later = timedelta()
        self.bot = self.another_bot()
        self.database = self._connected()

    def reconnect(self) -> None:
        self.database.close()
        self.database = self._connected()

    def _connected(self) -> psycopg.Connection[DictRow]:
        url = self.environment["DATABASE_URL"]
        return psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def another_bot(self) -> Bot:
        values = {name.lower(): value for name, value in self.environment.items()}
        return build(load(env_file=None, **values), now=lambda: utc_now() + self.later)

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        return self.database.execute(statement, values).fetchall()

    def value(self, statement: str, *values: Any) -> Any:
        (row,) = self.rows(statement, *values)
        (found,) = row.values()
        return found

    def person(self, openid: str | None, **held: Any) -> int:
        columns = {"openid": openid, **held}
        names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
        made = self.value(
            f"insert into people ({names}) values ({places}) returning id",  # noqa: S608
            *columns.values(),
        )
        return int(made)

    def people(self, count: int, named: str = "o") -> dict[int, str]:
        return {self.person(openid): openid for openid in (f"{named}{n}" for n in range(count))}

    def notice(self, person: int, text: str, **held: Any) -> int:
        now = self.bot.now()
        columns = {
            "key": f"{person}:{text[:40]}:{time.monotonic_ns()}",
            "person_id": person,
            "role": "resident",
            "kind": "relayed",
            "text": text,
            "made_at": now,
            "state": "pending",
            "next_at": now,
            **held,
        }
        names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
        made = self.value(
            f"insert into outbox ({names}) values ({places}) returning id",  # noqa: S608
            *columns.values(),
        )
        return int(made)

    def issue(self, no: int, holder: int, *, state: str = "waiting", due: timedelta) -> None:
        now = self.bot.now()
        self.rows(
            "insert into units (code, level, name, lineage) values ('S', '街道', '街', '{1}') "
            "on conflict do nothing returning id"
        )
        self.rows(
            "insert into liaisons (person_id, unit_id) select %s, id from units limit 1 "
            "on conflict do nothing returning id",
            holder,
        )
        self.rows(
            "insert into issues (no, resident_id, unit_id, state, tier, opened_tier, place, "
            "holder_id, holder_role, opened_at, due_at, said_at, first_words) "
            "select %s, %s, id, %s, 'liaison', 'liaison', 0, %s, 'liaison', %s, %s, %s, '水' "
            "from units limit 1 returning no",
            *(no, holder, state, holder, now, now + due, now),
        )

    def notices(self) -> list[dict[str, Any]]:
        return self.rows("select * from outbox order by id")

    def age_leases(self, by: timedelta) -> None:
        """As if they had been taken so much earlier: they run by PostgreSQL's clock."""
        for table, column in (("people", "sending_until"), ("outbox", "lease_until")):
            self.rows(f"update {table} set {column} = {column} - %s returning id", by)  # noqa: S608

    def states(self) -> dict[str, int]:
        found = self.rows("select state, count(*) as number from outbox group by state")
        return {row["state"]: row["number"] for row in found}

    def close(self) -> None:
        self.database.close()
        self.bot.engine.dispose()
        self.bot.redis.close()


class Process:
    """One of our processes, started as the Procfile does; what it says is kept in a file."""

    def __init__(self, scene: Scene, said: Path, *arguments: str, **environment: str) -> None:
        self.said = said
        surroundings: Mapping[str, str] = {**os.environ, **scene.environment, **environment}
        with said.open("wb") as output:
            # It must not outlive the tests, whatever becomes of them.
            self.popen = subprocess.Popen(
                command(sys.executable, arguments),
                cwd=ROOT,
                env=surroundings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def text(self) -> str:
        return self.said.read_text("utf-8", "replace")

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def ends(self, within: float = 15.0) -> int:
        return self.popen.wait(within)


def eventually(holds: Callable[[], object], within: float = 15.0) -> None:
    """Waits until it holds; the assertion at the end shows what it was instead."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


def by_state(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["state"]].append(row["text"])
    return dict(found)
