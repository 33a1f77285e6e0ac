"""What people do reaches the program as WeChat would bring it, and back."""

from __future__ import annotations

import threading
import time

import pytest

from bot.simulator.phones import Clock, NotFollowing, Phone, Platform, Via
from bot.simulator.traffic import FAULT_NOTICE
from tests.simulator.answering import Answering, Got


@pytest.fixture
def resident(platform: Platform, program: Answering) -> Phone:
    phone = platform.phone("王大爷")
    phone.follows()
    program.got.clear()
    return phone


def test_words_go_out_sealed_and_the_reply_is_shown(
    resident: Phone, program: Answering, platform: Platform
) -> None:
    assert resident.says("停水了 ]]> <b>") == "收到 停水了 ]]> <b>"
    got = program.got[0]
    assert got["FromUserName"] == resident.openid == got.query["openid"]
    assert got["ToUserName"] == platform.account.original_id
    assert got.query["encrypt_type"] == "aes"
    assert len(resident.openid) == 28
    assert [bubble.via for bubble in resident.screen[-2:]] == [Via.OWN, Via.PASSIVE]
    assert platform.violations == []


def test_events_carry_what_wechat_puts_into_them(platform: Platform, program: Answering) -> None:
    phone = platform.phone("李姐")
    phone.follows()
    phone.scans("door-A1")
    phone.taps("progress")
    phone.unfollows()
    phone.scans("door-A1")
    events = [(got["Event"], got["EventKey"], bool(got["Ticket"])) for got in program.got]
    assert events == [
        ("subscribe", "", False),
        ("SCAN", "door-A1", True),
        ("CLICK", "progress", False),
        ("unsubscribe", "", False),
        ("subscribe", "qrscene_door-A1", True),
    ]
    assert [got["MsgId"] for got in program.got] == [None] * 5


def test_a_menu_button_with_an_address_is_a_view(platform: Platform, program: Answering) -> None:
    platform.menu = [{"name": "网页", "type": "view", "url": "https://example.com/"}]
    phone = platform.phone("李姐")
    phone.follows()
    phone.taps("https://example.com/")
    assert program.got[-1]["Event"] == "VIEW"


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        ("image", "PicUrl"),
        ("voice", "MediaId16K"),
        ("video", "ThumbMediaId"),
        ("location", "Location_X"),
        ("link", "Url"),
        ("file", "FileKey"),
    ],
)
def test_other_kinds_have_their_fields(
    resident: Phone, program: Answering, kind: str, tag: str
) -> None:
    resident.sends(kind, **({"FileKey": "k"} if kind == "file" else {}))
    assert program.got[0]["MsgType"] == kind
    assert program.got[0][tag]
    assert program.got[0]["MsgId"]


def test_who_does_not_follow_has_no_chat(platform: Platform, program: Answering) -> None:
    with pytest.raises(NotFollowing):
        platform.phone("过客").says("有人吗")


def test_a_slow_program_gets_the_message_three_times_overlapping(
    resident: Phone, program: Answering, platform: Platform
) -> None:
    at_once, most, guard = [0], [0], threading.Lock()

    def slow(_got: Got) -> None:
        with guard:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.5)
        with guard:
            at_once[0] -= 1

    program.answer = slow
    assert resident.says("停水了") is None
    assert len(program.got) == 3
    assert len({got["MsgId"] for got in program.got}) == 1
    assert len({got["CreateTime"] for got in program.got}) == 1
    assert len({got.query["nonce"] for got in program.got}) == 3
    assert most[0] > 1
    assert resident.screen[-1].text == FAULT_NOTICE
    assert resident.screen[-1].via is Via.FAULT
    assert platform.violations == []


def test_a_program_that_recovers_is_heard(resident: Phone, program: Answering) -> None:
    def second_time(got: Got) -> str:
        if len(program.got) == 1:
            time.sleep(0.5)
        return f"第{len(program.got)}次"

    program.answer = second_time
    assert resident.says("停水了") == "第2次"
    assert FAULT_NOTICE not in [bubble.text for bubble in resident.screen]


def test_no_program_at_all_shows_the_fault_notice(resident: Phone, platform: Platform) -> None:
    platform.webhook = "http://127.0.0.1:9/wechat"
    assert resident.says("停水了") is None
    assert resident.screen[-1].via is Via.FAULT
    assert [one.status for one in platform.deliveries[-1].outcome.attempts] == [None] * 3


def test_the_url_check_wants_the_echo(platform: Platform, program: Answering) -> None:
    program.refuse_checks = 1
    assert not platform.check_url()
    assert platform.check_url()
    assert platform.url_checked


def test_hears_takes_each_bubble_once(resident: Phone, platform: Platform) -> None:
    resident.says("一")
    threading.Timer(0.1, platform.push, (resident.openid, "师傅十分钟到")).start()
    assert resident.hears("师傅", "十分钟") == "师傅十分钟到"
    resident.hears("收到 一")
    resident.hears_nothing_of("收到 一", during=0.05)
    with pytest.raises(AssertionError, match=r"王大爷(.|\n)*师傅十分钟到"):
        resident.hears("师傅", within=0.05)
    platform.push(resident.openid, "师傅走了")
    with pytest.raises(AssertionError, match="师傅走了"):
        resident.hears_nothing_of("走了", during=0.05)


def test_the_quota_follows_what_the_person_did(
    resident: Phone, platform: Platform, clock: Clock
) -> None:
    assert resident.quota_left == 3
    clock.advance(minutes=2)
    assert platform.push(resident.openid, "在吗") == 45015
    resident.clicks("满意", "101")
    assert resident.quota_left == 3
    resident.says("你好")
    assert [platform.push(resident.openid, "好") for _ in range(6)] == [0] * 5 + [45047]
    clock.advance(hours=48)
    assert platform.push(resident.openid, "在吗") == 45015
    resident.says("在")
    resident.unfollows()
    assert platform.push(resident.openid, "在吗") == 45015
    assert platform.push("nobody", "在吗") == 40003
