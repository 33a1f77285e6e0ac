"""A nudge: one job at a time, again once it was heard, and no trouble where Redis is away."""

import time
from dataclasses import replace

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from structlog.testing import capture_logs

from bot.desk.nudge import DELIVER, INBOX, JOBS, REMIND, heard, nudge, tier_queue
from bot.embedded.processes import free_port

from .scene import Scene


def waiting(scene: Scene, queue: str) -> list[tuple[str | None, tuple[str, ...]]]:
    jobs = Queue(queue, connection=scene.bot.redis).jobs
    return [(job.func_name, tuple(job.args)) for job in jobs]


def test_many_nudges_make_one_job(scene: Scene) -> None:
    for _ in range(5):
        nudge(scene.bot, DELIVER)
    assert waiting(scene, DELIVER) == [("workers.jobs.deliver", ())]


def test_once_heard_it_nudges_again_but_never_behind_a_job_that_waits(scene: Scene) -> None:
    nudge(scene.bot, DELIVER)
    heard(scene.bot, DELIVER)
    nudge(scene.bot, DELIVER)
    assert len(waiting(scene, DELIVER)) == 1
    scene.bot.redis.delete(f"rq:queue:{DELIVER}")
    heard(scene.bot, DELIVER)
    nudge(scene.bot, DELIVER)
    assert len(waiting(scene, DELIVER)) == 1


def test_a_nudge_that_was_lost_is_outstanding_for_seconds_only(scene: Scene) -> None:
    nudge(scene.bot, DELIVER)
    assert 0 < scene.bot.redis.pttl(f"nudge:{DELIVER}") <= 2000
    (job,) = Queue(DELIVER, connection=scene.bot.redis).jobs
    assert 0 < scene.bot.redis.ttl(job.key) <= 30


def test_each_queue_has_its_job_and_a_tier_may_be_called_anything(scene: Scene) -> None:
    for queue in (DELIVER, INBOX, REMIND):
        nudge(scene.bot, queue)
        assert waiting(scene, queue) == [(JOBS[queue], ())]
    for key in ("grid", DELIVER):
        nudge(scene.bot, tier_queue(key))
        assert waiting(scene, tier_queue(key)) == [("workers.jobs.escalate", (key,))]


def test_without_redis_it_is_told_once_and_costs_nothing_after(scene: Scene) -> None:
    with Redis(port=free_port(), socket_timeout=1, retry=Retry(NoBackoff(), 1)) as nowhere:
        bot = replace(scene.bot, redis=nowhere)
        with capture_logs() as said:
            nudge(bot, DELIVER)
            began = time.monotonic()
            for _ in range(1000):
                nudge(bot, DELIVER)
            assert time.monotonic() - began < 1
        assert [event["event"] for event in said] == ["nudge_lost"]
        heard(bot, DELIVER)
