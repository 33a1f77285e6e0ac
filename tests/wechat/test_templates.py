"""Template messages and subscription notices: their fields, their repeats, what became of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.outcome import Refused, Sent, TryLater, Unknown
from bot.wechat.client import WeChat
from bot.wechat.template_fields import fit, fitted
from bot.wechat.words import beginning, clean

from .platform import SUBSCRIPTION, TEMPLATE, Page, Platform, Trouble

FIELDS = {"thing1": "三号楼二单元电梯坏了，王大爷困在里面出不来", "phrase2": "待处理"}


@pytest.mark.parametrize(
    ("kind", "text", "becomes"),
    [
        ("thing", "电梯坏了", "电梯坏了"),
        (
            "thing",
            "一二三四五六七八九十一二三四五六七八九十",
            "一二三四五六七八九十一二三四五六七八九十",
        ),
        (
            "thing",
            "一二三四五六七八九十一二三四五六七八九十一",
            "一二三四五六七八九十一二三四五六七八九…",
        ),
        ("thing", "停水了\n什么时候\r\n来水\t？", "停水了 什么时候 来水 ？"),
        ("thing", "", "-"),
        ("thing", " \n\x01", "-"),
        ("thing", "👍" * 11, "👍" * 9 + "…"),
        ("thing", "停" * 18 + "👍🏽好", "停" * 18 + "…"),
        ("short_thing", "一二三四五六", "一二三四…"),
        ("number", "12 件", "12"),
        ("number", "1" * 40, "1" * 32),
        ("letter", "abc12", "abc"),
        ("symbol", "######", "#####"),
        ("character_string", "工单#12", "#12"),
        ("character_string", "x" * 33, "x" * 32),
        ("character_string", "工单", "-"),
        ("phone_number", "电话 13800000001", "13800000001"),
        ("car_number", "粤A12345678", "粤A123456"),
        ("name", "欧阳娜娜娜娜娜娜娜娜娜", "欧阳娜娜娜娜娜娜娜娜"),
        ("name", "Alexander Hamilton Junior", "Alexander Hamilton J"),
        ("phrase", "待处理！", "待处理"),
        ("phrase", "已经办结完成", "已经办结完"),
        ("time", "2026年11月3日 10:00", "2026年11月3日 10:00"),
        ("amount", "￥12.50", "￥12.50"),
        (
            "enum",
            "一二三四五六七八九十一二三四五六七八九十一",
            "一二三四五六七八九十一二三四五六七八九十一",
        ),
        ("keyword", "停水了", "停水了"),
    ],
)
def test_a_field_is_cut_to_its_kind(kind: str, text: str, becomes: str) -> None:
    assert fit(kind, text) == becomes


def test_a_fields_kind_is_its_name_without_number() -> None:
    assert fitted({"thing12": "一" * 30, "number3": "3 件"}) == {
        "thing12": {"value": "一" * 19 + "…"},
        "number3": {"value": "3"},
    }


@given(st.text(max_size=60), st.sampled_from(["thing", "name", "phrase", "character_string"]))
def test_no_field_is_ever_empty_too_long_or_of_two_lines(text: str, kind: str) -> None:
    most = {"thing": 20, "name": 20, "phrase": 5, "character_string": 32}[kind]
    value = fit(kind, text)
    assert value.strip()
    assert len(value.encode("utf-16-le")) // 2 <= most
    assert not set(value) & set("\r\n\t\x00")
    assert fit(kind, value) == value or value.endswith("…") or value == "-"


@given(st.text(max_size=30), st.integers(min_value=2, max_value=20))
def test_a_beginning_is_one_and_fits(text: str, most: int) -> None:
    words = clean(text)
    found = beginning(words, most)
    assert words.startswith(found)
    assert len(found.encode("utf-16-le")) // 2 <= most
    assert bool(found) == bool(words)


def test_a_template_message_goes_out_cut_and_named(platform: Platform, wechat: WeChat) -> None:
    became = wechat.send_template("oA", "TPL", FIELDS, "notice-7", "https://example.cn/me")
    assert became == Sent("200163841")
    assert platform.calls[TEMPLATE] == [
        {
            "touser": "oA",
            "template_id": "TPL",
            "url": "https://example.cn/me",
            "data": {
                "thing1": {"value": "三号楼二单元电梯坏了，王大爷困在里面出…"},
                "phrase2": {"value": "待处理"},
            },
            "client_msg_id": "notice-7",
        }
    ]
    assert b"\\u" not in platform.bodies[-1]


@pytest.mark.parametrize("trouble", [Trouble.HANG, Trouble.RESET, Trouble.CLOSE, Trouble.HALF])
def test_a_lost_answer_is_asked_for_again_and_wechat_sends_once(
    platform: Platform, impatient: WeChat, trouble: Trouble
) -> None:
    platform.plan(TEMPLATE, trouble)
    assert impatient.send_template("oA", "TPL", FIELDS, "notice-7") == Sent()
    first, again = platform.calls[TEMPLATE]
    assert first == again


def test_a_message_that_was_not_taken_goes_with_the_second_ask(
    platform: Platform, wechat: WeChat
) -> None:
    platform.plan(TEMPLATE, Page(502))
    assert wechat.send_template("oA", "TPL", FIELDS, "notice-7") == Sent("200163841")


def test_who_gets_no_answer_twice_does_not_know(platform: Platform, wechat: WeChat) -> None:
    platform.plan(TEMPLATE, Trouble.CLOSE, Trouble.CLOSE)
    assert isinstance(wechat.send_template("oA", "TPL", FIELDS, "a"), Unknown)
    platform.plan(TEMPLATE, Trouble.CLOSE, Page(503))
    assert isinstance(wechat.send_template("oA", "TPL", FIELDS, "b"), Unknown)
    assert len(platform.calls[TEMPLATE]) == 4


@pytest.mark.parametrize(
    ("code", "about"),
    [(43004, "person"), (47003, "service"), (40037, "service"), (40164, "account")],
)
def test_refusals_are_told_as_such(
    platform: Platform, wechat: WeChat, code: int, about: str
) -> None:
    platform.plan(TEMPLATE, {"errcode": code, "errmsg": "argument invalid! data.thing1.value"})
    platform.plan(SUBSCRIPTION, {"errcode": code, "errmsg": "no"})
    for became in (
        wechat.send_template("oA", "TPL", FIELDS, "n"),
        wechat.send_subscription("oA", "TPL", FIELDS),
    ):
        assert isinstance(became, Refused)
        assert (became.about, became.code) == (about, code)


def test_a_subscription_notice_is_sent_once_whatever_becomes_of_it(
    platform: Platform, wechat: WeChat
) -> None:
    became = wechat.send_subscription("oA", "SUB", {"thing1": ""}, "https://example.cn/me")
    assert became == Sent()
    assert json.loads(platform.bodies[-1]) == {
        "touser": "oA",
        "template_id": "SUB",
        "page": "https://example.cn/me",
        "data": {"thing1": {"value": "-"}},
    }
    platform.plan(SUBSCRIPTION, {"errcode": 0, "msgid": 1700827132819554304})
    assert wechat.send_subscription("oA", "SUB", {}) == Sent("1700827132819554304")
    platform.plan(SUBSCRIPTION, Trouble.CLOSE)
    assert isinstance(wechat.send_subscription("oA", "SUB", {}), Unknown)
    assert len(platform.calls[SUBSCRIPTION]) == 3
    for code, kind in ((43101, Refused), (43108, TryLater), (43107, Refused)):
        platform.plan(SUBSCRIPTION, {"errcode": code, "errmsg": "no"})
        assert isinstance(wechat.send_subscription("oA", "SUB", {}), kind)
