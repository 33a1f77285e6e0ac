"""`make run` in a folder of its own, and its page of phones in a real browser.

Knows the page as people see it: buttons, phones, bubbles, the strip. Must not know how it is made.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.embedded.processes import free_port
from config.settings import MUST_BE, ROOT
from tests.simulator.browser import find_chromium, open_browser
from tests.stories.district import Pace

WIDTH, HEIGHT = 1440, 900
_RUNS_WITHIN_S: Final = 60.0
_SOON_MS: Final = 15_000
_READY_MS: Final = 40_000


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@contextmanager
def a_run(folder: Path, pace: Pace) -> Iterator[str]:
    """Everything, as `make run` starts it with empty data; the address of the phones."""
    tiers, log = folder / "tiers.toml", folder / "run.log"
    tiers.write_text(pace.tiers(), "utf-8")
    simulator_port = str(free_port())
    given = {
        **{name: value for name, value in os.environ.items() if name not in MUST_BE},
        "DATA_DIR": str(folder / "data"),
        "PORT": str(free_port()),
        "SIMULATOR_PORT": simulator_port,
        "TIERS_FILE": str(tiers),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_running(process, log)
        yield f"http://127.0.0.1:{simulator_port}/"
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(60)
    assert ended == 0, log.read_text("utf-8")


def _wait_until_running(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _RUNS_WITHIN_S
    while "is running" not in log.read_text("utf-8"):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.1)


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Raises NoBrowser."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            raise NoBrowser
        browser = open_browser(playwright, path)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Stage:
    """The open page."""

    page: Page

    def all_get_ready(self) -> None:
        """一键就位, until everybody has joined and the liaison knows both residents."""
        self.page.get_by_role("button", name="一键就位").click()
        expect(self.page.locator("#ready")).to_be_hidden(timeout=_READY_MS)
        for key in ("resident1", "resident2"):
            self.hears(key, "确认好了")

    def demonstrates(self) -> None:
        """The button that lets a resident report a broken lift."""
        self.page.get_by_role("button", name="演示：电梯坏了").click()

    def phone(self, key: str) -> Locator:
        return self.page.locator(f"[data-key={key}]")

    def says(self, key: str, words: str) -> None:
        phone = self.phone(key)
        phone.get_by_placeholder("说点什么").fill(words)
        phone.get_by_role("button", name="发送").click()
        expect(phone.locator(".row.mine .words").last).to_have_text(words)

    def shows(self, key: str, kind: str) -> None:
        """Sends the sample of a picture or a video from the panel behind the plus."""
        phone = self.phone(key)
        phone.locator(".plus").click()
        phone.locator(f".panel [data-kind={kind}]").last.click()
        expect(phone.locator(f".row.mine[data-kind={kind}]").last).to_be_visible()

    def speaks(self, key: str, seconds: float) -> None:
        """Holds the button down and lets go; the microphone is the browser's own pretend one."""
        phone = self.phone(key)
        phone.locator(".speak").click()
        phone.locator(".hold").hover()
        self.page.mouse.down()
        self.page.wait_for_timeout(seconds * 1000)
        self.page.mouse.up()
        expect(phone.locator(".row.mine .voice").last).to_be_visible()
        phone.locator(".speak").click()

    def hears(self, key: str, *parts: str, within_ms: float = _SOON_MS) -> str:
        """Waits for a bubble from the service that holds all parts; its words."""
        bubble = self.phone(key).locator(".row.by-passive .words, .row.by-chat .words")
        for part in parts:
            bubble = bubble.filter(has_text=part)
        expect(bubble.last).to_be_visible(timeout=within_ms)
        return bubble.last.inner_text()

    def turns_to(self, key: str) -> None:
        """On a narrow page one phone is seen at a time."""
        self.page.locator(f"#tabs [data-for={key}]").click()

    def row(self, no: int) -> Locator:
        """An issue in the strip at the top."""
        return self.page.locator(f'#strip .issue[data-no="{no}"]')

    def is_at(self, no: int, tier: str) -> None:
        """Waits until the strip shows the issue at this tier."""
        expect(self.row(no)).to_have_attribute("data-tier", tier, timeout=_SOON_MS)

    def number_in(self, words: str) -> int:
        found = re.search(r"#(\d+)", words)
        assert found, f"no number in {words!r}"
        return int(found[1])


@contextmanager
def a_stage(browser: Browser, url: str) -> Iterator[Stage]:
    """The page of phones; whatever it complains of in its console is an error."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(url)
    yield Stage(page)
    page.close()
    assert troubles == []
