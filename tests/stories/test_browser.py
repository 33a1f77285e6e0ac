"""The whole story as a visitor plays it: `make run`, its page, six phones and the strip."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stories.district import Pace
from tests.stories.stage import NoBrowser, a_browser, a_run, a_stage

PACE = Pace(answer="6s", answer_above="3s")


def test_a_visitor_sees_one_report_answered_and_another_climb(tmp_path: Path) -> None:
    try:
        with a_browser() as browser, a_run(tmp_path, PACE) as url, a_stage(browser, url) as stage:
            stage.all_get_ready()
            stage.demonstrates()
            lift = stage.number_in(stage.hears("resident1", "收到了", "前答复您"))
            stage.hears("liaison", "新诉求", "电梯坏了")
            stage.says("liaison", f"{lift} 师傅十分钟到")
            stage.hears("resident1", "师傅十分钟到")
            expect(stage.row(lift)).to_contain_text("处理中")

            stage.says("resident2", "停水了")
            water = stage.number_in(stage.hears("resident2", "收到了", "前答复您"))
            for tier, name in (("grid", "网格"), ("community", "社区"), ("subdistrict", "街道")):
                stage.is_at(water, tier)
                stage.hears(tier, "转到您这里", f"#{water}", "停水了")
                stage.hears("resident2", f"#{water}", f"已转到{name}")
            expect(stage.row(water).locator("li.passed")).to_have_count(3)
            stage.is_at(lift, "liaison")
            stage.says("subdistrict", f"#{water} 水务所正在抢修")
            stage.hears("resident2", "水务所正在抢修")
            expect(stage.row(water)).to_contain_text("处理中")
    except NoBrowser:
        pytest.skip("no Chromium on this machine")
