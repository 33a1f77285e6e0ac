"""A platform, a program that answers it, and both served on free ports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.simulator.phones import Clock, Phone, Platform, Served, serve, serve_app
from tests.simulator.answering import Answering
from tests.simulator.browser import find_chromium, open_browser
from tests.simulator.caller import Caller
from tests.simulator.page_scene import Shown, put_up


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved on."""
    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


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


@pytest.fixture
def caller(platform: Platform, served: Served) -> Caller:
    """The program's calls to that API."""
    return Caller(platform, served.url)


@pytest.fixture
def phone(platform: Platform, program: Answering) -> Phone:
    """A follower who has just spoken."""
    phone = platform.phone("王大爷")
    phone.follows()
    phone.says("你好")
    program.got.clear()
    return phone


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium with a pretended microphone; skips where there is none."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            pytest.skip("no Chromium on this machine")
        browser = open_browser(playwright, path)
        yield browser
        browser.close()


@pytest.fixture
def shown(browser: Browser) -> Iterator[Shown]:
    """The page with two people on it."""
    with put_up(browser) as shown:
        yield shown
