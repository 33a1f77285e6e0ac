"""Odd things in a right envelope: what a person said is kept whatever surrounds it, and nothing
that WeChat has signed is answered but with 200."""

import pytest
from flask.testing import FlaskClient

from bot.bootstrap import Bot
from bot.wechat import misfits
from bot.wechat.callback import ANOTHER_ACCOUNT, JSON, NO_KEY, NOT_SEALED
from tests.web.conftest import served
from tests.web.posts import rows, sent, staff_the_top
from tests.wechat.envelopes import APPID, OLD_KEY, plain_query, posted, posted_plain, shown

USUAL = {
    "ToUserName": "gh_1",
    "FromUserName": "oResident",
    "CreateTime": "1793671200",
    "MsgType": "text",
    "Content": "楼道灯坏了",
    "MsgId": "6349323426230210995",
}


def xml(**changed: str | None) -> str:
    """A message with these fields changed; None leaves one out."""
    fields = {**USUAL, **changed}
    inside = "".join(f"<{n}><![CDATA[{v}]]></{n}>" for n, v in fields.items() if v is not None)
    return f"<xml>{inside}</xml>"


def event(name: str, inside: str = "", **fields: str) -> str:
    made = xml(MsgType="event", Event=name, Content=None, MsgId=None, **fields)
    return made.replace("</xml>", f"{inside}</xml>")


WORDS: dict[str, str | bytes] = {
    "no MsgId": xml(MsgId=None),
    "a huge MsgId": xml(MsgId="9" * 10_000),
    "a MsgId below nothing": xml(MsgId="-5"),
    "a MsgId of letters": xml(MsgId="abc"),
    "a time before all times": xml(CreateTime="-1"),
    "a time after all times": xml(CreateTime="9" * 40),
    "a broken time": xml(CreateTime="1793671200.5"),
    "a time in other digits": xml(CreateTime="١٧٩٣٦٧١٢٠٠"),
    "no time": xml(CreateTime=None),
    "the end of CDATA in the words": xml(Content="a]]>b 灯坏了"),
    "CDATA parted and joined": xml(Content="a]]]]><![CDATA[>b 灯坏了"),
    "a namespace": xml().replace("<xml>", '<xml xmlns="urn:x">'),
    "two Contents": xml().replace("</xml>", "<Content>第二</Content></xml>"),
    "two senders": xml().replace("</xml>", "<FromUserName>oOther</FromUserName></xml>"),
    "no account": xml(ToUserName=None),
    "the longest sender": xml(FromUserName="o" * 128),
    "nothing in the sender": xml(FromUserName="o\0x"),
    "control characters": xml(Content="\x01灯\x08坏\x00了\x1f"),
    "no type": xml(MsgType=None),
    "a type without end": xml(MsgType="t" * 9000),
    "a type in capitals": xml(MsgType="TEXT"),
    "words without end": xml(Content="灯" * 13_000),
    "another encoding claimed": f'<?xml version="1.0" encoding="UTF-16"?>{xml()}',
    "a byte order mark": "\ufeff" + xml(),
    "a comment": xml().replace("<Content>", "<!-- a --><Content>"),
    "an attribute": xml().replace("<Content>", '<Content a="1">'),
    "bytes that are no text": xml().encode().replace("灯".encode(), b"\xff\xfe"),
    "a picture without id": xml(MsgType="image", Content=None),
    "a picture with a script": xml(MsgType="image", MediaId="m", PicUrl="javascript:alert(1)"),
    "a place that is nowhere": xml(MsgType="location", Location_X="NaN", Location_Y="1e999"),
    "a link without end": xml(MsgType="link", Url="javascript:x", Description="d" * 30_000),
    "a menu id without end": xml(bizmsgmenuid="9" * 5000),
}

