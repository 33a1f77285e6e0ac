"""WeChat's API as a program meets it: tokens, sending, codes, menu, bad days."""

from __future__ import annotations

import json
import threading
import time

import pytest
import requests

from bot.simulator.phones import Clock, Phone, Platform
from tests.simulator.answering import Answering
from tests.simulator.caller import Caller


def test_words_arrive_as_sent_and_cost_quota(caller: Caller, phone: Phone) -> None:
    assert caller.send(phone.openid, "师傅 <b>到</b> 😀") == {"errcode": 0, "errmsg": "ok"}
    assert phone.hears("师傅") == "师傅 <b>到</b> 😀"
    assert phone.quota_left == 4


def test_the_stable_token_stays_until_its_last_five_minutes(
    caller: Caller, platform: Platform, clock: Clock
) -> None:
    first = caller.token()
    clock.advance(seconds=7200 - 301)
    assert caller.token() == first
    clock.advance(seconds=2)
    second = caller.token()
    assert second != first
    assert caller.get("getcallbackip", access_token=first)["ip_list"]
    clock.advance(minutes=5)
    assert caller.get("getcallbackip", access_token=first)["errcode"] == 42001
    assert caller.get("getcallbackip", access_token=second)["ip_list"]
    assert platform.counts["stable_token"] == 3


def test_the_plain_token_dies_five_minutes_after_the_next(caller: Caller, clock: Clock) -> None:
    stable = caller.token()
    first = caller.get("token", **caller.credentials())["access_token"]
    second = caller.get("token", **caller.credentials())["access_token"]
    assert first != second
    assert caller.get("getcallbackip", access_token=first)["ip_list"]
    clock.advance(minutes=5, seconds=1)
    assert caller.get("getcallbackip", access_token=first)["errcode"] == 42001
    assert caller.get("getcallbackip", access_token=second)["ip_list"]
    assert caller.get("getcallbackip", access_token=stable)["ip_list"]


def test_forcing_a_token_has_two_limits(caller: Caller, clock: Clock) -> None:
    forced = caller.credentials(force_refresh=True)
    first = caller.token()
    assert caller.post("stable_token", forced)["access_token"] != first
    assert caller.post("stable_token", forced)["errcode"] == 45011
    for _ in range(19):
        clock.advance(seconds=30)
        assert "access_token" in caller.post("stable_token", forced)
    clock.advance(seconds=30)
    assert caller.post("stable_token", forced)["errcode"] == 45009


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"appid": "wx0"}, 40013),
        ({"appid": ""}, 41002),
        ({"secret": "no"}, 40125),
        ({"secret": ""}, 41004),
        ({"grant_type": "x"}, 40002),
    ],
)
def test_wrong_credentials(caller: Caller, change: dict[str, str], code: int) -> None:
    assert caller.post("stable_token", caller.credentials(**change))["errcode"] == code
    assert caller.get("token", **caller.credentials(**change))["errcode"] == code


def test_tokens_that_are_absent_unknown_or_forgotten(
    caller: Caller, platform: Platform, phone: Phone
) -> None:
    assert caller.post("message/custom/send", {})["errcode"] == 41001
    assert caller.send(phone.openid, "好", token="79_made_up")["errcode"] == 40001
    token = caller.token()
    platform.tokens.forget()
    assert caller.send(phone.openid, "好", token=token)["errcode"] == 40001


def test_what_may_not_be_sent(caller: Caller, phone: Phone) -> None:
    token = caller.token()
    assert caller.send("o-nobody", "好")["errcode"] == 40003
    assert caller.send(phone.openid, "")["errcode"] == 44004
    assert caller.send(phone.openid, "水" * 683)["errcode"] == 45002
    assert caller.send(phone.openid, "水" * 682 + "ab")["errcode"] == 0
    assert caller.post("message/custom/send", b"{", token)["errcode"] == 47001
    assert caller.post("message/custom/send", b"[]", token)["errcode"] == 47001
    poem = {"touser": phone.openid, "msgtype": "poem"}
    assert caller.post("message/custom/send", poem, token)["errcode"] == 40008


def test_unicode_escapes_are_refused_but_a_typed_backslash_is_not(
    caller: Caller, phone: Phone
) -> None:
    body = {"touser": phone.openid, "msgtype": "text", "text": {"content": "水"}}
    escaped = json.dumps(body).encode()
    assert caller.post("message/custom/send", escaped, caller.token())["errcode"] == 40033
    assert caller.send(phone.openid, r"typed \u6c34")["errcode"] == 0
    assert phone.hears("typed") == r"typed \u6c34"


