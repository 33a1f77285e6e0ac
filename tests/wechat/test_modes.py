"""The three ways WeChat sends: what is believed in each, what is refused, how it is answered."""

import pytest
from wechatpy import parse_message

from bot.wechat.callback import (
    ANOTHER_ACCOUNT,
    JSON,
    LARGEST,
    NO_KEY,
    SEALED,
    SUCCESS,
    BadSignature,
    Callback,
    Mode,
    NotAnEnvelope,
)

from .envelopes import (
    APPID,
    CALLBACK,
    KEY,
    NOW,
    OLD_KEY,
    TOKEN,
    VECTORS,
    captured,
    plain_query,
    posted,
    posted_both,
    posted_plain,
    query,
    shown,
    shown_plain,
    text_message,
)

PLAIN = Callback(TOKEN, APPID, (), Mode.PLAIN)
COMPATIBLE = Callback(TOKEN, APPID, (KEY, OLD_KEY), Mode.COMPATIBLE)
WORDS = text_message("停水了")
FORGED = text_message("我是张三", openid="oSomebodyElse")
JSON_BODIES = [
    b'{"ToUserName":"gh_1","FromUserName":"oA","MsgType":"text","Content":"x"}',
    b' \r\n{"ToUserName":"gh_1","Encrypt":"abc"}',
    b'\xef\xbb\xbf{"Encrypt":"abc"}',
    b"[]",
]


def test_plain_mode_reads_and_answers_in_the_clear() -> None:
    opened = PLAIN.open(*posted_plain(WORDS), NOW)
    assert opened.said is not None
    assert (opened.said.openid, opened.said.text) == ("oResident", "停水了")
    answer = PLAIN.reply(opened, "收到 ]]> & <b>", NOW)
    assert parse_message(answer).content == "收到 ]]> & <b>"
    reply = shown_plain(answer)
    assert reply["Content"] == "收到 ]]> & <b>"
    assert (reply["ToUserName"], reply["FromUserName"]) == ("oResident", "gh_1")
    assert PLAIN.reply(opened, " ", NOW) == SUCCESS


def test_plain_mode_takes_the_published_query() -> None:
    callback = Callback("AAAAA", APPID, (), Mode.PLAIN)
    args = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    assert callback.open(args, WORDS.encode(), NOW).said is not None
    with pytest.raises(BadSignature):
        callback.open(args | {"nonce": "1"}, WORDS.encode(), NOW)


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
def test_plain_mode_wants_its_signature_whatever_the_body(missing: str) -> None:
    args = plain_query()
    del args[missing]
    for body in (WORDS.encode(), b"", b"rubbish", JSON_BODIES[0]):
        with pytest.raises(BadSignature):
            PLAIN.open(args, body, NOW)


@pytest.mark.parametrize("body", [b"", b"rubbish", b"<xml>", b"<html/>", b"x" * (LARGEST + 1)])
def test_what_is_no_message_is_no_envelope_in_plain_mode(body: bytes) -> None:
    with pytest.raises(NotAnEnvelope):
        PLAIN.open(plain_query(), body, NOW)


def test_plain_mode_keeps_odd_words_and_understands_strange_fields_as_nothing() -> None:
    opened = PLAIN.open(*posted_plain(text_message("停\x01水 ]]> 了")), NOW)
    assert opened.said is not None
    assert opened.said.text == "停水 ]]> 了"
    nobody = PLAIN.open(*posted_plain("<xml><MsgType>text</MsgType></xml>"), NOW)
    assert nobody.said is None
    assert nobody.trouble


def test_plain_mode_says_that_what_comes_is_encrypted() -> None:
    with pytest.raises(NotAnEnvelope, match="WECHAT_MODE") as caught:
        PLAIN.open(*posted(WORDS), NOW)
    assert str(caught.value) == SEALED


