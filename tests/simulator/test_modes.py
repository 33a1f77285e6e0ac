"""How a message looks in each mode, and what may answer it."""

from __future__ import annotations

import pytest

from bot.simulator import wire
from bot.simulator.phones import Mode, Phone, Platform, Via
from tests.simulator.answering import Answering, Got


@pytest.mark.parametrize("mode", Mode)
def test_words_go_and_come_in_each_mode(
    phone: Phone, platform: Platform, program: Answering, mode: Mode
) -> None:
    platform.mode = mode
    assert phone.says("停水了 ]]> &amp;") == "收到 停水了 ]]> &amp;"
    query = program.got[0].query
    assert query["openid"] == phone.openid
    assert ("msg_signature" in query) is (mode is not Mode.PLAIN)
    assert platform.violations == []


def test_the_bodies_are_wechats_own(phone: Phone, platform: Platform) -> None:
    xml = wire.to_xml({"ToUserName": "gh_1", "Content": "停水了"})
    names = {}
    for mode in Mode:
        platform.mode = mode
        body = platform.courier.envelope(phone.openid, xml)[1]
        names[mode] = [element.tag for element in wire.from_xml(body).below]
    assert names == {
        Mode.SAFE: ["ToUserName", "Encrypt"],
        Mode.COMPATIBLE: ["ToUserName", "Content", "Encrypt"],
        Mode.PLAIN: ["ToUserName", "Content"],
    }


@pytest.mark.parametrize(
    ("mode", "plain", "right"),
    [
        (Mode.SAFE, True, False),
        (Mode.COMPATIBLE, True, True),
        (Mode.COMPATIBLE, False, True),
        (Mode.PLAIN, False, False),
    ],
)
def test_which_answers_a_mode_takes(
    phone: Phone, platform: Platform, program: Answering, mode: Mode, plain: bool, right: bool
) -> None:
    def answer(got: Got) -> bytes:
        write = program.plain_text if plain else program.sealed_text
        return write(got["FromUserName"] or "", "好")

    platform.mode, program.answer = mode, answer
    assert phone.says("停水了") == ("好" if right else None)
    assert (phone.screen[-1].via is Via.PASSIVE) is right
    assert len(platform.violations) == (not right)
