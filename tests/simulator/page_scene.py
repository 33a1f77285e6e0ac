"""The page in a browser, with the platform and a program that answers behind it.

Knows how to put the page up and take it down. Must not know what a test looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, jsonify
from playwright.sync_api import Browser, Page

from bot.simulator.cast import Part, Step
from bot.simulator.page import page_app
from bot.simulator.phones import Platform, serve_app
from bot.simulator.stage import Stage
from bot.simulator.strip import Strip
from tests.simulator.answering import Answering

TIERS = [("liaison", "联络员"), ("grid", "网格"), ("community", "社区"), ("subdistrict", "街道")]
CAST = [
    Part(
        "resident1",
        "王秀兰",
        "居民",
        scene="door-A",
        door="3号楼2单元",
        say=("电梯坏了", "催办 {no}"),
    ),
    Part(
        "liaison",
        "李国强",
        "联络员",
        note="短信：认领码 ABCD2345",
        say=("认领 ABCD2345", "待办", "代录 …"),
        setup=(Step("follow", ""), Step("say", "认领 ABCD2345")),
    ),
]


@dataclass
class Shown:
    """A page of the browser with the platform behind it."""

    page: Page
    platform: Platform
    stage: Stage
    program: Answering
    issues: list[dict[str, object]]
    troubles: list[str]
    url: str


@contextmanager
def put_up(browser: Browser) -> Iterator[Shown]:
    """Fails at the end on trouble in the browser, and on any reply that broke a rule."""
    platform = Platform(cut_after=1.0, pause=0.05)
    program = Answering(platform.account)
    issues: list[dict[str, object]] = []
    outside = program.app()
    outside.add_url_rule("/board.json", "board", lambda: board(issues))
    answers = serve_app(outside)
    platform.webhook = answers.url + "/wechat"
    stage = Stage(platform, CAST, Strip(answers.url + "/board.json"), between=0)
    served = serve_app(page_app(stage))
    platform.url = served.url
    stage.start()
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(served.url)
    yield Shown(page, platform, stage, program, issues, troubles, served.url)
    page.close()
    stage.stop()
    served.close()
    answers.close()
    platform.close()
    stage.strip.close()
    assert troubles == []
    assert platform.violations == []


def board(issues: list[dict[str, object]]) -> Response:
    ladder = [{"key": key, "name": name} for key, name in TIERS]
    return jsonify({"now": datetime.now(UTC).isoformat(), "ladder": ladder, "issues": issues})
