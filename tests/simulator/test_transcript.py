"""What happened as a document, and the same story told again."""

from __future__ import annotations

import json

import pytest

from bot.simulator.noticefields import LONG_TERM_ID
from bot.simulator.phones import Clock, Phone, Platform
from bot.simulator.samples import sample
from bot.simulator.transcript import NotATranscript, export, replay, seen
from tests.simulator.answering import Answering


def a_story(platform: Platform, clock: Clock) -> None:
    first, second = platform.phone("王大爷"), platform.phone("李姐")
    first.follows("door-A1")
    second.follows()
    first.says("停水了")
    first.sends("image", sample("image"))
    first.records(b"\x1a\x45\xdf\xa3 spoken", seconds=2)
    clock.advance(hours=3)
    second.clicks("满意", "101")
    second.consents(LONG_TERM_ID)
    second.revokes(LONG_TERM_ID)
    platform.menu = [{"name": "位置", "type": "location_select", "key": "here"}]
    second.taps("here", label="通瑞嘉苑")
    second.scans("door-A1")
    second.unfollows()


def _events(program: Answering) -> list[tuple[str | None, str | None, str | None]]:
    """What came, each once: a busy machine may be slow, and slow answers bring repeats."""
    came = {repr(got.fields): got for got in program.got}
    return [(got["MsgType"], got["Event"], got["EventKey"]) for got in came.values()]


def test_a_story_is_told_again_word_for_word(
    platform: Platform, program: Answering, clock: Clock
) -> None:
    a_story(platform, clock)
    document = json.loads(json.dumps(export(platform)))
    events = _events(program)
    program.got.clear()

    again = Platform(platform.account, platform.webhook)
    again.menu = platform.menu
    before = again.now()
    assert replay(again, document) == len(events) - 1  # the place follows its tap by itself
    assert _events(program) == events
    assert seen(export(again)) == seen(document)
    assert (again.now() - before).total_seconds() >= 3 * 3600
    pictures = [one for one in again.media.by_id.values() if one.kind == "image"]
    assert pictures[0].data == sample("image")
    assert any(one.played.endswith(b"spoken") for one in again.media.by_id.values())
    again.close()


def test_with_a_seed_names_and_numbers_are_the_same(platform: Platform, program: Answering) -> None:
    told: list[list[tuple[str | None, ...]]] = []
    for _ in range(2):
        seeded = Platform(platform.account, platform.webhook, seed=7)
        phone = seeded.phone("王大爷")
        phone.follows()
        phone.sends("image")
        told.append([(got["FromUserName"], got["MsgId"], got["MediaId"]) for got in program.got])
        program.got.clear()
        seeded.close()
    assert told[0] == told[1]
    assert told[0][1][2]


def test_a_person_who_did_not_follow_yet_is_passed_over(
    platform: Platform, program: Answering
) -> None:
    early = Phone(platform.people, platform.chance.openid(), "过客")
    document = export(platform) | {
        "people": [{"name": early.name, "openid": early.openid}],
        "entries": [
            {"after": 0, "who": early.openid, "did": "taps", "with": {"key": "k", "given": {}}}
        ],
    }
    assert replay(platform, document) == 1
    assert program.got == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"people": 7},
        {"entries": [{"after": 0, "who": "nobody", "did": "follows", "with": {}}]},
    ],
)
def test_what_is_no_transcript_is_refused(platform: Platform, change: dict[str, object]) -> None:
    with pytest.raises(NotATranscript):
        replay(platform, export(platform) | change)
