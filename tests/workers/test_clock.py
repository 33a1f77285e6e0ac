"""One clock, look by look: what it nudges, what it does itself, what it keeps and drops."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from structlog.testing import capture_logs

from bot.core.messages import Kind, Said
from bot.desk.deliver import deliver
from bot.desk.kept import KEPT_IN_REDIS
from bot.desk.nudge import DELIVER, INBOX, REMIND
from bot.embedded.processes import free_port
from bot.store import inbox, ticking
from bot.store.engine import transaction
from workers.clock import Clock

from .scene import Scene, WeChat

TICK = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(scene: Scene) -> Iterator[Clock]:
    clock = Clock(scene.bot)
    yield clock
    clock.finish(10)


def look(scene: Scene, clock: Clock) -> None:
    """One look, a little later than the last, and the end of what it began."""
    scene.later += TICK
    clock.look()
    clock.finish(10)


def due(scene: Scene) -> ticking.Due:
    with transaction(scene.bot.engine) as connection:
        return ticking.look(connection, scene.bot.now())


def nudged(scene: Scene) -> set[str]:
    queues = ("liaison", "grid", DELIVER, INBOX, REMIND)
    return {queue for queue in queues if scene.bot.redis.exists(f"nudge:{queue}")}


def test_nothing_due_nothing_nudged(scene: Scene, clock: Clock) -> None:
    look(scene, clock)
    look(scene, clock)
    assert nudged(scene) == set()
    assert scene.value("select at from beats where name = 'clock'") <= scene.bot.now()


def test_the_first_look_nudges_the_second_does_it(
    scene: Scene, clock: Clock, wechat: WeChat
) -> None:
    scene.issue(1, scene.person(None), due=TICK / 2)
    scene.notice(scene.person("oA"), "水")
    look(scene, clock)
    assert nudged(scene) == {"liaison", DELIVER}
    assert scene.value("select version from issues") == 1
    assert not wechat.texts
    look(scene, clock)
    assert scene.value("select version from issues") == 2
    assert wechat.heard("oA") == ["水"]
    look(scene, clock)
    assert scene.value("select version from issues") == 2


def test_a_tier_that_left_the_file_is_not_forgotten(scene: Scene, clock: Clock) -> None:
    scene.issue(1, scene.person("oA"), due=TICK / 2)
    scene.rows("update issues set tier = 'street-of-old' returning no")
    look(scene, clock)
    look(scene, clock)
    assert scene.value("select version from issues") == 2


def test_each_kind_is_due_by_its_own_time(scene: Scene) -> None:
    person, now = scene.person("oA"), scene.bot.now()
    nothing = due(scene)
    assert nothing == ticking.Due({}, calendar_at=nothing.calendar_at)
    scene.issue(1, person, due=HOUR)
    scene.issue(2, person, due=-HOUR)
    scene.issue(3, person, due=-2 * HOUR)
    scene.notice(person, "later", next_at=now + HOUR)
    scene.notice(person, "now", next_at=now - HOUR)
    scene.rows(
        "insert into inbox (key, openid, received_at, state, next_at) "
        "values ('a', 'oA', %s, 'waiting', %s) returning key",
        now,
        now - 3 * HOUR,
    )
    scene.rows(
        "update issues set state = 'resolved', remind_at = %s where no = 1 returning no",
        now - HOUR / 2,
    )
    found = due(scene)
    assert {tier: since < now - HOUR for tier, since in found.tiers.items()} == {"liaison": True}
    assert (found.notices, found.acts) == (now - HOUR, now - 3 * HOUR)
    assert found.reminders == now - HOUR / 2


def test_what_waits_behind_a_push_is_not_due_but_a_dead_sender_is(scene: Scene) -> None:
    person, now = scene.person("oA"), scene.bot.now()
    scene.notice(person, "waits")
    scene.rows("update people set sending_until = now() + interval '20 s' returning id")
    assert due(scene).notices is None
    scene.notice(person, "sent?", lease_until=now - HOUR)
    assert due(scene).notices == now - HOUR


def test_reminders_and_requests_wake_their_queue(scene: Scene, clock: Clock) -> None:
    scene.issue(1, scene.person("oA"), state="resolved", due=HOUR)
    scene.rows("update issues set remind_at = %s returning no", scene.bot.now())
    look(scene, clock)
    assert nudged(scene) == {REMIND}
    look(scene, clock)
    assert scene.value("select reminders from issues") == 1


def test_a_calendar_that_was_loaded_meanwhile_is_noticed_and_estimates_end(
    scene: Scene, clock: Clock
) -> None:
    scene.issue(1, scene.person("oA"), due=HOUR)
    look(scene, clock)
    estimated = "update issues set estimated_after = '2025-12-31' returning no"
    scene.rows(estimated)
    look(scene, clock)
    assert scene.value("select count(estimated_after) from issues") == 1
    scene.rows("update beats set at = at + interval '1 s' where name = 'calendar' returning name")
    look(scene, clock)
    assert scene.value("select count(estimated_after) from issues") == 0


def test_what_redis_kept_is_brought_in(scene: Scene, clock: Clock) -> None:
    said = Said("key-1", "oA", "gh", Kind.TEXT, "停水了", datetime.now(UTC) - HOUR)
    scene.bot.redis.xadd(KEPT_IN_REDIS, {"said": json.dumps(inbox.to_json(said))})
    look(scene, clock)
    assert nudged(scene) == {INBOX}
    look(scene, clock)
    assert scene.value("select openid from inbox") == "oA"
    assert not scene.bot.redis.xlen(KEPT_IN_REDIS)


def test_old_acts_are_dropped_once_an_hour_and_only_what_is_done(
    scene: Scene, clock: Clock
) -> None:
    def arrived(key: str, state: str, days: int) -> None:
        scene.rows(
            "insert into inbox (key, openid, received_at, state) values (%s, 'o', %s, %s) "
            "returning key",
            key,
            scene.bot.now() - timedelta(days=days),
            state,
        )

    for number in range(2100):
        arrived(f"old-{number}", "done", 8)
    arrived("new", "done", 6)
    arrived("stuck", "stuck", 100)
    look(scene, clock)
    kept = {"new", "stuck"}
    assert {row["key"] for row in scene.rows("select key from inbox")} == kept
    arrived("old-again", "done", 8)
    look(scene, clock)
    assert scene.value("select count(*) from inbox") == 3
    scene.later += HOUR
    look(scene, clock)
    assert {row["key"] for row in scene.rows("select key from inbox")} == kept


@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR])
def test_the_heartbeat_is_right_whatever_this_hosts_clock_says(
    scene: Scene, wrong_by: timedelta
) -> None:
    scene.later = wrong_by
    due(scene)
    assert scene.value("select now() - at from beats where name = 'clock'") < HOUR / 2
    assert scene.value("select at <= now() from beats where name = 'clock'")


def test_what_was_due_at_once_when_a_clock_was_ahead_is_due_once_it_is_right(
    scene: Scene, clock: Clock, wechat: WeChat
) -> None:
    one, other, third = (scene.person(openid) for openid in ("oA", "oB", "oC"))
    then = scene.bot.now() + HOUR
    scene.notice(one, "水", made_at=then, next_at=then)
    scene.notice(other, "图", made_at=then, next_at=then + timedelta(seconds=3))
    scene.notice(third, "明早", made_at=then, next_at=then + 9 * HOUR)
    assert due(scene).notices is None
    look(scene, clock)
    look(scene, clock)
    assert scene.states() == {"sent": 2, "pending": 1}
    assert (wechat.heard("oA"), wechat.heard("oB"), wechat.heard("oC")) == (["水"], ["图"], [])


@pytest.mark.parametrize("wrong_by", [timedelta(), -HOUR])
def test_a_retry_waits_no_longer_because_the_clock_was_ahead_when_it_was_stamped(
    scene: Scene, clock: Clock, wechat: WeChat, wrong_by: timedelta
) -> None:
    """Whatever the clock says that looks now: what is the future is PostgreSQL's to say."""
    scene.notice(scene.person("oA"), "水")
    wechat.refuses["oA"] = 45011  # not within this minute
    scene.later = HOUR
    assert deliver(scene.bot) == 1
    wait = "select next_at - now() from outbox where state = 'pending'"
    assert scene.value(wait) > HOUR
    scene.later = wrong_by
    for _ in range(3):
        look(scene, clock)
        assert HOUR / 120 < scene.value(wait) <= HOUR / 60
    assert wechat.tried["oA"] == 1


