"""Template messages and subscription notices: fields, consents, endings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.simulator.noticefields import (
    FIELDS,
    LONG_TERM_ID,
    ONE_TIME_ID,
    TEMPLATE_ID,
    Lasting,
    Template,
)
from bot.simulator.phones import Clock, Phone, Platform, Via
from tests.simulator.answering import Answering
from tests.simulator.caller import Caller
from tests.simulator.test_stage import wait_until

RIGHT = {
    "character_string1": "No.12",
    "thing2": "3号楼停水了",
    "phrase3": "等答复",
    "time4": "2026年3月2日 09:00",
}


def data(**changes: str) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in {**RIGHT, **changes}.items()}


@pytest.fixture
def send(caller: Caller, phone: Phone) -> Callable[..., Any]:
    """A template message to the phone; what is given overrides what is right."""

    def send(**more: object) -> Any:
        body = {"touser": phone.openid, "template_id": TEMPLATE_ID, "data": data(), **more}
        return caller.call("message/template/send", **body)

    return send


@pytest.fixture
def notify(caller: Caller, phone: Phone) -> Callable[..., Any]:
    """A subscription notice to the phone."""

    def notify(template_id: str = LONG_TERM_ID, **more: object) -> Any:
        body = {"touser": phone.openid, "template_id": template_id, "data": data(), **more}
        return caller.call("message/subscribe/bizsend", **body)

    return notify


def test_a_template_message_is_shown_and_its_end_is_told(
    send: Callable[..., Any], phone: Phone, program: Answering, clock: Clock
) -> None:
    clock.advance(hours=49)
    answer = send(url="https://example.com/12")
    assert answer["errcode"] == 0
    seen = phone.sees("notice", "诉求编号：No.12", "3号楼停水了")
    assert (seen.via, seen.more["url"]) == (Via.TEMPLATE, "https://example.com/12")
    wait_until(lambda: len(program.got) == 1)
    got = program.got[0]
    ended = (got["Event"], got["MsgID"], got["Status"])
    assert ended == ("TEMPLATESENDJOBFINISH", str(answer["msgid"]), "success")
    assert phone.quota_left == 0


@pytest.mark.parametrize("spelling", ["failed:user block", "failed: user block"])
def test_a_person_who_blocks_sees_nothing(
    send: Callable[..., Any], phone: Phone, program: Answering, platform: Platform, spelling: str
) -> None:
    platform.notices.blocking.add(phone.openid)
    platform.notices.block_spelling = spelling
    assert send()["errcode"] == 0
    wait_until(lambda: len(program.got) == 1)
    assert program.got[0]["Status"] == spelling
    phone.hears_nothing_of("停水", during=0)


def test_the_system_may_fail(
    send: Callable[..., Any], phone: Phone, program: Answering, platform: Platform
) -> None:
    platform.notices.fail_next = 1
    assert send()["errcode"] == 0
    wait_until(lambda: len(program.got) == 1)
    assert program.got[0]["Status"] == "failed: system failed"
    phone.hears_nothing_of("停水", during=0)
    send()
    assert phone.hears("停水")


def test_one_client_msg_id_is_sent_once_in_ten_minutes(
    send: Callable[..., Any], phone: Phone, clock: Clock
) -> None:
    first = send(client_msg_id="a")
    assert send(client_msg_id="a") == first
    assert phone.hears("停水")
    phone.hears_nothing_of("停水", during=0)
    assert send(client_msg_id="b")["msgid"] != first["msgid"]
    clock.advance(minutes=10)
    assert send(client_msg_id="a")["msgid"] != first["msgid"]


def test_what_a_template_message_may_not_be(
    send: Callable[..., Any], phone: Phone, caller: Caller
) -> None:
    assert send(touser="")["errcode"] == 41009
    assert send(touser="o-nobody")["errcode"] == 40003
    assert send(template_id=LONG_TERM_ID)["errcode"] == 40037
    wrong = send(data=data(thing2="水" * 21))
    assert wrong["errcode"] == 47003
    assert "data.thing2.value invalid" in wrong["errmsg"]
    assert "data.time4.value is empty" in send(data=data(time4=" "))["errmsg"]
    assert send(data={})["errcode"] == 47003
    phone.unfollows()
    assert send()["errcode"] == 43004


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("thing1", "水" * 20, "水" * 21),
        ("number1", "12.5", "十二"),
        ("letter1", "ABc", "A1"),
        ("symbol1", "!@", "ab"),
        ("character_string1", "No-12", "第12号"),
        ("time1", "2026年3月2日 09:00", "明天"),
        ("time1", "15:01", "下午三点"),
        ("date1", "2026-03-02", "3月"),
        ("amount1", "¥12.50元", "很多"),
        ("phone_number1", "+86-13800000000", "电话"),
        ("car_number1", "京A12345", "京A1234567"),
        ("name1", "王秀兰", "王秀兰" * 4),
        ("phrase1", "等答复", "in hand"),
        ("phrase1", "正在处理", "正在处理之中"),
        ("enum1", "满意", "还行"),
    ],
)
def test_each_kind_of_field_has_its_limits(name: str, right: str, wrong: str) -> None:
    listed = {"enum1": ("满意", "不满意")}
    template = Template("t", "提醒", {name: "一栏"}, listed=listed)
    assert template.read({name: {"value": right}}) == [["一栏", right]]
    assert template.read({name: {"value": wrong}}) == f"data.{name}.value invalid"
    assert template.read({name: {"value": ""}}) == f"data.{name}.value is empty"


def test_the_templates_are_listed_with_their_fields(caller: Caller) -> None:
    found = caller.get("template/get_all_private_template", access_token=caller.token())
    (one,) = found["template_list"]
    assert one["template_id"] == TEMPLATE_ID
    assert "{{thing2.DATA}}" in one["content"]
    beside = caller.get("../wxaapi/newtmpl/gettemplate", access_token=caller.token())["data"]
    assert [(item["priTmplId"], item["type"]) for item in beside] == [
        (LONG_TERM_ID, 3),
        (ONE_TIME_ID, 2),
    ]


def test_a_long_term_consent_lasts_until_it_is_taken_back(
    notify: Callable[..., Any], phone: Phone, program: Answering
) -> None:
    assert notify()["errcode"] == 43101
    phone.consents(LONG_TERM_ID, refusing=[ONE_TIME_ID])
    event = program.got[0].fields.part("SubscribeMsgPopupEvent")
    told = [(one.get("TemplateId"), one.get("SubscribeStatusString")) for one in event.below]
    assert told == [(LONG_TERM_ID, "accept"), (ONE_TIME_ID, "reject")]
    assert [notify()["errcode"] for _ in range(3)] == [0, 0, 0]
    assert phone.sees("notice").via is Via.SUBSCRIPTION
    wait_until(lambda: len(program.got) == 4)
    sent = program.got[-1].fields.part("SubscribeMsgSentEvent").part("List")
    assert (sent.get("ErrorCode"), sent.get("ErrorStatus")) == ("0", "success")
    phone.revokes(LONG_TERM_ID)
    change = program.got[-1].fields.part("SubscribeMsgChangeEvent").part("List")
    assert change.get("SubscribeStatusString") == "reject"
    assert notify()["errcode"] == 43101


def test_a_one_time_consent_is_good_for_one_notice_without_following(
    notify: Callable[..., Any], phone: Phone, platform: Platform
) -> None:
    values = {"thing1": {"value": "电梯维修"}, "time2": {"value": "15:01"}}
    phone.consents(ONE_TIME_ID)
    phone.consents(ONE_TIME_ID)
    phone.unfollows()
    codes = [notify(ONE_TIME_ID, data=values)["errcode"] for _ in range(3)]
    assert codes == [0, 0, 43101]
    assert phone.hears("电梯维修")
    assert notify(TEMPLATE_ID)["errcode"] == 40037
    assert platform.notices.ended[0].template.lasting is Lasting.ONE_TIME


def test_only_the_first_popup_is_told_unless_told_to(
    phone: Phone, program: Answering, platform: Platform
) -> None:
    phone.consents(LONG_TERM_ID)
    phone.consents(ONE_TIME_ID)
    assert len(program.got) == 1
    platform.notices.every_popup_told = True
    phone.consents(ONE_TIME_ID)
    assert len(program.got) == 2


def test_two_notices_at_once_to_one_person_collide(
    notify: Callable[..., Any], phone: Phone, platform: Platform
) -> None:
    phone.consents(LONG_TERM_ID)
    platform.notices.busy_for = 0.4
    codes: list[int] = []
    both = [threading.Thread(target=lambda: codes.append(notify()["errcode"])) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(codes) == [0, 43108]
    assert notify()["errcode"] == 0
    assert set(FIELDS) == set(RIGHT)
