"""PostgreSQL, Redis or both away, WeChat's callbacks in disorder, a full disk.

Real processes; their lines run through taps. What is long in life is seconds here; `tests.chaos`
has the long ones.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from bot.bootstrap import Bot, build
from bot.desk.kept import KEPT_IN_REDIS
from bot.desk.receive import bring_in, receive
from bot.desk.sample import load_sample
from bot.embedded import Running, ServersError, start
from bot.simulator.phones import Phone
from bot.store.migrations import migrate
from config.settings import load
from tests.bench.ground import said
from tests.chaos.taps import Tap
from tests.conftest import create_database, drop_database
from tests.stories.conftest import NewDistrict
from tests.stories.district import PATIENT, District, all_heard, eventually, running

from .test_killed import brought, envelope, rows

AWAY_S = 2.5


class Lines:
    """A district on tapped lines; `here.bot` uses them too."""

    def __init__(self, here: District, database: Tap, redis: Tap) -> None:
        self.here, self.database, self.redis = here, database, redis
        self.liaison = here.joins(here.liaison)
        names = ("王秀兰", "李大爷")
        self.residents = [
            here.moves_in(name, self.liaison, room)
            for name, room in zip(names, here.rooms, strict=True)
        ]


@pytest.fixture
def lines(
    database_url: str, fresh_redis: str, sample_template: str, tmp_path: Path
) -> Iterator[Lines]:
    url = create_database(database_url, template=sample_template)
    database, redis = Tap.before(url), Tap.before(fresh_redis)
    given = database.url(url), redis.url(fresh_redis)
    with running(*given, tmp_path, PATIENT, judged=False, web_processes=2) as here:
        yield Lines(here, database, redis)
    database.close()
    redis.close()
    drop_database(database_url, url)


def speaks(here: District, resident: Phone, sentences: list[str]) -> list[int | None]:
    """One after the other, each brought once; the answers' statuses, all in WeChat's time."""
    statuses = []
    for words in sentences:
        outcome = brought(here, resident, envelope(here, resident, words), here.settings.port)
        (attempt,) = outcome.attempts
        assert attempt.seconds < 5
        statuses.append(attempt.status)
    return statuses


def recorded(here: District, resident: Phone) -> list[str]:
    """What this person said, in the order in which it took effect, with what came twice twice."""
    found = rows(
        here,
        "select m.text from history h join messages m on m.id = h.message_id"
        " join people p on p.id = m.author_id where p.openid = %s order by h.id",
        resident.openid,
    )
    return [row["text"] for row in found]


@pytest.mark.parametrize("how", ["gone", "hanging"])
def test_while_postgresql_is_away_words_are_taken_and_brought_in_later_in_order_once(
    lines: Lines, how: str
) -> None:
    here, database = lines.here, lines.database
    before = [f"先{number}" for number in range(2)]
    during = [f"间{number}" for number in range(4)]
    after = [f"后{number}" for number in range(3)]
    for resident in lines.residents:
        assert set(speaks(here, resident, before)) == {200}
    database.cut() if how == "gone" else database.freeze()
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda one: speaks(here, one, during), lines.residents))
    assert told == [[200] * 4] * 2
    time.sleep(AWAY_S / 2)
    database.mend() if how == "gone" else database.thaw()
    for resident in lines.residents:
        assert set(speaks(here, resident, after)) == {200}
    spoken = before + during + after
    eventually(lambda: all(len(recorded(here, one)) >= len(spoken) for one in lines.residents))
    assert [recorded(here, one) for one in lines.residents] == [spoken, spoken]
    assert here.broken() == {}


def test_while_redis_is_gone_nothing_waits_for_it(lines: Lines) -> None:
    here, resident = lines.here, lines.residents[0]
    lines.redis.cut()
    began = time.monotonic()
    assert speaks(here, resident, ["停水了", "家里有老人"]) == [200, 200]
    eventually(lambda: "家里有老人" in all_heard(lines.liaison))
    assert "停水了" in all_heard(lines.liaison)
    assert time.monotonic() - began < 10
    lines.redis.mend()
    lines.liaison.says("马上到")
    resident.hears("马上到")
    assert here.broken() == {}


def test_with_both_away_it_says_so_in_time_and_keeps_nothing_by_halves(lines: Lines) -> None:
    here, resident = lines.here, lines.residents[0]
    for away in (Tap.cut, Tap.freeze):
        away(lines.database)
        away(lines.redis)
        xmls = [envelope(here, resident, f"{away.__name__}{turn}") for turn in range(3)]
        statuses = [brought(here, resident, xml, here.settings.port) for xml in xmls]
        for outcome in statuses:
            (attempt,) = outcome.attempts
            assert attempt.status == 503
            assert attempt.seconds < 5
        for tap in (lines.database, lines.redis):
            tap.mend()
            tap.thaw()
        time.sleep(1.5)
        for xml in xmls:  # WeChat repeats
            (attempt,) = brought(here, resident, xml, here.settings.port).attempts
            assert attempt.status == 200
    eventually(lambda: len(recorded(here, resident)) >= 6)
    assert recorded(here, resident) == [
        f"{how}{turn}" for how in ("cut", "freeze") for turn in range(3)
    ]
    assert here.broken() == {}


def test_doubled_late_and_disordered_callbacks_are_each_recorded_once(
    new_district: NewDistrict,
) -> None:
    here = new_district()
    liaison = here.joins(here.liaison)
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])
    xmls = [envelope(here, resident, f"第{turn}句") for turn in range(6)]
    disorder = [xmls[place] for place in (2, 0, 0, 1, 5, 5, 3, 4, 2, 0)]
    with ThreadPoolExecutor(5) as pool:
        told = pool.map(lambda xml: brought(here, resident, xml, here.settings.port), disorder)
        assert all(outcome.words for outcome in told)
    late = brought(here, resident, xmls[0], here.settings.port)
    assert late.words
    assert sorted(recorded(here, resident)) == [f"第{turn}句" for turn in range(6)]
    assert len(here.ledger()) == 1


@contextmanager
def a_small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A tmpfs of this size; the test is skipped where none may be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("no tmpfs may be mounted here (it takes root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def test_with_the_databases_disk_full_words_are_kept_elsewhere(
    fresh_redis: str, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    with a_small_disk(disk, 256):
        server = start(disk / "data", redis=False)
        try:
            migrate(server.database_url)
            given = load(env_file=None, database_url=server.database_url, redis_url=fresh_redis)
            bot = build(given)
            load_sample(bot)
            assert "#" in (receive(bot, said("oA", "停水了", "k0")) or "")
            _fill(disk / "filler")
            for turn in range(1, 400):
                assert receive(bot, said("oA", f"第{turn}句" * 50, f"k{turn}"))
            assert bot.redis.xlen(KEPT_IN_REDIS) > 0
            (disk / "filler").unlink()
            server = _on_again(server, disk)
            again = build(given.model_copy(update={"database_url": server.database_url}))
            eventually(lambda: bring_in(again, most=1000) >= 0 and not _untaken(again), within=40)
            with psycopg.connect(server.database_url) as connection:
                found = connection.execute("select count(*), count(distinct id) from messages")
                assert found.fetchone() == (400, 400)
            for one in (bot, again):
                one.engine.dispose()
                one.redis.close()
        finally:
            server.stop()


def _fill(path: Path) -> None:
    with path.open("wb") as filler:
        try:
            while True:
                filler.write(b"0" * (1 << 20))
                filler.flush()
        except OSError:
            pass


def _on_again(server: Running, disk: Path) -> Running:
    """PostgreSQL gives up where not even its log can be written; it is started anew then."""
    if server.ended() is None:
        return server
    with suppress(ServersError):
        server.stop()
    return start(disk / "data", redis=False)


def _untaken(bot: Bot) -> int:
    return int(bot.redis.xlen(KEPT_IN_REDIS))
