"""WeRoBot, another people's framework, reads what our simulator posts and is understood by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werobot import WeRoBot  # type: ignore[import-untyped]
from werobot.contrib.flask import make_view  # type: ignore[import-untyped]

from bot.simulator.account import Account, Mode
from bot.simulator.phones import Platform, serve_app


@contextmanager
def _robot(mode: Mode, token: str | None = None) -> Iterator[tuple[Platform, list[Any]]]:
    """A platform in this mode, answered by WeRoBot, and the messages that WeRoBot read."""
    account = replace(Account.made_up(), mode=mode)
    sealed = {"app_id": account.appid, "encoding_aes_key": account.aes_key}
    robot = WeRoBot(
        token=token or account.token,
        SESSION_STORAGE=False,
        **sealed if mode is not Mode.PLAIN else {},
    )
    seen: list[Any] = []

    @robot.handler  # type: ignore[untyped-decorator]
    def told(message: Any) -> str:
        seen.append(message)
        return f"read: {message.type}"  # its renderer does not escape: words stay out

    app = Flask("robot")
    app.add_url_rule("/wechat", "robot", make_view(robot), methods=["GET", "POST"])
    served, platform = serve_app(app), Platform(account, pause=0.05)
    platform.webhook = served.url + "/wechat"
    try:
        yield platform, seen
    finally:
        platform.close()
        served.close()


@pytest.mark.parametrize("mode", Mode)
def test_werobot_reads_every_type_in_every_mode(mode: Mode) -> None:
    with _robot(mode) as (platform, seen):
        phone = platform.phone("王大爷")
        assert phone.follows("door-1") == "read: subscribe_event"
        assert phone.says("停水了 ]]> & 👍") == "read: text"
        for kind in ("image", "voice", "video", "location", "link"):
            assert phone.sends(kind) == f"read: {kind}"
        assert phone.scans("door-2") == "read: scan_event"
        assert phone.clicks("满意｜#12", "101") == "read: text"
    follow, text, image, voice, video, place, link, scan, click = seen
    assert (text.content, click.content) == ("停水了 ]]> & 👍", "满意｜#12")
    assert (follow.key, scan.key) == ("qrscene_door-1", "door-2")
    assert {message.source for message in seen} == {phone.openid}
    assert {message.target for message in seen} == {platform.account.original_id}
    assert isinstance(text.message_id, int)
    assert image.img.startswith("http")
    assert voice.media_id
    assert video.media_id
    assert all(isinstance(degree, float) for degree in place.location)
    assert link.url


def test_werobot_refuses_another_tokens_signature() -> None:
    with _robot(Mode.SAFE, token="another") as (platform, seen):
        assert platform.phone("王大爷").follows() is None
    assert seen == []
