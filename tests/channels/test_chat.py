"""The chat channel: what it carries, what it sends, where long texts are parted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.channels import Channel, Push, in_order
from bot.channels.chat import parts
from bot.core.announcement import Announcement
from bot.core.delivery import Try
from bot.core.outcome import Refused, Sent, TryLater, Unknown
from bot.core.reach import Known, Pushed
from bot.core.texts import weight
from bot.wechat.client import WeChat
from bot.wechat.words import SAFE_BYTES, clean
from bot.wording import load
from tests.wechat.platform import SEND, Planned, Platform, Trouble, answering

SHIPPED = Path(__file__).parents[2] / "config" / "wording.toml"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def platform() -> Iterator[Platform]:
    with answering(Platform()) as platform:
        yield platform


@pytest.fixture
def chat(platform: Platform, fresh_redis: str) -> Iterator[Channel]:
    with Redis.from_url(fresh_redis) as redis:
        wechat = WeChat(platform.url, "wx1", "secret", redis, timeout=1)
        (chat,) = in_order(wechat, load(SHIPPED, None, lambda: NOW))
        yield chat


def a_push(text: str, known: Known | None = None) -> Push:
    return Push("oA", (text,), Announcement(1, NOW), "once", known or Known())


def test_the_first_channel_is_chat(chat: Channel) -> None:
    assert chat.name == "chat"


def test_it_sends_words_clean(chat: Channel, platform: Platform) -> None:
    assert chat.send(a_push("电梯\x00好了"), NOW) == Try("chat", Sent(), messages=1, carried=1)
    assert platform.texts == [("oA", "电梯好了")]


@pytest.mark.parametrize("text", ["", " \n", "\x00"])
def test_what_has_no_words_it_refuses_before_wechat_does(
    chat: Channel, platform: Platform, text: str
) -> None:
    tried = chat.send(a_push(text), NOW)
    assert isinstance(tried.outcome, Refused)
    assert (tried.outcome.about, tried.asked, tried.gone) == ("message", False, 0)
    assert not platform.calls


@pytest.mark.parametrize(
    ("known", "about"),
    [
        (Known(wrote=()), "person"),
        (Known(wrote=(NOW - timedelta(hours=49),)), "person"),
        (Known(wrote=(NOW - HOUR,), chat=(Pushed(NOW, 5),)), "person"),
        (Known(refused_by={"chat": NOW - HOUR}), "person"),
    ],
)
def test_what_wechat_would_refuse_it_does_not_ask_for(
    chat: Channel, platform: Platform, known: Known, about: str
) -> None:
    tried = chat.send(a_push("水" * 1500, known), NOW)
    assert isinstance(tried.outcome, Refused)
    assert (tried.outcome.about, tried.asked) == (about, False)
    assert not platform.calls


def test_a_long_text_counts_as_the_messages_it_takes(chat: Channel, platform: Platform) -> None:
    known = Known(wrote=(NOW - HOUR,), chat=(Pushed(NOW, 1),))
    assert chat.send(a_push("水" * 1500, known), NOW).gone == 3
    assert "".join(text for _, text in platform.texts) == "水" * 1500


def last_of(*texts: str, place: str | None = None, gone: int = 4) -> Push:
    known = Known(wrote=(NOW - HOUR,), chat=(Pushed(NOW - HOUR, gone),))
    return Push("oA", texts, Announcement(len(texts), NOW, place=place), "once", known)


def test_the_last_message_that_may_go_says_that_a_reply_brings_more(
    chat: Channel, platform: Platform
) -> None:
    assert chat.send(last_of("停水了"), NOW) == Try("chat", Sent(), messages=1, carried=1)
    ((_, text),) = platform.texts
    assert text.startswith("停水了\n\n")
    assert "回复任意一个字" in text


def test_the_last_message_holds_what_it_can_and_counts_the_rest(
    chat: Channel, platform: Platform
) -> None:
    tried = chat.send(last_of(*("水" * 200 for _ in range(6))), NOW)
    assert (tried.messages, tried.carried) == (1, 3)
    ((_, text),) = platform.texts
    assert weight(text) <= SAFE_BYTES
    assert "还有3条新消息" in text


@pytest.mark.parametrize("gone", [3, 4])
def test_words_too_long_for_what_may_still_go_are_announced_in_one_message(
    chat: Channel, platform: Platform, gone: int
) -> None:
    tried = chat.send(last_of("水" * 1500, "火", place="3号楼", gone=gone), NOW)
    assert (tried.messages, tried.carried) == (1, 0)
    ((_, text),) = platform.texts
    assert text.startswith("3号楼有2条新消息")


@pytest.mark.parametrize(
    ("answers", "became", "gone"),
    [
        (({"errcode": 0}, {"errcode": 45047}), Refused, 1),
        (({"errcode": 0}, {"errcode": 48001}), Refused, 1),
        (({"errcode": 0}, {"errcode": 61004}), Unknown, 1),
        (({"errcode": 0}, Trouble.RESET), Unknown, 2),
        (({"errcode": 45009},), TryLater, 0),
        ((Trouble.RESET,), Unknown, 1),
    ],
)
def test_what_breaks_off_is_counted_as_far_as_it_went(
    chat: Channel, platform: Platform, answers: tuple[Planned, ...], became: type, gone: int
) -> None:
    platform.plan(SEND, *answers)
    tried = chat.send(a_push("水" * 1500), NOW)
    assert (type(tried.outcome), tried.gone) == (became, gone)


@given(st.text(max_size=200).map(lambda text: text * 40))
def test_parts_lose_nothing_and_each_fits(text: str) -> None:
    pieces = parts(text)
    assert "".join("".join(pieces).split()) == "".join(clean(text).split())
    assert all(0 < weight(piece) <= SAFE_BYTES and piece.strip() for piece in pieces)


def test_a_long_report_is_parted_after_sentences_and_letter_for_letter_the_same() -> None:
    report = "三号楼二单元的电梯从昨天晚上开始就停了。" * 120
    pieces = parts(report)
    assert "".join(pieces) == report
    assert all(piece.endswith("。") for piece in pieces)
    assert len(pieces) <= weight(report) // SAFE_BYTES + 2


def test_line_ends_are_the_best_place() -> None:
    report = ("停水了，" * 100 + "\n") * 4
    assert all(piece.endswith("\n") for piece in parts(report))


@pytest.mark.parametrize("emoji", ["👍🏽", "👩‍👩‍👧", "☂️", "👍"])
def test_an_emoji_is_not_torn(emoji: str) -> None:
    for shift in range(len(emoji.encode())):
        pieces = parts("a" * shift + emoji * 700)
        assert all(piece.lstrip("a").replace(emoji, "") == "" for piece in pieces)


def test_a_short_text_is_one_part_and_nothing_is_none() -> None:
    assert parts("停水了") == ["停水了"]
    assert parts("") == []
    assert parts("\n" * 5000) == []
