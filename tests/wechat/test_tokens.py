"""One token for all: counted at a real server, shared through a real Redis."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.core.outcome import Refused, Sent, TryLater
from bot.wechat.client import WeChat
from bot.wechat.tokens import LONGEST_KEPT

from .conftest import APPID
from .platform import SEND, TOKEN, Page, Platform, Trouble

MANY = 8
KEY = f"wechat:{APPID}:token"


def _at_once(act: Callable[[int], object]) -> list[object]:
    """`act` in MANY threads that start together, its results in order."""
    gate = threading.Barrier(MANY)

    def one(number: int) -> object:
        gate.wait(10)
        return act(number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def _accounts(platform: Platform, shared: Redis) -> list[WeChat]:
    """As many clients of one account as there would be processes."""
    return [WeChat(platform.url, APPID, "secret", shared, timeout=5) for _ in range(MANY)]


def test_many_cold_processes_fetch_once(platform: Platform, shared: Redis) -> None:
    platform.token_seconds = 0.1
    accounts = _accounts(platform, shared)
    outcomes = _at_once(lambda n: accounts[n].send_text("oA", "停水了"))
    assert outcomes == [Sent()] * MANY
    assert platform.fetches() == 1


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_dead_token_is_renewed_once_for_all(
    platform: Platform, shared: Redis, stubborn: bool
) -> None:
    accounts = _accounts(platform, shared)
    assert _at_once(lambda n: accounts[n].send_text("oA", "1")) == [Sent()] * MANY
    platform.kill_token()
    platform.stubborn, platform.token_seconds = stubborn, 0.05
    assert _at_once(lambda n: accounts[n].send_text("oA", "2")) == [Sent()] * MANY
    assert platform.fetches(forced=False) == 2
    assert platform.fetches(forced=True) == int(stubborn)
    assert len(platform.texts) == 2 * MANY


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_each_code_of_a_dead_token_leads_to_one_more_try(
    platform: Platform, wechat: WeChat, code: int
) -> None:
    platform.plan(SEND, {"errcode": code, "errmsg": "dead"})
    assert wechat.send_text("oA", "停水了") == Sent()
    assert len(platform.calls[SEND]) == 2


def test_a_token_that_is_refused_again_and_again_ends_after_one_more_try(
    platform: Platform, wechat: WeChat
) -> None:
    platform.plan(SEND, *[{"errcode": 40001, "errmsg": "dead"}] * 50)
    assert isinstance(wechat.send_text("oA", "停水了"), TryLater)
    assert len(platform.calls[SEND]) == 2
    assert platform.fetches() == 3  # the first, the same again, one forced


def test_who_still_goes_by_a_dead_token_takes_the_new_one_and_asks_for_none(
    platform: Platform, shared: Redis
) -> None:
    one, other = (WeChat(platform.url, APPID, "secret", shared) for _ in range(2))
    assert [each.send_text("oA", "1") for each in (one, other)] == [Sent(), Sent()]
    platform.kill_token()
    assert [each.send_text("oA", "2") for each in (one, other)] == [Sent(), Sent()]
    assert platform.fetches() == 2
    assert len(platform.calls[SEND]) == 2 + 2 * 2  # each met the dead one once


def test_many_messages_cost_redis_few_questions(platform: Platform, shared: Redis) -> None:
    wechat = WeChat(platform.url, APPID, "secret", shared)
    wechat.send_text("oA", "1")
    asked = int(shared.info("commandstats")["cmdstat_get"]["calls"])
    for _ in range(40):
        assert wechat.send_text("oA", "2") == Sent()
    assert int(shared.info("commandstats")["cmdstat_get"]["calls"]) - asked < 10


def test_forcing_is_rationed(platform: Platform, wechat: WeChat, shared: Redis) -> None:
    platform.plan(SEND, *[{"errcode": 40001, "errmsg": "dead"}] * 50)
    for _ in range(5):
        wechat.send_text("oA", "停水了")
    assert platform.fetches(forced=True) == 1
    shared.delete(f"{KEY}:forced")
    shared.set(f"{KEY}:forced_today", 15)
    wechat.send_text("oA", "停水了")
    assert platform.fetches(forced=True) == 1


@pytest.mark.parametrize("lives", [7200, 20, 0, None, "7200", -5, 10**9])
def test_a_token_is_kept_no_longer_than_it_lives(
    platform: Platform, wechat: WeChat, shared: Redis, lives: object
) -> None:
    platform.expires_in = lives
    assert wechat.send_text("oA", "停水了") == Sent()
    longest = min(lives, 300) if isinstance(lives, int) and lives >= 0 else 60
    assert timedelta(seconds=longest) <= LONGEST_KEPT
    kept = shared.pttl(KEY)
    assert kept <= longest * 1000
    assert (kept > 0) == (longest > 0)


def test_a_holder_that_died_blocks_nobody_for_long(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    shared.set(f"{KEY}:lock", "dead", px=200)
    assert wechat.send_text("oA", "停水了") == Sent()
    assert platform.fetches() == 1
    assert not shared.exists(f"{KEY}:lock")


def test_a_lock_that_stays_taken_is_waited_for_only_so_long(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    shared.set(f"{KEY}:lock", "alive", px=60_000)
    assert isinstance(wechat.send_text("oA", "停水了"), TryLater)
    assert shared.get(f"{KEY}:lock") == b"alive"
    assert platform.fetches() == 0


def test_without_redis_messages_still_go_out(platform: Platform) -> None:
    nowhere = Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
    wechat = WeChat(platform.url, APPID, "secret", nowhere, timeout=1)
    assert wechat.send_text("oA", "停水了") == Sent()
    platform.kill_token()
    platform.plan(SEND, {"errcode": 40001, "errmsg": "dead"})
    assert wechat.send_text("oA", "停电了") == Sent()


def test_redis_may_decode_its_answers(platform: Platform, fresh_redis: str) -> None:
    with Redis.from_url(fresh_redis, decode_responses=True) as redis:
        wechat = WeChat(platform.url, APPID, "secret", redis, timeout=1)
        assert [wechat.send_text("oA", "一"), wechat.send_text("oA", "二")] == [Sent(), Sent()]
    assert platform.fetches() == 1


@pytest.mark.parametrize(
    "trouble", [Trouble.HANG, Trouble.RESET, Trouble.HALF, Page(502), Page(200), {}, Page(503)]
)
def test_a_token_that_cannot_be_fetched_leaves_the_message_for_later(
    platform: Platform, impatient: WeChat, trouble: Trouble | Page | dict[str, object]
) -> None:
    platform.plan(TOKEN, trouble)
    assert isinstance(impatient.send_text("oA", "停水了"), TryLater)
    assert not platform.calls[SEND]
    assert impatient.send_text("oA", "停水了") == Sent()


@pytest.mark.parametrize("code", [40001, 40013, 40125, 40164, 40243, 99999])
def test_an_account_that_gets_no_token_is_the_services_trouble(
    platform: Platform, wechat: WeChat, code: int
) -> None:
    platform.plan(TOKEN, {"errcode": code, "errmsg": "no rid: 1"})
    outcome = wechat.send_text("oA", "停水了")
    assert isinstance(outcome, Refused)
    assert (outcome.about, outcome.code) == ("account", code)
    assert platform.fetches() == 1