def test_a_retry_that_was_stamped_right_is_left_alone_by_a_clock_that_is_behind(
    scene: Scene, clock: Clock, wechat: WeChat
) -> None:
    scene.notice(scene.person("oA"), "水", attempts=7)
    wechat.refuses["oA"] = -1
    assert deliver(scene.bot) == 1
    stamped = scene.value("select next_at from outbox")
    scene.later = -HOUR
    look(scene, clock)
    assert scene.value("select next_at from outbox") == stamped


def test_without_an_account_notices_wait_in_silence(scene: Scene) -> None:
    del scene.environment["WECHAT_SECRET"]
    bot = scene.another_bot()
    clock = Clock(bot)
    scene.notice(scene.person("oA"), "水")
    with capture_logs() as said:
        look(scene, clock)
        look(scene, clock)
    assert said == []
    assert nudged(scene) == set()
    bot.engine.dispose()
    bot.redis.close()


def test_without_redis_the_first_look_does_it(scene: Scene, wechat: WeChat) -> None:
    with Redis(port=free_port(), retry=Retry(NoBackoff(), 0)) as nowhere:
        clock = Clock(replace(scene.bot, redis=nowhere))
        scene.issue(1, scene.person(None), due=TICK / 2)
        scene.notice(scene.person("oA"), "水")
        look(scene, clock)
    assert scene.value("select version from issues") == 2
    assert wechat.heard("oA") == ["水"]
