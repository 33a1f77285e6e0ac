"""The console and the wall of posters in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.simulator.account import Mode
from bot.simulator.faults import Trouble
from bot.simulator.quota import Across, Repeat
from bot.simulator.transit import MenuIds, Mishap
from tests.simulator.page_scene import Shown
from tests.simulator.test_stage import wait_until


def test_the_clock_moves_and_quotas_run_out(shown: Shown) -> None:
    shown.stage.phones["resident1"].follows()
    shown.stage.phones["resident1"].says("在")
    quota = shown.page.locator("[data-key=resident1] .quota")
    expect(quota).to_have_text("可推送 5/5")
    shown.page.locator("#knobs").click()
    shown.page.get_by_text("＋48 小时").click()
    expect(quota).to_have_text("暂不可推送")
    expect(shown.page.locator(".clockface")).to_contain_text("快 48 小时")
    expect(shown.page.locator("#clock")).to_be_visible()
    assert shown.platform.clock.ahead.total_seconds() == 48 * 3600


def test_switches_are_turned(shown: Shown) -> None:
    platform, console = shown.platform, shown.page.locator("#console")
    shown.page.locator("#knobs").click()
    for words in ("明文", "累加", "相加", "为 0", "下一条系统失败"):
        console.get_by_text(words, exact=True).click()
        expect(console.get_by_text(words, exact=True)).to_have_attribute("aria-pressed", "true")
    assert platform.mode is Mode.PLAIN
    assert (platform.repeat, platform.across) == (Repeat.ADD, Across.SUM)
    assert platform.transit.menu_ids is MenuIds.ZERO
    assert platform.notices.fail_next == 1


def test_bad_days_are_ordered_and_called_off(shown: Shown) -> None:
    platform, console = shown.platform, shown.page.locator("#console")
    shown.page.locator("#knobs").click()
    expect(console.locator(".orders")).to_have_count(2)
    way_in, way_out = console.locator(".orders").all()
    way_in.get_by_label("什么麻烦").select_option("duplicate")
    way_in.get_by_label("碰上谁").select_option("resident1")
    way_in.get_by_text("布置").click()
    way_out.get_by_label("哪个接口").select_option("media/get")
    way_out.get_by_label("数", exact=True).fill("45009")
    way_out.get_by_label("次数").fill("3")
    way_out.get_by_text("布置").click()
    rows = console.locator(".troubles li")
    expect(rows).to_have_text(
        ["重复送达 · 王秀兰 · ×1", "答错误码 45009 · media/get · 任何人 · ×3"]
    )
    (mishap,), (fault,) = platform.transit.waiting, platform.faults.waiting()
    assert (mishap.mishap, mishap.openid) == (
        Mishap.DUPLICATE,
        shown.stage.phones["resident1"].openid,
    )
    assert (fault.trouble, fault.number, fault.path) == (Trouble.ERRCODE, 45009, "media/get")
    console.get_by_text("全部撤掉").click()
    expect(rows).to_have_count(0)


def test_what_happened_is_saved_and_replayed(shown: Shown, tmp_path: Path) -> None:
    phone = shown.stage.phones["resident1"]
    phone.follows()
    phone.says("停水了")
    shown.page.locator("#knobs").click()
    with shown.page.expect_download() as download:
        shown.page.get_by_text("导出", exact=True).click()
    file = tmp_path / "transcript.json"
    download.value.save_as(file)
    phone.unfollows()
    with shown.page.expect_file_chooser() as chooser:
        shown.page.get_by_text("重放…").click()
    chooser.value.set_files(file)
    wait_until(lambda: [got["Content"] for got in shown.program.got].count("停水了") == 2)
    assert phone.following


def test_a_poster_is_scanned_with_the_chosen_phone(shown: Shown) -> None:
    shown.page.locator("#wall").click()
    shown.page.locator(".scanners").get_by_text("李国强").click()
    shown.page.locator(".poster").click()
    wait_until(lambda: bool(shown.program.got))
    assert shown.program.got[0]["FromUserName"] == shown.stage.phones["liaison"].openid
    assert shown.program.got[0]["EventKey"] == "qrscene_door-A"


def test_a_scanning_button_reads_a_poster(shown: Shown) -> None:
    shown.platform.menu = [{"name": "扫门牌", "type": "scancode_waitmsg", "key": "door"}]
    shown.stage.phones["resident1"].follows()
    shown.page.locator("[data-key=resident1] .menu").get_by_text("扫门牌").click()
    shown.page.locator(".poster").click()
    wait_until(lambda: shown.program.got[-1]["Event"] == "scancode_waitmsg")
    scanned = shown.program.got[-1].fields.part("ScanCodeInfo").get("ScanResult") or ""
    assert scanned.startswith("http://weixin.qq.com/q/")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 1180), (1440, 900), (1920, 1080)])
def test_everything_that_opens_fits(shown: Shown, width: int, height: int) -> None:
    page = shown.page
    page.set_viewport_size({"width": width, "height": height})
    page.locator("#knobs").click()
    console = page.locator("#console").bounding_box()
    page.locator("#knobs").click()
    page.locator("#wall").click()
    wall = page.locator("#posters").bounding_box()
    for box in (console, wall):
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