NOTHING_SAID: dict[str, str | bytes] = {
    "no words": xml(Content=None),
    "empty words": xml(Content=""),
    "spaces": xml(Content=" \n "),
    "no sender": xml(FromUserName=None),
    "a sender of spaces": xml(FromUserName="  "),
    "a sender without end": xml(FromUserName="o" * 129),
    "a prefix": xml().replace("<xml>", '<x:xml xmlns:x="u">').replace("</xml>", "</x:xml>"),
    "a DTD": f'<!DOCTYPE a [<!ENTITY b "c">]>{xml()}',
    "elements without end": xml().replace("<xml>", "<xml>" + "<a>" * 30 + "</a>" * 30),
    "nothing": "",
    "an empty message": "<xml/>",
    "JSON": '{"MsgType": "text"}',
    "a page": "<html></html>",
    "bytes": b"\xff\xfe\x00",
    "an event without name": event(""),
    "an event without end": event("e" * 9000),
    "an ending without number": event("TEMPLATESENDJOBFINISH", "<Status>success</Status>"),
    "an ending without end": event(
        "TEMPLATESENDJOBFINISH", f"<MsgID>{'9' * 4000}</MsgID><Status>{'x' * 9000}</Status>"
    ),
    "an answer to nothing": event("subscribe_msg_popup_event"),
    "a thousand answers": event(
        "subscribe_msg_popup_event",
        "<SubscribeMsgPopupEvent>"
        + "<List><TemplateId>T</TemplateId></List>" * 1000
        + "</SubscribeMsgPopupEvent>",
    ),
    "a code without end": event(
        "subscribe_msg_sent_event",
        "<SubscribeMsgSentEvent><List><TemplateId>T</TemplateId><MsgID>1</MsgID>"
        f"<ErrorCode>{'9' * 20}</ErrorCode></List></SubscribeMsgSentEvent>",
    ),
}


def from_somebody(inner: str | bytes, number: int) -> bytes:
    """The same from a person of their own."""
    made = inner if isinstance(inner, bytes) else inner.encode()
    return made.replace(b"oResident", f"oResident{number}".encode())


def test_what_was_said_is_kept_once(bot: Bot, client: FlaskClient) -> None:
    staff_the_top(bot)
    for number, (name, inner) in enumerate(WORDS.items(), 1):
        post = posted(from_somebody(inner, number))
        first = sent(client, *post)
        assert first.status_code == 200, name
        assert "收到了" in shown(first.data)["Content"], name
        assert shown(sent(client, *post).data)["Content"] == shown(first.data)["Content"], name
        assert len(rows(bot, "select no from issues")) == number, name
        assert len(rows(bot, "select id from messages")) == number, name


def test_where_nobody_says_anything_nothing_is_shown(bot: Bot, client: FlaskClient) -> None:
    for number, (name, inner) in enumerate(NOTHING_SAID.items()):
        answer = sent(client, *posted(from_somebody(inner, number)))
        assert (answer.status_code, answer.data) == (200, b"success"), name
    assert rows(bot, "select no from issues") == []


@pytest.mark.parametrize(("size", "status"), [(65_535, 200), (65_536, 200), (65_537, 400)])
def test_a_body_may_have_64_kilobytes(client: FlaskClient, size: int, status: int) -> None:
    args, body = posted(xml())
    padded = body.replace(b"</xml>", b" " * (size - len(body)) + b"</xml>")
    assert len(padded) == size
    assert sent(client, args, padded).status_code == status


def test_the_key_may_change_between_two_messages(bot: Bot, client: FlaskClient) -> None:
    """The console changes it while messages are under way: both keys open, each answers itself."""
    staff_the_top(bot)
    old = sent(client, *posted(xml(MsgId="1"), OLD_KEY))
    assert "收到了" in shown(old.data, OLD_KEY)["Content"]
    new = sent(client, *posted(xml(MsgId="2", Content="还没亮")))
    assert "#1" in shown(new.data)["Content"]
    repeat = sent(client, *posted(xml(MsgId="1")))  # of the first, under the new key
    assert "收到了" in shown(repeat.data)["Content"]
    strange = "B" * 42 + "A"
    assert sent(client, *posted(xml(MsgId="3"), strange)).data == b"success"
    assert sent(client, *posted(xml(MsgId="4"), appid="wxother")).data == b"success"
    assert len(rows(bot, "select id from messages")) == 2


@pytest.mark.parametrize(
    ("post", "why"),
    [
        (posted(xml(), "B" * 42 + "A"), NO_KEY),
        (posted(xml(), appid="wxother"), ANOTHER_ACCOUNT),
        ((plain_query(), b'{"MsgType": "text"}'), JSON),
        (posted_plain(xml()), NOT_SEALED),
        (({**plain_query(), "signature": "0" * 40}, xml().encode()), None),
        (({"msg_signature": "0" * 40, "timestamp": "1", "nonce": "2"}, b"{}"), None),
        ((plain_query(), b"rubbish"), None),
    ],
)
def test_what_our_settings_do_not_fit_is_noted_for_the_operator(
    bot: Bot, client: FlaskClient, post: tuple[dict[str, str], bytes], why: str | None
) -> None:
    sent(client, *post)
    found = misfits.noted(bot.redis, APPID)
    assert (found.why if found else None) == why
    with served(bot):  # started again
        assert misfits.noted(bot.redis, APPID) is None
