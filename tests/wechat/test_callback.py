"""Signature, envelope and passive reply, against WeChat's own vectors and wechatpy's reader."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages import Kind
from bot.wechat.callback import SUCCESS, BadSignature, Callback, NotAnEnvelope, Opened
from bot.wechat.cipher import Key, NotDecrypted, matches
from bot.wechat.words import SAFE_BYTES, TEXT_BYTES, clean

from .envelopes import (
    APPID,
    CALLBACK,
    KEY,
    NOW,
    OLD_KEY,
    TOKEN,
    VECTORS,
    posted,
    query,
    shown,
    text_message,
)

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    b"<xml><Encrypt>&b;</Encrypt></xml>"
)
NO_ENVELOPES = {
    "empty": b"",
    "words": b"hello",
    "json": b'{"ToUserName": "gh_1", "Encrypt": "abc"}',
    "cut short": b"<xml><Encrypt>abc",
    "nothing encrypted": b"<xml><ToUserName>gh_1</ToUserName></xml>",
    "an empty Encrypt": b"<xml><Encrypt></Encrypt></xml>",
    "another root": b"<html><Encrypt>abc</Encrypt></html>",
    "an entity bomb": BOMB,
    "an outside entity": b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x"><xml><Encrypt>a</Encrypt></xml>',
    "not UTF-8": "<xml><Encrypt>abc</Encrypt><A>电梯坏了</A></xml>".encode("gbk"),
    "UTF-16": "<xml><Encrypt>abc</Encrypt></xml>".encode("utf-16"),
    "too deep": b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"<Encrypt>a</Encrypt></xml>",
    "a null": b"<xml><Encrypt>a\0b</Encrypt></xml>",
}


@pytest.mark.parametrize("name", [n for n, v in VECTORS.items() if "encrypt" in v])
def test_published_vectors_open_and_are_sealed_again(name: str) -> None:
    vector = VECTORS[name]
    key = Key(vector["aes_key"], vector["appid"])
    plain = key.open(vector["encrypt"])
    if "plaintext" in vector:
        assert plain.decode() == vector["plaintext"]
    assert key.open(key.seal(plain)) == plain


@pytest.mark.parametrize("name", [n for n, v in VECTORS.items() if "msg_signature" in v])
def test_published_signatures_match(name: str) -> None:
    v = VECTORS[name]
    assert matches(v["msg_signature"], v["token"], v["timestamp"], v["nonce"], v["encrypt"])
    assert not matches(v["msg_signature"], v["token"] + "x", v["timestamp"], v["nonce"], "")
    if "signature" in v:
        assert matches(v["signature"], v["token"], v["timestamp"], v["nonce"])


def test_the_url_check_answers_the_echostr_of_the_published_example() -> None:
    args = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "echostr": "4375120948345356249",
        "timestamp": "1714036504",
        "nonce": "1514711492",
    }
    callback = Callback("AAAAA", APPID, (KEY,))
    assert callback.check_url(args) == "4375120948345356249"
    for wrong in ({**args, "nonce": "1"}, {**args, "signature": "é"}, {"echostr": "1"}, {}):
        with pytest.raises(BadSignature):
            callback.check_url(wrong)


def test_the_official_demo_message_is_opened() -> None:
    v = VECTORS["mp-demo-compat-in"]
    callback = Callback(v["token"], v["appid"], (v["aes_key"],))
    opened = callback.open(v, v["body"].encode(), NOW)
    assert opened.said is not None
    assert opened.said.openid == "oyORnuP8q7ou2gfYjqLzSIWZf0rs"
    assert opened.said.kind is Kind.TEXT


@pytest.mark.parametrize("name", NO_ENVELOPES)
def test_bytes_that_are_no_envelope_are_refused_as_such(name: str) -> None:
    with pytest.raises(NotAnEnvelope):
        CALLBACK.open(query(""), NO_ENVELOPES[name], NOW)


def test_a_body_over_64_kb_is_refused_though_it_is_signed() -> None:
    args, body = posted(text_message("水" * 20_000))
    with pytest.raises(NotAnEnvelope):
        CALLBACK.open(args, body, NOW)


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "msg_signature"])
def test_a_query_with_a_part_missing_is_a_wrong_signature(missing: str) -> None:
    args, body = posted(text_message("停水了"))
    del args[missing]
    with pytest.raises(BadSignature):
        CALLBACK.open(args, body, NOW)


@pytest.mark.parametrize(
    "change",
    [{"msg_signature": "0" * 40}, {"msg_signature": "\ud800é"}, {"nonce": "1"}, {"timestamp": ""}],
)
def test_a_changed_query_is_a_wrong_signature(change: dict[str, str]) -> None:
    args, body = posted(text_message("停水了"))
    with pytest.raises(BadSignature):
        CALLBACK.open(args | change, body, NOW)


@pytest.mark.parametrize("args", [{}, {"signature": "0" * 40, "timestamp": "1", "nonce": "2"}])
def test_a_stranger_who_posts_rubbish_is_told_no_more_than_wrong_signature(
    args: dict[str, str],
) -> None:
    with pytest.raises(BadSignature):
        CALLBACK.open(args, b"rubbish", NOW)


def test_the_plain_signature_does_not_vouch_for_a_body() -> None:
    args, _ = posted(text_message("停水了"))
    _, other = posted(text_message("停电了"))
    with pytest.raises(BadSignature):
        CALLBACK.open(args, other, NOW)


def test_an_old_timestamp_and_a_repeat_are_no_reason_to_refuse() -> None:
    args, body = posted(text_message("停水了"))
    first = CALLBACK.open(args, body, NOW)
    again = CALLBACK.open(args, body, NOW + timedelta(days=30))
    assert first.said == again.said


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "rubbish",
        b"\xff\xfe\x00",
        "{}",
        "<xml></xml>",
        "<xml><FromUserName>",
        "<xml><MsgType>text</MsgType><Content>x</Content></xml>",
        f"<xml><FromUserName>{'o' * 3000}</FromUserName></xml>",
        BOMB,
    ],
)
def test_after_a_right_signature_what_is_not_understood_says_nothing(inner: str | bytes) -> None:
    opened = CALLBACK.open(*posted(inner), NOW)
    assert opened.said is None
    assert opened.trouble


@pytest.mark.parametrize("encrypted", ["abc", "é", "YWJj", "A" * 64, "==", "A" * 172 + "="])
def test_a_signed_encrypt_that_is_none_says_nothing(encrypted: str) -> None:
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
    opened = CALLBACK.open(query(encrypted), body, NOW)
    assert opened.said is None


def test_another_accounts_message_is_not_read() -> None:
    opened = CALLBACK.open(*posted(text_message("停水了"), appid="wx0000000000000000"), NOW)
    assert opened.said is None


def test_the_previous_key_is_read_and_answered_with() -> None:
    opened = CALLBACK.open(*posted(text_message("停水了"), key=OLD_KEY), NOW)
    assert opened.said is not None
    reply = CALLBACK.reply(opened, "收到", NOW)
    assert shown(reply, key=OLD_KEY)["Content"] == "收到"


def test_a_key_that_is_none_is_named_at_the_start() -> None:
    for wrong in ((), ("short",), ("é" * 43,), (KEY + "A",)):
        with pytest.raises(ValueError):
            Callback(TOKEN, APPID, wrong)


def test_a_reply_goes_back_to_whom_it_came_from() -> None:
    reply = shown(CALLBACK.reply(_opened(), "收到", NOW))
    assert reply["ToUserName"] == "oResident"
    assert reply["FromUserName"] == "gh_1"
    assert reply["MsgType"] == "text"
    assert reply["CreateTime"] == str(int(NOW.timestamp()))


@given(st.text(st.characters(), max_size=600))
def test_any_words_in_a_reply_are_read_back_by_another_reader(words: str) -> None:
    reply = CALLBACK.reply(_opened(), words, NOW)
    if not clean(words).strip():
        assert reply == SUCCESS
    else:
        assert shown(reply)["Content"] == clean(words)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("a ]]> b", "a ]]> b"),
        ("]]]]>>]]", "]]]]>>]]"),
        ("]]></Content><Content>伪造", "]]></Content><Content>伪造"),
        ("电梯\x00坏\x08了\x1f", "电梯坏了"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("\ud83d好\udc4d", "好"),
        ("👩‍👩‍👧👍🏽", "👩‍👩‍👧👍🏽"),
        ("&lt;a&amp;", "&lt;a&amp;"),
    ],
)
def test_hostile_words_arrive_as_words(words: str, read: str) -> None:
    assert shown(CALLBACK.reply(_opened(), words, NOW))["Content"] == read


@pytest.mark.parametrize("letter", ["a", "é", "水", "👍", "👍🏽", "👩‍👩‍👧", "]]>"])
@pytest.mark.parametrize("length", [2047, 2048, 2049, 9000])
def test_a_reply_never_exceeds_wechats_limit(letter: str, length: int) -> None:
    words = (letter * length).encode()[:length].decode("utf-8", "ignore")
    content = shown(CALLBACK.reply(_opened(), words, NOW))["Content"]
    if len(words.encode()) <= TEXT_BYTES:
        assert content == words
        return
    assert SAFE_BYTES - 40 <= len(content.encode()) <= SAFE_BYTES
    assert content.endswith("…")
    assert words.startswith(content[:-1])
    if letter != "]]>":
        assert content[:-1] == letter * (len(content[:-1]) // len(letter))


def test_nobody_is_replied_to_when_nothing_was_read() -> None:
    with pytest.raises(ValueError):
        CALLBACK.reply(Opened(None, "1"), "收到", NOW)


@given(st.binary(max_size=300))
def test_the_envelope_carries_any_bytes(plain: bytes) -> None:
    key = Key(KEY, APPID)
    assert key.open(key.seal(plain)) == plain
    with pytest.raises(NotDecrypted):
        Key(OLD_KEY, APPID).open(key.seal(plain))


def _opened() -> Opened:
    return CALLBACK.open(*posted(text_message("停水了")), NOW)
