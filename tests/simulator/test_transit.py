"""Bad days on the way in, quotas of a day, expired codes, and the way tokens are asked for."""

from __future__ import annotations

import threading
import time

import pytest

from bot.simulator.phones import Clock, MenuIds, Phone, Platform
from bot.simulator.qrcodes import PERMANENT_IN_ALL, QrCode
from bot.simulator.quota import Across, Repeat
from tests.simulator.answering import Answering
from tests.simulator.caller import Caller
from tests.simulator.test_stage import wait_until


def test_a_dropped_message_never_arrives(
    phone: Phone, platform: Platform, program: Answering
) -> None:
    platform.transit.drop(openid=phone.openid)
    other = platform.phone("李姐")
    other.follows()
    assert phone.says("停水了") is None
    assert phone.says("还在吗") == "收到 还在吗"
    assert [got["Content"] for got in program.got] == [None, "还在吗"]


def test_a_delayed_message_arrives_late(phone: Phone, platform: Platform) -> None:
    platform.transit.delay(0.3)
    started = time.monotonic()
    assert phone.says("停水了") == "收到 停水了"
    assert time.monotonic() - started >= 0.3


def test_a_duplicate_is_the_same_message_and_shown_once(
    phone: Phone, platform: Platform, program: Answering
) -> None:
    platform.transit.duplicate()
    phone.says("停水了")
    wait_until(lambda: len(program.got) == 2)
    assert program.got[0]["MsgId"] == program.got[1]["MsgId"]
    assert [bubble.text for bubble in phone.screen].count("收到 停水了") == 1


def test_a_message_is_overtaken_by_the_next(
    phone: Phone, platform: Platform, program: Answering
) -> None:
    platform.transit.reorder()
    assert phone.says("一") is None
    assert phone.says("二") == "收到 二"
    phone.hears("收到 一")
    assert [got["Content"] for got in program.got] == ["二", "一"]
    platform.transit.reorder(seconds=0.1)
    phone.says("三")
    phone.hears("收到 三", within=2)


@pytest.mark.parametrize(
    ("menu_ids", "seen"),
    [(MenuIds.GIVEN, "101"), (MenuIds.MISSING, None), (MenuIds.ZERO, "0")],
)
def test_a_click_may_lose_its_id_but_counts_as_a_click(
    phone: Phone, platform: Platform, program: Answering, menu_ids: MenuIds, seen: str | None
) -> None:
    platform.ledgers[phone.openid].forget()
    platform.transit.menu_ids = menu_ids
    phone.clicks("满意", "101")
    assert program.got[0]["bizmsgmenuid"] == seen
    assert phone.quota_left == 3


def test_two_people_may_be_given_one_number(
    phone: Phone, platform: Platform, program: Answering
) -> None:
    other = platform.phone("李姐")
    other.follows()
    platform.transit.one_msg_id = True
    both = [threading.Thread(target=one.says, args=("喂",)) for one in (phone, other)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    spoken = [got for got in program.got if got["Content"]]
    assert len({got["FromUserName"] for got in spoken}) == 2
    assert len({got["MsgId"] for got in spoken}) == 1
    platform.transit.clear()
    phone.says("好")
    assert program.got[-1]["MsgId"] != spoken[0]["MsgId"]


def test_a_days_calls_are_used_up_until_tomorrow(
    caller: Caller, platform: Platform, phone: Phone, clock: Clock
) -> None:
    platform.daily.limits["message/custom/send"] = 2
    codes = [caller.send(phone.openid, "好")["errcode"] for _ in range(3)]
    assert codes == [0, 0, 45009]
    told = caller.call("openapi/quota/get", cgi_path="/cgi-bin/message/custom/send")["quota"]
    assert told == {"daily_limit": 2, "used": 2, "remain": 0}
    clock.advance(days=1)
    assert caller.send(phone.openid, "好")["errcode"] == 0
    caller.send(phone.openid, "好")
    cleared = [
        caller.call("clear_quota", appid=platform.account.appid)["errcode"] for _ in range(11)
    ]
    assert cleared == [0] * 10 + [48006]
    assert caller.send(phone.openid, "好")["errcode"] == 0


def test_a_strange_address_gets_no_token(caller: Caller, platform: Platform) -> None:
    platform.whitelist = {"203.0.113.7"}
    answer = caller.post("stable_token", caller.credentials())
    assert answer["errcode"] == 40164
    assert "invalid ip 127.0.0.1" in answer["errmsg"]


def test_an_error_on_another_call_meets_only_whom_it_waits_for(
    caller: Caller, platform: Platform, phone: Phone
) -> None:
    platform.faults.errcode(45011, openid=phone.openid, on="user/info")
    token, who = caller.token(), {"openid": phone.openid}
    assert caller.get("user/info", access_token=token, openid="x")["errcode"] == 40003
    assert caller.get("user/info", access_token=token, **who)["errcode"] == 45011
    assert caller.get("user/info", access_token=token, **who)["subscribe"] == 1


def test_an_expired_code_sends_nothing(
    caller: Caller, phone: Phone, program: Answering, clock: Clock
) -> None:
    scene = {"scene": {"scene_str": "home-1"}}
    made = caller.call("qrcode/create", action_name="QR_STR_SCENE", action_info=scene)
    assert made["expire_seconds"] == 60
    phone.scans_code(made["ticket"])
    clock.advance(seconds=60)
    phone.scans_code(made["ticket"])
    assert [got["EventKey"] for got in program.got] == ["home-1"]
    assert phone.screen[-1].text == "该二维码已过期"


def test_an_account_has_so_many_permanent_codes(caller: Caller, platform: Platform) -> None:
    scene = {"scene": {"scene_str": "door-1"}}
    order = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene}
    first = caller.call("qrcode/create", **order)
    assert "expire_seconds" not in first
    for number in range(PERMANENT_IN_ALL - 1):
        platform.codes.put(QrCode(f"t{number}", f"s{number}", "", None))
    assert caller.call("qrcode/create", **order)["ticket"] == first["ticket"]
    another = {"scene": {"scene_str": "door-2"}}
    assert (
        caller.call("qrcode/create", action_name="QR_LIMIT_STR_SCENE", action_info=another)[
            "errcode"
        ]
        == 45029
    )


def test_how_quota_counts_is_switched_for_everybody(phone: Phone, platform: Platform) -> None:
    phone.says("再来")
    assert phone.quota_left == 5
    platform.count_quota(Repeat.ADD, Across.SUM)
    phone.says("再来")
    assert phone.quota_left == 13  # 5 and 5, and 3 of following


def test_a_clock_is_only_moved_on(clock: Clock) -> None:
    before = clock()
    clock.advance(hours=25)
    clock.reach(before)
    assert (clock() - before).total_seconds() == 25 * 3600
    with pytest.raises(ValueError, match="only moved on"):
        clock.advance(hours=-1)
    running = Clock()
    running.advance(days=1)
    assert (running() - Clock()()).total_seconds() == pytest.approx(86400, abs=5)
