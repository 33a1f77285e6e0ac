"""The chat channel: what it carries, what it sends, where long texts are parted."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.channels import Channel, in_order
from bot.channels.chat import parts
from bot.core.outcome import Refused, Sent
from bot.wechat.client import WeChat
from bot.wechat.words import SAFE_BYTES, TEXT_BYTES, clean, size
from tests.wechat.platform import Platform, running


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as platform:
        yield platform


@pytest.fixture
def chat(platform: Platform, fresh_redis: str) -> Iterator[Channel]:
    with Redis.from_url(fresh_redis) as redis:
        (chat,) = in_order(WeChat(platform.url, "wx1", "secret", redis, timeout=1))
        yield chat


def test_the_first_channel_is_chat(chat: Channel) -> None:
    assert chat.name == "chat"


def test_what_it_carries_it_sends_clean(chat: Channel, platform: Platform) -> None:
    assert chat.carries("电梯\x00好了")
    assert chat.send("oA", "电梯\x00好了") == Sent()
    assert platform.texts == [("oA", "电梯好了")]


@pytest.mark.parametrize("text", ["", " \n", "\x00", "水" * 683])
def test_what_it_cannot_carry_it_refuses_before_wechat_does(
    chat: Channel, platform: Platform, text: str
) -> None:
    assert not chat.carries(text)
    refused = chat.send("oA", text)
    assert isinstance(refused, Refused)
    assert refused.about == "message"
    assert not platform.calls


def test_it_carries_to_the_last_byte(chat: Channel) -> None:
    assert chat.carries("a" * TEXT_BYTES)
    assert not chat.carries("a" * (TEXT_BYTES + 1))


@given(st.text(max_size=200).map(lambda text: text * 40))
def test_parts_lose_nothing_and_each_fits(text: str) -> None:
    pieces = parts(text)
    assert "".join("".join(pieces).split()) == "".join(clean(text).split())
    assert all(0 < size(piece) <= SAFE_BYTES and piece.strip() for piece in pieces)


def test_a_long_report_is_parted_after_sentences_and_letter_for_letter_the_same() -> None:
    report = "三号楼二单元的电梯从昨天晚上开始就停了。" * 120
    pieces = parts(report)
    assert "".join(pieces) == report
    assert all(piece.endswith("。") for piece in pieces)
    assert len(pieces) <= size(report) // SAFE_BYTES + 2


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
