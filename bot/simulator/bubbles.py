"""What a phone's screen holds: bubbles, and how each came there.

Knows the kinds of bubble. Must not know who sent one, nor how it travelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Via(StrEnum):
    """How a bubble came onto the screen."""

    OWN = "own"
    PASSIVE = "passive"
    CHAT = "chat"
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"
    FAULT = "fault"
    NOTE = "note"


HEARD = (Via.PASSIVE, Via.CHAT, Via.TEMPLATE, Via.SUBSCRIPTION)
"""What the account said."""


@dataclass(frozen=True)
class Piece:
    """What one message shows: its kind, its words, and what belongs to it as JSON values.

    `more` holds `media_id` for image, voice and video; `seconds` for voice; `title`,
    `description`, `url` and `picture` for news and link; `latitude`, `longitude`, `label`
    for location; `title`, `rows` ([name, value] each) and `url` for notice.
    """

    kind: str
    text: str
    more: Mapping[str, object] = field(default_factory=dict)


SHOWN = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "shortvideo": "[小视频]",
    "location": "[位置]",
    "link": "[链接]",
    "music": "[音乐]",
    "news": "[图文]",
    "miniprogrampage": "[小程序]",
}


def words(text: str) -> Piece:
    """A text message."""
    return Piece("text", text)


@dataclass(frozen=True)
class Bubble:
    """One entry of the chat. `text` is exactly what was sent; it may hold links and HTML."""

    at: datetime
    mine: bool
    text: str
    via: Via
    kind: str = "text"
    more: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, piece: Piece, at: datetime, via: Via) -> Bubble:
        """The bubble that shows this piece."""
        return cls(at, via is Via.OWN, piece.text, via, piece.kind, piece.more)

    @property
    def media_id(self) -> str | None:
        """The medium it shows, for platform.media."""
        found = self.more.get("media_id")
        return str(found) if found else None
