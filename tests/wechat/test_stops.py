"""45009: the API it was said of rests until tomorrow, for all processes, and nothing else does."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from structlog.testing import capture_logs

from bot.core.outcome import Sent, TryLater
from bot.wechat.answers import until_tomorrow
from bot.wechat.client import WeChat
from bot.wechat.errors import Declined
from bot.wechat.tokens import GLANCE_S

from .conftest import APPID
from .platform import SEND, TEMPLATE, TOKEN, Platform

USED_UP = {"errcode": 45009, "errmsg": "reach max api daily quota limit rid: 1"}
KEY = f"wechat:{APPID}:stopped"


def test_a_used_up_api_is_asked_by_no_process_until_tomorrow(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    platform.plan(SEND, USED_UP)
    another = WeChat(platform.url, APPID, "secret", shared, timeout=1)
    with capture_logs() as logs:
        for one in (wechat, another, wechat):
            became = one.send_text("oA", "停水了")
            assert isinstance(became, TryLater)
            assert timedelta() < became.after <= timedelta(days=1, minutes=2)
            assert "45009" in became.why
    assert len(platform.calls[SEND]) == 1
    [said] = [line for line in logs if line["event"] == "api_stopped_until_tomorrow"]
    assert said["api"] == SEND
    end = another.stopped()[SEND]
    assert datetime.now(UTC) < end <= datetime.now(UTC) + timedelta(days=1, minutes=2)
    assert 0 < shared.pttl(KEY) <= timedelta(days=1, minutes=2).total_seconds() * 1000


def test_other_apis_and_other_accounts_go_on(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    platform.plan(SEND, USED_UP)
    wechat.send_text("oA", "停水了")
    assert isinstance(wechat.send_template("oA", "T", {"thing1": "停水"}, "n1"), Sent)
    assert wechat.create_qrcode("door-1").ticket
    platform.plan(TEMPLATE, USED_UP)
    assert isinstance(wechat.send_template("oA", "T", {"thing1": "停水"}, "n2"), TryLater)
    assert list(wechat.stopped()) == [SEND, TEMPLATE]
    assert WeChat(platform.url, "wx2", "secret", shared).send_text("oA", "停水了") == Sent()


def test_a_stop_ends_with_its_day_or_when_an_operator_lifts_it(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    shared.hset(KEY, SEND, (datetime.now(UTC) - timedelta(seconds=1)).isoformat())
    assert wechat.send_text("oA", "1") == Sent()
    platform.plan(SEND, USED_UP)
    assert isinstance(wechat.send_text("oA", "2"), TryLater)
    assert isinstance(wechat.send_text("oA", "2"), TryLater)
    shared.delete(KEY)
    assert wechat.send_text("oA", "3") == Sent()


def test_a_stop_by_a_clock_that_was_ahead_is_asked_about_again(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    now = datetime.now(UTC)
    tomorrow = now + until_tomorrow(now)
    shared.hset(KEY, SEND, (tomorrow + timedelta(days=1)).isoformat())
    assert wechat.stopped() == {}
    assert wechat.send_text("oA", "1") == Sent()
    shared.hset(KEY, SEND, tomorrow.isoformat())
    assert list(wechat.stopped()) == [SEND]


def test_what_another_process_was_told_is_known_here_a_moment_later(
    platform: Platform, wechat: WeChat, shared: Redis
) -> None:
    another = WeChat(platform.url, APPID, "secret", shared, timeout=1)
    assert another.send_text("oA", "1") == Sent()
    platform.plan(SEND, USED_UP)
    wechat.send_text("oA", "2")
    time.sleep(GLANCE_S)
    assert isinstance(another.send_text("oA", "3"), TryLater)
    assert len(platform.calls[SEND]) == 2


def test_without_redis_a_process_stops_by_itself(platform: Platform) -> None:
    nowhere = Redis(port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
    wechat = WeChat(platform.url, APPID, "secret", nowhere, timeout=1)
    platform.plan(SEND, USED_UP)
    for _ in range(3):
        assert isinstance(wechat.send_text("oA", "停水了"), TryLater)
    assert len(platform.calls[SEND]) == 1
    assert list(wechat.stopped()) == [SEND]


def test_a_used_up_token_api_is_not_asked_again_and_again(
    platform: Platform, wechat: WeChat
) -> None:
    platform.plan(TOKEN, USED_UP)
    for _ in range(3):
        became = wechat.send_text("oA", "停水了")
        assert isinstance(became, TryLater)
        assert became.after > timedelta(minutes=1)
    assert platform.fetches() == 1


def test_a_call_that_gives_something_says_so_too(platform: Platform, wechat: WeChat) -> None:
    platform.plan("menu/get", USED_UP)
    for _ in range(2):
        with pytest.raises(Declined) as caught:
            wechat.menu()
        assert caught.value.code == 45009
    assert "not asked again before" in caught.value.why
    assert len(platform.calls["menu/get"]) == 1
