"""A platform, a program that answers it, and both served on free ports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.simulator.phones import Platform, Served, serve, serve_app
from tests.simulator.answering import Answering


class Clock:
    """A clock that stands until it is wound."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Iterator[Platform]:
    platform = Platform(now=clock, cut_after=0.3, pause=0.05)
    yield platform
    platform.close()


@pytest.fixture
def program(platform: Platform) -> Iterator[Answering]:
    """The account's program, already set as the platform's webhook."""
    answering = Answering(platform.account)
    served = serve_app(answering.app())
    platform.webhook = served.url + "/wechat"
    yield answering
    served.close()


@pytest.fixture
def served(platform: Platform) -> Iterator[Served]:
    """The platform's API."""
    served = serve(platform)
    yield served
    served.close()