def test_a_msgmenu_shows_links(caller: Caller, phone: Phone) -> None:
    lines = [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]
    menu = {"head_content": "满意吗？", "list": lines, "tail_content": "谢谢"}
    body = {"touser": phone.openid, "msgtype": "msgmenu", "msgmenu": menu}
    assert caller.post("message/custom/send", body, caller.token())["errcode"] == 0
    words = phone.hears("满意吗？", "谢谢")
    assert "weixin://bizmsgmenu?msgmenucontent=%E6%BB%A1%E6%84%8F&msgmenuid=101" in words


def test_a_code_made_by_the_api_is_followed_with_its_ticket(
    caller: Caller, platform: Platform, program: Answering, clock: Clock
) -> None:
    scene = {"scene": {"scene_str": "door-A1"}}
    order = {"action_name": "QR_STR_SCENE", "action_info": scene, "expire_seconds": 600}
    made = caller.post("qrcode/create", order, caller.token())
    assert made["expire_seconds"] == 600
    picture = requests.get(caller.url + "showqrcode", {"ticket": made["ticket"]}, timeout=5)
    assert picture.content.startswith(b"\x89PNG")
    platform.phone("一").scans("door-A1")
    assert program.got[-1]["Ticket"] == made["ticket"]
    clock.advance(seconds=601)
    platform.phone("二").scans("door-A1")
    assert program.got[-1]["Ticket"] != made["ticket"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"action_name": "QR"}, 40099),
        ({"action_name": "QR_LIMIT_STR_SCENE"}, 40053),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}}, 40053),
        (
            {
                "action_name": "QR_SCENE",
                "action_info": {"scene": {"scene_id": 1}},
                "expire_seconds": 2_592_001,
            },
            40058,
        ),
    ],
)
def test_codes_that_cannot_be_made(caller: Caller, order: dict[str, object], code: int) -> None:
    assert caller.post("qrcode/create", order, caller.token())["errcode"] == code


def test_user_info(caller: Caller, platform: Platform, phone: Phone) -> None:
    token = caller.token()
    known = caller.get("user/info", access_token=token, openid=phone.openid)
    assert (known["subscribe"], known["nickname"]) == (1, "")
    phone.unfollows()
    gone = caller.get("user/info", access_token=token, openid=phone.openid)
    assert gone == {"subscribe": 0, "openid": phone.openid}
    assert caller.get("user/info", access_token=token, openid="x")["errcode"] == 40003


def test_the_menu(caller: Caller, platform: Platform) -> None:
    token = caller.token()
    assert caller.get("menu/get", access_token=token)["errcode"] == 46003
    menu = {"button": [{"name": "进度", "type": "click", "key": "progress"}]}
    assert caller.post("menu/create", menu, token)["errcode"] == 0
    assert caller.get("menu/get", access_token=token)["menu"] == menu
    long_name = {"button": [{"name": "六个汉字太长", "type": "click", "key": "k"}]}
    assert caller.post("menu/create", long_name, token)["errcode"] == 40018
    no_key = {"button": [{"name": "进度", "type": "click"}]}
    assert caller.post("menu/create", no_key, token)["errcode"] == 40019
    four = {"button": menu["button"] * 4}
    assert caller.post("menu/create", four, token)["errcode"] == 40016


def test_an_error_code_on_order_meets_only_whom_it_waits_for(
    caller: Caller, platform: Platform, phone: Phone
) -> None:
    other = platform.phone("李姐")
    other.follows()
    platform.faults.errcode(45047, times=2, openid=phone.openid)
    assert caller.send(other.openid, "好")["errcode"] == 0
    codes = [caller.send(phone.openid, "好")["errcode"] for _ in range(3)]
    assert codes == [45047, 45047, 0]


def test_an_answer_lost_after_acceptance(caller: Caller, platform: Platform, phone: Phone) -> None:
    token = caller.token()
    platform.faults.lose_answer()
    with pytest.raises(requests.ConnectionError):
        caller.send(phone.openid, "到了吗", token)
    assert phone.hears("到了吗")
    assert caller.send(phone.openid, "再来", token)["errcode"] == 0


def test_a_hanging_call_does_nothing(caller: Caller, platform: Platform, phone: Phone) -> None:
    token = caller.token()
    platform.faults.hang(0.2)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        caller.send(phone.openid, "丢了", token)
    assert time.monotonic() - started >= 0.2
    phone.hears_nothing_of("丢了", during=0.05)


def test_pages_instead_of_json(caller: Caller, platform: Platform, phone: Phone) -> None:
    url = caller.url + "message/custom/send"
    platform.faults.status(502)
    platform.faults.html()
    answers = [requests.post(url, data=b"{}", timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [502, 200, 200]
    assert [answer.text.startswith("<html>") for answer in answers] == [True, True, False]


def test_many_send_at_once_and_the_quota_holds(caller: Caller, phone: Phone) -> None:
    token, codes = caller.token(), list[int]()
    send = lambda: codes.append(caller.send(phone.openid, "好", token)["errcode"])  # noqa: E731
    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0] * 5 + [45047] * 15
