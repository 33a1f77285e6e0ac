"""PostgreSQL and Redis away or hanging: what is accepted, what is told, and that nobody waits."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from bot.bootstrap import Bot
from bot.desk.receive import bring_in
from bot.embedded import Running, start
from bot.store.engine import transaction
from bot.store.migrations import migrate
from bot.store.vitals import Pulse
from bot.web.asked import NoAnswer, Question
from bot.web.health import judge
from tests.web.conftest import built, served
from tests.web.posts import Watch, beat, health, staff_the_top, told, words
from tests.wechat.envelopes import shown

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
SILENCE = timedelta(seconds=15)
WECHAT_WAITS_S = 5.0  # platform.md: then it cuts off


class Ours:
    """Servers of this test alone, each to be stopped or frozen by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres: Running = start(folder / "postgres-only", redis=False)
        self.redis: Running = start(folder / "redis-only", postgres=False)

    def stop(self) -> None:
        self.postgres.stop()
        self.redis.stop()

    @contextmanager
    def frozen_postgres(self) -> Iterator[None]:
        """Every process of it stands still: connections stay open, nothing answers."""
        file = next((self.folder / "postgres-only").rglob("postmaster.pid"))
        parent = int(file.read_text().split()[0])
        with frozen(parent, *children(parent)):
            yield

    @contextmanager
    def frozen_redis(self) -> Iterator[None]:
        with Redis.from_url(self.redis.redis_url) as redis:
            process: Any = redis.info("server")
        with frozen(process["process_id"]):
            yield


@contextmanager
def frozen(*processes: int) -> Iterator[None]:
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(number) for number in listed.split()]


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Ours]:
    servers = Ours(tmp_path)
    yield servers
    servers.stop()


@pytest.fixture
def our_bot(ours: Ours, watch: Watch) -> Iterator[Bot]:
    migrate(ours.postgres.database_url)
    with built(ours.postgres.database_url, ours.redis.redis_url, watch) as bot:
        staff_the_top(bot)
        beat(bot, watch.at)
        yield bot


@pytest.fixture
def our_client(our_bot: Bot) -> Iterator[FlaskClient]:
    with served(our_bot) as app:
        yield app.test_client()


def in_time(ask: Callable[[], object]) -> bool:
    """Whether it is done before WeChat would cut off."""
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(WECHAT_WAITS_S)
    return not thread.is_alive()


