"""The page in a real browser, against a program that answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.simulator.page_scene import Shown
from tests.simulator.test_stage import wait_until

NASTY = '<b>停水了</b> <img src=x onerror="document.title=1">'
MENU_LINK = '<a href="weixin://bizmsgmenu?msgmenucontent=%E6%BB%A1%E6%84%8F&msgmenuid=7">满意</a>'


def test_a_talk_with_nasty_words_stays_words(shown: Shown) -> None:
    phone = shown.page.locator("[data-key=resident1]")
    phone.locator(".card").get_by_text("关注", exact=True).click()
    expect(phone.locator(".row.by-passive .words")).to_have_text("收到 subscribe")
    expect(phone.locator(".quota")).to_have_text("可推送 3/3")
    phone.get_by_placeholder("说点什么").fill(NASTY)
    phone.get_by_text("发送").click()
    expect(phone.locator(".row.mine .words")).to_have_text(NASTY)
    expect(phone.locator(".row.by-passive .words").last).to_have_text("收到 " + NASTY)
    expect(phone.locator(".quota")).to_have_text("可推送 5/5")
    shown.platform.push(shown.stage.phones["resident1"].openid, f"#12 修好了吗？{MENU_LINK}")
    expect(phone.locator(".quota")).to_have_text("可推送 4/5")
    phone.locator(".menulink").click()
    expect(phone.locator(".row.mine .words").last).to_have_text("满意")
    assert shown.program.got[-1]["bizmsgmenuid"] == "7"
    phone.get_by_text("催办 12").click()
    expect(phone.locator(".row.by-passive .words").last).to_have_text("收到 催办 12")
    assert shown.page.title() == "户联网 · 演示"


def test_a_door_is_scanned_from_its_poster(shown: Shown) -> None:
    phone = shown.page.locator("[data-key=resident1]")
    phone.locator(".card").get_by_text("扫门牌码").click()
    shown.page.locator(".poster", has_text="3号楼2单元").click()
    expect(phone.locator(".row.by-passive .words")).to_have_text("收到 subscribe")
    assert shown.program.got[-1]["EventKey"] == "qrscene_door-A"
    phone.get_by_text("取消关注").click()
    expect(phone.locator(".card")).to_be_visible()
    wait_until(lambda: shown.program.got[-1]["Event"] == "unsubscribe")


def test_everybody_gets_ready_with_one_button(shown: Shown) -> None:
    phone = shown.page.locator("[data-key=liaison]")
    expect(phone.locator(".note")).to_contain_text("ABCD2345")
    shown.page.get_by_text("一键就位").click()
    expect(shown.page.locator("#ready")).to_be_hidden()
    expect(phone.locator(".row.by-passive .words").last).to_have_text("收到 认领 ABCD2345")
    expect(phone.locator(".note")).to_be_hidden()
    phone.get_by_text("代录 …").click()
    expect(phone.get_by_placeholder("说点什么")).to_have_value("代录 ")


def test_the_menu_is_tapped(shown: Shown) -> None:
    below = [{"name": "我的联络员", "type": "click", "key": "mine"}]
    shown.platform.menu = [{"name": "更多", "sub_button": below}]
    shown.stage.phones["resident1"].follows()
    phone = shown.page.locator("[data-key=resident1]")
    phone.locator(".menu").get_by_text("更多").click()
    phone.locator(".menu").get_by_text("我的联络员").click()
    expect(phone.locator(".row.by-passive .words").last).to_have_text("收到 CLICK")
    assert shown.program.got[-1]["EventKey"] == "mine"


def test_the_strip_shows_the_climb(shown: Shown) -> None:
    due = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    issue: dict[str, object] = {
        "no": 12,
        "state": "waiting",
        "tier": "liaison",
        "household": "LY01-502",
        "holder": {"name": "李国强", "role": "liaison", "post": ""},
        "opened_at": datetime.now(UTC).isoformat(),
        "due_at": due,
    }
    shown.issues.append(issue)
    here = shown.page.locator(".issue .here")
    expect(here).to_contain_text("联络员李国强4:")
    issue |= {"tier": "grid", "holder": {"name": "陈敏"}}
    expect(here).to_contain_text("网格陈敏")
    expect(shown.page.locator(".issue .passed")).to_have_text("联络员")
    issue |= {"state": "closed", "due_at": None}
    expect(shown.page.locator(".issue.done .state")).to_have_text("已结束")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 1180), (1440, 900), (1920, 1080)])
def test_nothing_sticks_out_at_any_width(shown: Shown, width: int, height: int) -> None:
    shown.stage.phones["resident1"].follows()
    shown.stage.phones["resident1"].says("水" * 300)
    shown.page.set_viewport_size({"width": width, "height": height})
    expect(shown.page.locator("[data-key=resident1] .row")).to_have_count(3)
    wide = shown.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    line = shown.page.locator("[data-key=resident1] .line").bounding_box()
    assert line is not None
    assert line["x"] >= 0
    assert line["x"] + line["width"] <= width


def test_words_that_got_somebody_ready_are_offered_last(shown: Shown) -> None:
    shown.stage.phones["liaison"].follows()
    chips = shown.page.locator("[data-key=liaison] .chips button")
    expect(chips).to_have_text(["认领 ABCD2345", "待办", "代录 …"])
    chips.first.click()
    expect(chips).to_have_text(["待办", "代录 …", "认领 ABCD2345"])
