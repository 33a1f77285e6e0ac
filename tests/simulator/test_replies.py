"""Each rule for passive replies, broken once: the person sees the fault notice, we see why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.simulator import wire
from bot.simulator.phones import Platform, Via
from tests.simulator.answering import Answering, Got

Reply = Callable[[Answering, Got], bytes]
LONG = "水" * 683  # 2049 bytes


def _changed(**changes: object) -> Reply:
    return lambda program, got: program.sealed_text(got["FromUserName"] or "", "好", **changes)


def _envelope(**changes: object) -> Reply:
    return lambda program, got: program.sealed(b"<xml></xml>", **changes)


BROKEN: dict[str, tuple[Reply, str]] = {
    "to": (_changed(ToUserName="other"), "swapped"),
    "from": (_changed(FromUserName="gh_other"), "swapped"),
    "empty": (_changed(Content=""), "empty"),
    "blank": (_changed(Content=" \n"), "empty"),
    "long": (_changed(Content=LONG), "2049 bytes"),
    "type": (_changed(MsgType="poem"), "unknown"),
    "time": (_changed(CreateTime="today"), "CreateTime"),
    "signature": (_envelope(MsgSignature="0" * 40), "MsgSignature"),
    "timestamp": (_envelope(TimeStamp="now"), "TimeStamp"),
    "lacking": (_envelope(Nonce=""), "Nonce"),
    "json": (lambda _program, _got: b'{"ok": true}', "well-formed"),
    "plain": (
        lambda program, got: wire.to_xml({"MsgType": "text", "Content": "好"}).encode(),
        "lacks",
    ),
    "inner": (lambda program, _got: program.sealed(b"<xml><Content>"), "well-formed"),
    "control": (lambda program, _got: program.sealed(b"<xml>\x02</xml>"), "well-formed"),
    "almost success": (lambda _program, _got: b"success\n", "well-formed"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_noted_and_shown(
    platform: Platform, program: Answering, case: str
) -> None:
    reply, words = BROKEN[case]
    phone = platform.phone("王大爷")
    phone.follows()
    program.answer = lambda got: reply(program, got)
    assert phone.says("停水了") is None
    assert phone.screen[-1].via is Via.FAULT
    assert words in platform.violations[0].what
    assert len(platform.violations) == 1


@pytest.mark.parametrize("body", [b"", b"success"])
def test_nothing_to_say_is_right(platform: Platform, program: Answering, body: bytes) -> None:
    phone = platform.phone("王大爷")
    phone.follows()
    program.answer = lambda _got: body
    assert phone.says("停水了") is None
    assert phone.screen[-1].via is Via.OWN
    assert platform.violations == []


def test_the_longest_words_allowed_are_shown(platform: Platform, program: Answering) -> None:
    phone = platform.phone("王大爷")
    phone.follows()
    program.answer = lambda _got: LONG[:-1] + "ab"
    assert phone.says("停水了") == LONG[:-1] + "ab"


def test_an_answer_to_leaving_is_never_shown(platform: Platform, program: Answering) -> None:
    phone = platform.phone("王大爷")
    phone.follows()
    phone.unfollows()
    assert phone.screen[-1].via is Via.NOTE
    assert program.got[-1]["Event"] == "unsubscribe"
