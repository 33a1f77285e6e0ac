"""Finds a Chromium and starts it the way tests need it."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def find_chromium(playwright: Playwright) -> str | None:
    """The system's Chromium, else Playwright's own; None where neither is installed."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


def open_browser(playwright: Playwright, path: str) -> Browser:
    """A headless browser; the caller closes it."""
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True)
