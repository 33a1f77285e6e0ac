"""What every test may ask for: a real PostgreSQL, a real Redis, a database fresh for the test.

The servers are the project's own embedded ones in a temporary folder, or those that
TEST_DATABASE_URL and TEST_REDIS_URL name. Holds no stand-in for our own code.
"""

import atexit
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from secrets import token_hex
from shutil import disk_usage, rmtree
from tempfile import TemporaryDirectory

import psycopg
import pytest
import redis
from hypothesis import settings
from psycopg import sql
from psycopg.rows import TupleRow

from bot import excel
from bot.bootstrap import build
from bot.core.roster.sheets import sheets_of
from bot.desk.rosters import load_roster
from bot.desk.sample import load_sample
from bot.embedded import Running, start
from bot.store.migrations import migrate
from config.settings import load
from tests.build import DISTRICT, EVERYBODY
from tests.town import WALL_TIERS, Town, Watch, a_bot

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is ours alone
_PLENTY = 4 << 30
_OURS = "hulianwang-tests-"
REDIS_DATABASE = 9  # of 16 or more; a test empties it

# How long one example takes says how busy the machine is, and nothing of ours.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Whatever began the tests (nohup, a shell in the background): what they start hears these signals.
for _one in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(_one, signal.SIG_DFL)

# Files whose tests wait for real processes most of their time, longest first: begun last, one of
# them would be waited for alone.
_LONG = (
    *("tests/stories/test_browser.py", "tests/test_run.py", "tests/workers/test_wrong_clock.py"),
    *("tests/workers/test_chaos.py", "tests/workers/", "tests/stories/"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next(
        (place for place, path in enumerate(_LONG) if item.nodeid.startswith(path)), len(_LONG)
    )


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both embedded servers, started when the first test wants one of them.

    With their own settings, so every commit is on disk before it is answered; but where there is
    plenty of memory the disk is in it. A server that is killed finds its data there as well, and
    no test takes the power away.
    """
    with ExitStack() as ending:
        folder = tmp_path_factory.mktemp("servers")
        if _MEMORY.is_dir() and disk_usage(_MEMORY).free > _PLENTY:
            _swept()
            mine = TemporaryDirectory(dir=_MEMORY, prefix=f"{_OURS}{os.getpid()}-")
            folder = Path(ending.enter_context(mine))
        yield ending.enter_context(start(folder))


def _swept() -> None:
    """What tests that were killed have left goes: it is memory."""
    for left in _MEMORY.glob(f"{_OURS}*"):
        if not Path("/proc", left.name.removeprefix(_OURS).partition("-")[0]).exists():
            rmtree(left, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> str:
    """A PostgreSQL whose role may make databases; its own database stays as it is found."""
    given = os.environ.get("TEST_DATABASE_URL")
    return given or str(request.getfixturevalue("embedded").database_url)


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> str:
    """A Redis that lives as long as the tests; what is in it is anybody's."""
    given = os.environ.get("TEST_REDIS_URL")
    return given or str(request.getfixturevalue("embedded").redis_url)


@pytest.fixture(scope="session")
def migrated_template(database_url: str) -> Iterator[str]:
    """The name of a database that holds our tables and nothing else, for copying."""
    with new_database(database_url) as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def sample_template(database_url: str, redis_url: str, migrated_template: str) -> Iterator[str]:
    """The name of a database that holds the sample, for copying."""
    url = create_database(database_url, template=migrated_template)
    bot = build(load(env_file=None, database_url=url, redis_url=redis_url))
    load_sample(bot)
    bot.engine.dispose()
    bot.redis.close()
    yield url.rpartition("/")[2]
    drop_database(database_url, url)


@pytest.fixture
def fresh_database(database_url: str, migrated_template: str) -> Iterator[Callable[[], str]]:
    """Call it for the URL of a migrated, empty database; it goes when the test ends."""
    made: list[str] = []

    def make() -> str:
        made.append(create_database(database_url, template=migrated_template))
        return made[-1]

    yield make
    for url in made:
        drop_database(database_url, url)


@pytest.fixture
def fresh_redis(redis_url: str) -> str:
    """The URL of an empty Redis database; what a test leaves is gone in the next."""
    url = f"{redis_url.rpartition('/')[0]}/{REDIS_DATABASE}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """The URL of a new, quite empty database of the server, dropped at the end."""
    url = create_database(server_url, template="template0")
    try:
        yield url
    finally:
        drop_database(server_url, url)


def create_database(server_url: str, *, template: str) -> str:
    name = f"test_{token_hex(6)}"
    # Files are copied in half the time that their pages take through the log.
    words = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    administer(server_url, words.format(sql.Identifier(name), sql.Identifier(template)))
    return f"{server_url.rpartition('/')[0]}/{name}"


def drop_database(server_url: str, url: str) -> None:
    name = sql.Identifier(url.rpartition("/")[2])
    administer(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def administer(server_url: str, words: sql.Composed) -> None:
    _administrator(server_url).execute(words)


@cache
def _administrator(server_url: str) -> psycopg.Connection[TupleRow]:
    """One for all the databases of a server: each new connection costs it more than copying one."""
    connection = psycopg.connect(server_url, autocommit=True)
    atexit.register(connection.close)
    return connection


NewTown = Callable[..., Town]


@pytest.fixture(scope="session")
def wall_tiers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiers file: four tiers on the wall clock, an hour to answer, a day to handle."""
    path = tmp_path_factory.mktemp("tiers") / "wall.toml"
    path.write_text(WALL_TIERS, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def district(
    database_url: str,
    redis_url: str,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[bool, str]]:
    """Two databases to copy: the district of `tests.build`, with everybody joined or nobody."""
    path = tmp_path_factory.mktemp("roster") / "district.xlsx"
    excel.write(path, sheets_of(DISTRICT))
    urls = {False: create_database(database_url, template=migrated_template)}
    _with_town(urls[False], redis_url, lambda town: load_roster(town.bot, path))
    urls[True] = create_database(database_url, template=urls[False].rpartition("/")[2])
    _with_town(urls[True], redis_url, lambda town: town.joins(*EVERYBODY))
    yield {joined: url.rpartition("/")[2] for joined, url in urls.items()}
    for url in urls.values():
        drop_database(database_url, url)


def _with_town(url: str, redis_url: str, does: Callable[[Town], object]) -> None:
    watch = Watch()
    town = Town(a_bot(url, redis_url, watch), url, watch)
    does(town)
    town.close()


@pytest.fixture
def new_town(
    database_url: str, fresh_redis: str, district: dict[bool, str], wall_tiers: Path
) -> Iterator[NewTown]:
    """Call it for a town of its own: `joined` staff and liaisons or nobody, a tiers file."""
    made: list[Town] = []

    def make(*, joined: bool = True, tiers: Path | None = wall_tiers) -> Town:
        url = create_database(database_url, template=district[joined])
        watch = Watch()
        made.append(Town(a_bot(url, fresh_redis, watch, tiers), url, watch))
        return made[-1]

    yield make
    for town in made:
        town.close()
        drop_database(database_url, town.url)


@pytest.fixture
def town(new_town: NewTown) -> Town:
    """The district with everybody joined, on the wall clock."""
    return new_town()


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port of 127.0.0.1 that nobody listens on, kept from others while the test runs."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield int(kept.getsockname()[1])