def test_safe_mode_refuses_what_only_the_plain_signature_vouches_for() -> None:
    for callback in (CALLBACK, COMPATIBLE):
        with pytest.raises((BadSignature, NotAnEnvelope)):
            callback.open(*posted_plain(WORDS), NOW)
        args, body = posted(WORDS)
        with pytest.raises(BadSignature):
            callback.open(plain_query(), body, NOW)
        with pytest.raises(BadSignature):
            callback.open(args | {"msg_signature": args["signature"]}, body, NOW)


@pytest.mark.parametrize("callback", [CALLBACK, COMPATIBLE])
def test_of_both_forms_only_what_was_encrypted_counts(callback: Callback) -> None:
    opened = callback.open(*posted_both(WORDS, beside=FORGED), NOW)
    assert opened.said is not None
    assert (opened.said.openid, opened.said.text) == ("oResident", "停水了")
    assert opened.said == callback.open(*posted(WORDS), NOW).said


def test_compatible_mode_takes_nothing_from_the_clear_though_the_envelope_is_spoilt() -> None:
    args, body = posted_both(WORDS, key="x" * 43)
    opened = COMPATIBLE.open(args, body, NOW)
    assert (opened.said, opened.trouble) == (None, NO_KEY)
    args, body = posted_both(WORDS)
    with pytest.raises(BadSignature):
        COMPATIBLE.open(args, body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A"), NOW)


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_compatible_mode_answers_encrypted_with_the_key_it_was_opened_by(key: str) -> None:
    opened = COMPATIBLE.open(*posted_both(WORDS, key=key), NOW)
    assert shown(COMPATIBLE.reply(opened, "收到", NOW), key=key)["Content"] == "收到"


def test_the_official_demo_of_compatible_mode_is_opened() -> None:
    v = VECTORS["mp-demo-compat-in"]
    callback = Callback(v["token"], v["appid"], (v["aes_key"],), Mode.COMPATIBLE)
    opened = callback.open(v, v["body"].encode(), NOW)
    assert opened.said is not None
    assert opened.said.openid == "oyORnuP8q7ou2gfYjqLzSIWZf0rs"


@pytest.mark.parametrize("body", JSON_BODIES)
def test_json_is_refused_with_what_to_choose_in_the_console(body: bytes) -> None:
    for callback, args in ((CALLBACK, query("")), (COMPATIBLE, query("")), (PLAIN, plain_query())):
        with pytest.raises(NotAnEnvelope, match="choose XML") as caught:
            callback.open(args, body, NOW)
        assert str(caught.value) == JSON


def test_json_inside_a_right_envelope_is_taken_and_named() -> None:
    v = VECTORS["tencent-doc-2024-in"]
    callback = Callback(v["token"], v["appid"], (v["aes_key"],))
    body = f"<xml><Encrypt>{v['encrypt']}</Encrypt></xml>".encode()
    opened = callback.open(v, body, NOW)
    assert (opened.said, opened.trouble) == (None, JSON)


def test_another_accounts_message_is_told_from_another_key() -> None:
    other = CALLBACK.open(*posted(WORDS, appid="wx0000000000000000"), NOW)
    assert (other.said, other.trouble) == (None, ANOTHER_ACCOUNT)
    longer = CALLBACK.open(*posted(WORDS, appid=APPID + "0"), NOW)
    assert (longer.said, longer.trouble) == (None, ANOTHER_ACCOUNT)
    unknown = CALLBACK.open(*posted(WORDS, key="x" * 43), NOW)
    assert (unknown.said, unknown.trouble) == (None, NO_KEY)


def test_a_mode_that_decrypts_needs_a_key() -> None:
    for mode in (Mode.SAFE, Mode.COMPATIBLE):
        with pytest.raises(ValueError, match=mode):
            Callback(TOKEN, APPID, (), mode)


@pytest.mark.parametrize("name", ["subscribe_code", "image", "consent_popup", "template_blocked"])
def test_what_was_captured_reads_alike_in_all_modes(name: str) -> None:
    xml = captured(name)
    safe = CALLBACK.open(*posted(xml), NOW).said
    assert safe is not None
    assert COMPATIBLE.open(*posted_both(xml), NOW).said == safe
    assert PLAIN.open(*posted_plain(xml), NOW).said == safe
