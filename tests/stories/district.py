"""The sample's district, running: our own processes, a pretend WeChat, and people with phones.

People act through the real wire only, and what became of it is seen on their phones and in the
ledger. Holds no stand-in for our own code.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from bot.bootstrap import Bot, build
from bot.core.standing import Terms
from bot.desk.rosters import make_invites
from bot.desk.sample import Cast, Player, cast
from bot.embedded.processes import free_port
from bot.simulator import wire
from bot.simulator.phones import Phone, Platform, Served, Via, serve
from bot.store import breaches, pages, rosters
from bot.store.engine import transaction
from bot.surroundings import environment
from config.settings import MUST_BE, ROOT, Settings, load
from tests.stories.pace import HASTY as HASTY
from tests.stories.pace import HASTY_S as HASTY_S
from tests.stories.pace import ONE_STEP as ONE_STEP
from tests.stories.pace import PATIENT as PATIENT
from tests.stories.pace import WAITS as WAITS
from tests.stories.pace import Pace as Pace
from tests.stories.programs import Program

_NUMBER: Final = re.compile(r"#(\d+)")
_message_ids = count(9_000_000_000_000_000)


@dataclass
class District:
    """One story's world. Doors, rooms and names are the sample's."""

    platform: Platform
    bot: Bot
    people: Cast
    settings: Settings
    folder: Path
    web: Program = field(init=False)
    worker: Program = field(init=False)
    clock: Program = field(init=False)
    programs: list[Program] = field(default_factory=list)

    # --- its processes ---

    def runs(self, *arguments: str) -> Program:
        """One more of our processes, by what follows `python` on its command line."""
        log = self.folder / f"{len(self.programs)}.log"
        self.programs.append(Program(log, self.surroundings, *arguments))
        return self.programs[-1]

    def opens(self) -> None:
        """Web, worker and clock as in the Procfile; returns when messages can come."""
        self.web = self.runs("-m", "bot", "web")
        self.worker = self.runs("-m", "workers")
        self.clock = self.runs("-m", "workers.clock")
        self.serves_again()

    def serves_again(self) -> None:
        """Waits until the web process answers, and lets WeChat check its address."""
        self.web.waits_until_served(self.settings.port)
        assert self.platform.check_url()

    def does(self, *arguments: str) -> str:
        """What a command of ours prints."""
        words = [sys.executable, "-m", "bot", *arguments]
        done = subprocess.run(
            words, cwd=ROOT, env=self.surroundings, capture_output=True, check=True
        )
        return done.stdout.decode()

    def asks(self, *arguments: str) -> Any:
        """What a reading command prints as JSON."""
        return json.loads(self.does(*arguments, "--json"))

    @property
    def surroundings(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in MUST_BE}
        return {**inherited, **environment(self.settings)}

    # --- its people ---

    @property
    def scene(self) -> str:
        """What the code at the door says."""
        return f"door-{self.people.door}"

    @property
    def rooms(self) -> tuple[str, str]:
        """Two homes behind the door, both of the liaison's."""
        first, second = self.people.households
        return first.room, second.room

    @property
    def liaison(self) -> Player:
        return self.people.liaison

    def stranger(self, name: str) -> Phone:
        """Somebody of whom the roster knows nothing."""
        return self.platform.phone(name)

    def joins(self, player: Player) -> Phone:
        """The phone of a liaison or staff member, who follows and says their code."""
        phone = self.platform.phone(player.row.name)
        phone.follows()
        reply = phone.says(f"认领 {player.code}")
        assert player.row.name in (reply or ""), (reply, phone.screen, self.web.said)
        phone.hears(player.row.name, "您已加入")
        return phone

    def all_join(self) -> "Chain":
        """Liaison, grid, community and subdistrict."""
        grid, community, subdistrict = self.people.staff
        players = (self.liaison, grid, community, subdistrict)
        return Chain(*(self.joins(player) for player in players))

    def moves_in(self, name: str, liaison: Phone, room: str) -> Phone:
        """A resident whom the liaison knows: scanned, asked, recognised."""
        phone = self.stranger(name)
        phone.scans(self.scene)
        phone.says(f"绑定 {room}")
        asked = liaison.hears("有人说住在", room)
        liaison.says(f"认识 #{number(asked)}")
        phone.hears("确认好了")
        return phone

    def of_unit(self, unit: str) -> tuple[Player, ...]:
        """Its staff, in the order of the sheet."""
        with self.bot.engine.begin() as connection:
            staff = rosters.present(connection).staff
        codes = {invite.phone: invite.code for invite in make_invites(self.bot)}
        return tuple(Player(one, codes.get(one.phone)) for one in staff if one.unit == unit)

    def repeats(self, phone: Phone, words: str, times: int = 3) -> list[str | None]:
        """WeChat brings one message so often, all at once; what was answered each time."""
        fields = {
            "ToUserName": self.platform.account.original_id,
            "FromUserName": phone.openid,
            "CreateTime": int(self.platform.now().timestamp()),
            "MsgType": "text",
            "Content": words,
            "MsgId": next(_message_ids),
        }
        xml, webhook = wire.to_xml(fields), self.platform.webhook
        deliver = self.platform.courier.deliver
        with ThreadPoolExecutor(times) as posts:
            asked = [posts.submit(deliver, webhook, phone.openid, xml) for _ in range(times)]
        return [one.result().words for one in asked]

    # --- its time, where a story cannot wait for it ---

    def falls_asleep(self) -> None:
        """For two hours nobody has said anything."""
        self._winds("update people set last_said_at = last_said_at - interval '2 hours'")

    def day_goes_on(self) -> None:
        """To the hour at which issues are looked at because their day is over."""
        self._winds("update issues set day_due_at = now() where day_due_at > now()")

    def _winds(self, statement: str) -> None:
        with transaction(self.bot.engine) as connection:
            connection.execute(statement)

    # --- its ledger ---

    def broken(self) -> breaches.Broken:
        """The promises of contract section 6 that do not hold."""
        with transaction(self.bot.engine) as connection:
            terms = Terms(self.bot.ladder, self.bot.calendar, self.bot.now())
            return breaches.look(connection, terms)

    def ledger(self) -> tuple[pages.Entry, ...]:
        with self.bot.engine.begin() as connection:
            return pages.issues(connection, open_only=False)

    def issue(self, no: int) -> pages.Whole:
        with self.bot.engine.begin() as connection:
            whole = pages.issue(connection, no)
        assert whole is not None
        return whole

    def steps(self, no: int) -> list[str]:
        """`["opened liaison", "escalated grid", …]`"""
        return [f"{step.kind} {step.tier}" for step in self.issue(no).history]


