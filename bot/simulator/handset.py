"""One person's phone: what it shows, and what the person can do with it.

Knows its screen and whether it follows the account. Must not know how messages travel:
an Exchange carries them. The methods read as a story:
`resident.says("停水了"); liaison.hears("停水了")`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Via(StrEnum):
    """How a bubble came onto the screen."""

    OWN = "own"
    PASSIVE = "passive"
    CHAT = "chat"
    FAULT = "fault"
    NOTE = "note"


HEARD = (Via.PASSIVE, Via.CHAT)


@dataclass(frozen=True)
class Bubble:
    """One entry of the chat. `text` is exactly what was sent; it may hold links and HTML."""

    at: datetime
    mine: bool
    text: str
    via: Via


class NotFollowing(RuntimeError):
    """The person does not follow the account, so there is no chat to type into."""


class Exchange(Protocol):
    """What a phone needs of the platform."""

    def post(self, phone: Phone, fields: Mapping[str, object], shown: str | None) -> str | None: ...
    def join(self, phone: Phone, scene: str | None) -> str | None: ...
    def leave(self, phone: Phone) -> None: ...
    def scan(self, phone: Phone, scene: str) -> str | None: ...
    def tap(self, phone: Phone, key: str) -> str | None: ...
    def quota_of(self, openid: str) -> tuple[int, int]: ...
    def stirred(self) -> None: ...


MADE_UP: dict[str, dict[str, object]] = {
    "image": {"PicUrl": "http://mmbiz.qpic.cn/mmbiz_jpg/made-up/0", "MediaId": "made-up-image"},
    "voice": {"MediaId": "made-up-voice", "Format": "amr", "MediaId16K": "made-up-voice-16k"},
    "video": {"MediaId": "made-up-video", "ThumbMediaId": "made-up-thumb"},
    "shortvideo": {"MediaId": "made-up-video", "ThumbMediaId": "made-up-thumb"},
    "location": {"Location_X": 39.902, "Location_Y": 116.656, "Scale": 16, "Label": "通瑞嘉苑"},
    "link": {"Title": "标题", "Description": "说明", "Url": "https://example.com/"},
}
SHOWN = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "shortvideo": "[小视频]",
    "location": "[位置]",
    "link": "[链接]",
}


@dataclass(eq=False)
class Phone:
    """A phone with WeChat on it. Made by `Platform.phone`; every method is thread-safe."""

    exchange: Exchange
    openid: str
    name: str
    following: bool = False
    since: datetime | None = None
    scene: str | None = None  # of the code by which the person followed
    bubbles: list[Bubble] = field(default_factory=list)
    _heard: set[int] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    # What the person does. Each waits for the passive reply and gives its words, or None.

    def follows(self, scene: str | None = None) -> str | None:
        """Follows the account, by the code of this scene if one is given."""
        return self.exchange.join(self, scene)

    def scans(self, scene: str) -> str | None:
        """Scans the code of this scene: SCAN for a follower, else subscribe with qrscene_."""
        return self.exchange.scan(self, scene)

    def unfollows(self) -> None:
        """Leaves the account; nothing can be answered."""
        self.exchange.leave(self)

    def says(self, text: str) -> str | None:
        """Sends words."""
        return self.exchange.post(self, {"MsgType": "text", "Content": text}, text)

    def clicks(self, content: str, menu_id: str) -> str | None:
        """Clicks a line of a msgmenu, or a weixin://bizmsgmenu link."""
        fields = {"MsgType": "text", "Content": content, "bizmsgmenuid": menu_id}
        return self.exchange.post(self, fields, content)

    def sends(self, kind: str, **fields: object) -> str | None:
        """Sends a picture, voice, … or any made-up MsgType; fields override the made-up ones."""
        body = {"MsgType": kind, **MADE_UP.get(kind, {}), **fields}
        return self.exchange.post(self, body, SHOWN.get(kind, f"[{kind}]"))

    def taps(self, menu_key: str) -> str | None:
        """Taps the menu's button with this key (or url)."""
        return self.exchange.tap(self, menu_key)

    # What the person sees.

    @property
    def screen(self) -> list[Bubble]:
        """Every bubble, oldest first."""
        with self._changed:
            return list(self.bubbles)

    @property
    def quota_left(self) -> int:
        """Customer-service messages that may still be pushed here now."""
        return self.exchange.quota_of(self.openid)[0]

    def hears(self, *parts: str, within: float = 10.0) -> str:
        """Waits for a bubble not heard before that holds all parts; gives its words.

        Raises AssertionError with the whole screen after `within` seconds.
        """
        deadline = time.monotonic() + within
        with self._changed:
            while (found := self._unheard(parts)) is None:
                if (rest := deadline - time.monotonic()) <= 0:
                    raise AssertionError(f"{self.name} did not hear {parts!r}\n{self._drawn()}")
                self._changed.wait(rest)
            self._heard.add(found)
            return self.bubbles[found].text

    def hears_nothing_of(self, part: str, during: float = 1.0) -> None:
        """Fails if a bubble not heard before holds this part, now or within `during` seconds."""
        deadline = time.monotonic() + during
        with self._changed:
            while True:
                if self._unheard((part,)) is not None:
                    raise AssertionError(f"{self.name} heard {part!r}\n{self._drawn()}")
                if (rest := deadline - time.monotonic()) <= 0:
                    return
                self._changed.wait(rest)

    def show(self, bubble: Bubble) -> None:
        """Puts a bubble on the screen."""
        with self._changed:
            self.bubbles.append(bubble)
            self._changed.notify_all()
        self.exchange.stirred()

    def _unheard(self, parts: tuple[str, ...]) -> int | None:
        for number, bubble in enumerate(self.bubbles):
            fresh = bubble.via in HEARD and number not in self._heard
            if fresh and all(part in bubble.text for part in parts):
                return number
        return None

    def _drawn(self) -> str:
        lines = [f"--- the screen of {self.name} ---"]
        for number, bubble in enumerate(self.bubbles):
            side = "    我" if bubble.mine else f"[{bubble.via}]"
            heard = " (heard)" if number in self._heard else ""
            lines.append(f"{bubble.at:%H:%M:%S} {side} {bubble.text}{heard}")
        return "\n".join(lines)
