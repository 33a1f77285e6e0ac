"""A WeChat to talk to and a Redis to share its token in."""

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.wechat.client import WeChat

from .platform import Platform, answering

APPID = "wx1"


@pytest.fixture
def platform() -> Iterator[Platform]:
    with answering(Platform()) as platform:
        yield platform


@pytest.fixture
def shared(fresh_redis: str) -> Iterator[Redis]:
    with Redis.from_url(fresh_redis) as redis:
        yield redis


@pytest.fixture
def wechat(platform: Platform, shared: Redis) -> WeChat:
    """As patient as in life, so that a busy machine is not taken for a WeChat that hangs."""
    return WeChat(platform.url, APPID, "secret", shared)


@pytest.fixture
def impatient(platform: Platform, shared: Redis) -> WeChat:
    """For tests in which an answer never comes."""
    return WeChat(platform.url, APPID, "secret", shared, timeout=1)
