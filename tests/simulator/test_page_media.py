"""Pictures, voices, films, places and notices on the page, sent and seen in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from bot.simulator.noticefields import LONG_TERM_ID, ONE_TIME_ID, TEMPLATE_ID
from bot.simulator.replies import article
from bot.simulator.samples import FOLDER, quiet_voice, sample
from tests.simulator.caller import Caller
from tests.simulator.page_scene import Shown
from tests.simulator.test_notices import data
from tests.simulator.test_stage import wait_until


@pytest.fixture
def resident(shown: Shown) -> Locator:
    """王秀兰's phone on the page; she follows."""
    shown.stage.phones["resident1"].follows()
    phone = shown.page.locator("[data-key=resident1]")
    expect(phone.locator(".card")).to_be_hidden()
    return phone


def choose(shown: Shown, phone: Locator, kind: str, file: Path | str) -> None:
    phone.locator(".plus").click()
    with shown.page.expect_file_chooser() as chooser:
        phone.locator(f".panel [data-kind={kind}]").first.click()
    chooser.value.set_files(file)


def test_a_picture_is_chosen_sent_and_looked_at(shown: Shown, resident: Locator) -> None:
    choose(shown, resident, "image", FOLDER / "picture.jpg")
    picture = resident.locator(".row.mine .picture img")
    expect(picture).to_be_visible()
    wait_until(lambda: shown.program.got[-1]["MsgType"] == "image")
    got = shown.program.got[-1]
    assert shown.platform.media.by_id[got["MediaId"] or ""].data == sample("image")
    picture.click()
    expect(shown.page.locator("#light img")).to_be_visible()
    shown.page.locator("#light").click(position={"x": 5, "y": 5})
    expect(shown.page.locator("#light")).to_be_hidden()


def test_a_file_that_wechat_cannot_send_is_refused_in_words(
    shown: Shown, resident: Locator, tmp_path: Path
) -> None:
    shown.page.on("dialog", lambda dialog: dialog.accept())
    fake = tmp_path / "film.mp4"
    fake.write_text("no film", "utf-8")
    with shown.page.expect_event("dialog") as told:
        choose(shown, resident, "video", fake)
    assert "MP4" in told.value.message
    expect(resident.locator(".row.mine")).to_have_count(0)
    # The browser itself reports the refusal.
    shown.troubles.clear()


def test_a_voice_is_recorded_while_the_button_is_held(shown: Shown, resident: Locator) -> None:
    resident.locator(".speak").click()
    hold = resident.locator(".hold")
    hold.hover()
    shown.page.mouse.down()
    expect(hold).to_have_text("松开 发送")
    shown.page.wait_for_timeout(1600)
    shown.page.mouse.up()
    voice = resident.locator(".row.mine .voice")
    expect(voice).to_have_text("2″")
    wait_until(lambda: shown.program.got[-1]["MsgType"] == "voice")
    medium = shown.platform.media.by_id[shown.program.got[-1]["MediaId"] or ""]
    assert medium.format.suffix == "amr"
    assert len(medium.played) > 1000
    voice.click()
    expect(voice).to_have_class("words voice playing")
    expect(voice).to_have_class("words voice")


def test_films_places_and_links_have_their_look(shown: Shown, resident: Locator) -> None:
    for kind in ("video", "location", "link"):
        resident.locator(".plus").click()
        resident.locator(f".panel [data-kind={kind}]").last.click()
        expect(resident.locator(f".row.mine[data-kind={kind}]")).to_be_visible()
    expect(resident.locator(".row.mine .place")).to_contain_text("39.9020, 116.6560")
    resident.locator(".film").click()
    expect(shown.page.locator("#light video")).to_be_visible()


def test_what_the_account_sends_is_seen(shown: Shown, resident: Locator) -> None:
    phone, caller = shown.stage.phones["resident1"], Caller(shown.platform, shown.url)
    picture = caller.upload("image", sample("image"))["media_id"]
    voice = caller.upload("voice", quiet_voice(9, b"voice"))["media_id"]
    assert caller.sends(phone.openid, "image", media_id=picture)["errcode"] == 0
    assert caller.sends(phone.openid, "voice", media_id=voice)["errcode"] == 0
    shown.platform.push(phone.openid, article("停水通知", "明天上午", "https://e.com/", None))
    expect(resident.locator(".by-chat .picture img")).to_be_visible()
    expect(resident.locator(".by-chat .voice")).to_have_text("9″")
    expect(resident.locator(".by-chat .news")).to_contain_text("停水通知")
    body = {"touser": phone.openid, "template_id": TEMPLATE_ID, "data": data()}
    assert caller.call("message/template/send", **body)["errcode"] == 0
    notice = resident.locator(".notice")
    expect(notice).to_contain_text("服务通知 · 模板消息")
    expect(notice).to_contain_text("3号楼停水了")


def test_notices_are_allowed_refused_and_blocked(shown: Shown, resident: Locator) -> None:
    phone, notices = shown.stage.phones["resident1"], shown.platform.notices
    ask = shown.page.locator("#consent")
    resident.locator(".plus").click()
    resident.locator(".panel [data-kind=consent]").click()
    ask.locator("label", has_text="服务评价提醒").locator("input").uncheck()
    ask.get_by_text("允许").click()
    wait_until(lambda: (phone.openid, LONG_TERM_ID) in notices.consents)
    assert (phone.openid, ONE_TIME_ID) not in notices.consents
    wait_until(lambda: shown.program.got[-1]["Event"] == "subscribe_msg_popup_event")
    resident.locator(".plus").click()
    resident.locator(".panel [data-kind=consent]").click()
    ask.get_by_text("拒收模板消息").click()
    wait_until(lambda: phone.openid in notices.blocking)
    ask.get_by_text("收回").click()
    wait_until(lambda: (phone.openid, LONG_TERM_ID) not in notices.consents)