@dataclass(frozen=True)
class Chain:
    """The phones of one line of tiers, from the bottom up."""

    liaison: Phone
    grid: Phone
    community: Phone
    subdistrict: Phone


def number(words: str | None) -> int:
    """The number in a reply or notice."""
    found = _NUMBER.search(words or "")
    assert found, f"no number in {words!r}"
    return int(found[1])


def times_heard(phone: Phone, *parts: str) -> int:
    """How many bubbles from the service hold all the parts."""
    heard = [one.text for one in phone.screen if one.via in (Via.PASSIVE, Via.CHAT)]
    return sum(all(part in text for part in parts) for text in heard)


def all_heard(phone: Phone) -> str:
    """Everything the service ever said to this phone."""
    return "\n".join(one.text for one in phone.screen if one.via in (Via.PASSIVE, Via.CHAT))


def eventually(holds: Callable[[], object], within: float = 15.0) -> None:
    """Waits until it holds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.03)


def meanwhile(does: Callable[[], object]) -> threading.Thread:
    """Begins it beside the story; join it."""
    thread = threading.Thread(target=does)
    thread.start()
    return thread


@contextmanager
def running(
    database_url: str,
    redis_url: str,
    folder: Path,
    pace: Pace,
    *,
    judged: bool = True,
    **more: Any,
) -> Iterator[District]:
    """A district on this database, which holds the sample; stopped at the end, and judged where
    nothing was done to it that people may notice.

    `more`: what the platform takes; `web_processes`, of which one is enough for most stories, and
    each takes a second of the processor to start.
    """
    web_processes = more.pop("web_processes", 1)
    wechat = Platform(**more)
    served = serve(wechat)
    settings = _settings(wechat, served, database_url, redis_url, folder, pace)
    settings = settings.model_copy(update={"web_processes": web_processes})
    wechat.webhook = f"http://127.0.0.1:{settings.port}/wechat"
    bot = build(settings)
    try:
        people = cast(bot)
        assert people is not None
        here = District(wechat, bot, people, settings, folder)
        try:
            here.opens()
            yield here
            if judged:
                _judged(here)
        finally:
            _ended(here)
    finally:
        bot.engine.dispose()
        bot.redis.close()
        served.close()
        wechat.close()


def _settings(
    wechat: Platform, served: Served, database_url: str, redis_url: str, folder: Path, pace: Pace
) -> Settings:
    tiers = folder / "tiers.toml"
    tiers.write_text(pace.tiers(), "utf-8")
    account = {name.lower(): value for name, value in wechat.settings(served.url).items()}
    return load(
        env_file=None,
        database_url=database_url,
        redis_url=redis_url,
        port=free_port(),
        data_dir=folder,
        tiers_file=tiers,
        secret_key="a long random text",
        **account,
    )


def _judged(here: District) -> None:
    """What holds at the end of every story."""
    assert here.platform.violations == []
    assert here.broken() == {}
    for phone in here.platform.phones.values():
        assert all(one.via is not Via.FAULT for one in phone.screen), f"{phone.name} saw a fault"
    for program in here.programs:
        program.ask_to_end()
    for program in here.programs:
        program.ends()
        assert program.told_of_nobody(), f"{program} logged words\n{program.said}"
        assert "Traceback" not in program.said, f"{program} had trouble\n{program.said}"


def _ended(here: District) -> None:
    for program in here.programs:
        program.kill()