def comes_true(ask: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not (found := ask()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_message_is_kept_while_either_server_is_there_and_503_says_when_neither_is(
    ours: Ours, our_bot: Bot, our_client: FlaskClient
) -> None:
    assert "#" in shown(told(our_client, words("都在")).data)["Content"]
    ours.postgres.stop()
    answer = told(our_client, words("只有 Redis"))
    assert answer.status_code == HTTPStatus.OK
    assert shown(answer.data)["Content"].strip()
    assert our_bot.redis.xlen("hulianwang:kept") == 1
    assert our_client.get("/health").status_code == HTTPStatus.OK
    found = health(our_client)
    assert (found["database"], found["redis"]) == (False, True)
    assert found["clock_tick_age_s"] is None
    assert "hulianwang_database_up 0.0" in our_client.get("/metrics").text
    ours.redis.stop()
    assert told(our_client, words("nobody")).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert our_client.get("/health").status_code == HTTPStatus.SERVICE_UNAVAILABLE
    found = health(our_client)
    assert (found["ok"], found["redis"]) == (False, False)
    counted = 'hulianwang_webhook_requests_total{outcome="not_kept"} 1.0'
    assert counted in our_client.get("/metrics").text


def test_without_redis_messages_go_to_the_database(
    ours: Ours, our_bot: Bot, our_client: FlaskClient
) -> None:
    ours.redis.stop()
    assert "#" in shown(told(our_client, words()).data)["Content"]
    assert our_client.get("/health").status_code == HTTPStatus.OK
    found = health(our_client)
    assert (found["database"], found["redis"]) == (True, False)


def test_a_message_does_not_wait_for_a_database_that_hangs(
    ours: Ours, our_bot: Bot, our_client: FlaskClient
) -> None:
    assert "#" in shown(told(our_client, words("都在")).data)["Content"]
    with ours.frozen_postgres():
        for sentence in ("它不动了", "还是不动"):
            assert in_time(lambda sentence=sentence: told(our_client, words(sentence)))  # type: ignore[misc]
        assert our_bot.redis.xlen("hulianwang:kept") == 2
    assert comes_true(lambda: bring_in(our_bot) >= 0 and said(our_bot) == 3)
    assert our_bot.redis.xlen("hulianwang:kept") == 0


def test_with_both_hanging_nobody_waits_longer_than_wechat(
    ours: Ours, our_bot: Bot, our_client: FlaskClient
) -> None:
    assert "#" in shown(told(our_client, words("都在")).data)["Content"]
    posts = [words(sentence) for sentence in ("它不动了", "还是不动", "再说一遍")]
    statuses: list[int] = []
    with ours.frozen_postgres(), ours.frozen_redis():
        for post in posts:
            assert in_time(lambda post=post: statuses.append(told(our_client, post).status_code))  # type: ignore[misc]
    assert statuses == [HTTPStatus.SERVICE_UNAVAILABLE] * 3
    # WeChat repeats. Redis may have kept what it could not say that it kept: once all the same.
    assert all(told(our_client, post).status_code == HTTPStatus.OK for post in posts)
    assert comes_true(lambda: bring_in(our_bot) >= 0 and said(our_bot) == 4)
    assert bring_in(our_bot) == 0


def said(bot: Bot) -> int:
    with transaction(bot.engine) as connection:
        rows = connection.execute("select count(*) as messages from messages").fetchall()
    return int(rows[0]["messages"])


def test_pages_do_not_wait_for_a_database_that_hangs(ours: Ours, our_client: FlaskClient) -> None:
    assert health(our_client)["database"]
    with ours.frozen_postgres():
        for path in ("/health", "/metrics", "/health"):
            assert in_time(lambda path=path: our_client.get(path)), path  # type: ignore[misc]
        assert not health(our_client)["database"]
    assert comes_true(lambda: health(our_client)["database"])
    assert comes_true(lambda: "hulianwang_database_up 1.0" in our_client.get("/metrics").text)


JUDGED = [
    (Pulse(False, NOW, None, None), True, True),
    (Pulse(False, NOW, None, None), False, True),
    (Pulse(False, NOW - SILENCE, None, None), True, True),
    (Pulse(False, NOW - 2 * SILENCE, None, None), True, False),
    (Pulse(False, None, None, None), True, False),
    (Pulse(False, NOW, NOW - timedelta(days=9), NOW - timedelta(days=9)), True, True),
    (Pulse(True, NOW, None, None), True, True),
    (Pulse(True, NOW, None, None), False, False),
    (None, True, True),
    (None, False, False),
]


@pytest.mark.parametrize(("pulse", "redis", "ok"), JUDGED)
def test_health_is_whether_messages_are_accepted_and_the_clock_lives(
    pulse: Pulse | None, redis: bool, ok: bool
) -> None:
    assert judge(pulse, redis, NOW, SILENCE).ok is ok


def test_a_clock_ahead_of_ours_is_not_negative() -> None:
    found = judge(Pulse(False, NOW + SILENCE, None, None), True, NOW, SILENCE)
    assert found.clock_tick_age_s == 0.0


def test_a_question_under_way_is_not_put_again() -> None:
    go_on, asked = threading.Event(), []

    def ask() -> int:
        asked.append(1)
        go_on.wait(10)
        return 7

    question = Question(ask, patience_s=0.05)
    for _ in range(3):
        with pytest.raises(NoAnswer):
            question.answer()
    assert len(asked) == 1
    go_on.set()
    patient = Question(lambda: 7, patience_s=10)
    assert patient.answer() == 7


def test_trouble_in_asking_is_told_as_its_cause() -> None:
    def ask() -> int:
        raise LookupError

    with pytest.raises(NoAnswer) as raised:
        Question(ask, patience_s=10).answer()
    assert isinstance(raised.value.__cause__, LookupError)
