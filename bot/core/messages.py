"""Said: one thing a person did towards the service account, in our terms.

Knows nothing of XML, encryption or WeChat's field names: `bot.wechat` reads those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What was done; the first group are a person's words and are never refused."""

    TEXT = "text"
    PICTURE = "picture"
    VOICE = "voice"
    VIDEO = "video"
    PLACE = "place"
    LINK = "link"
    OTHER = "other"  # a type we do not know: kept and shown as such

    FOLLOW = "follow"
    SCAN = "scan"
    UNFOLLOW = "unfollow"
    MENU = "menu"  # a menu button; `text` holds its key
    EVENT = "event"  # any other event: kept, answered with nothing


WORDS = frozenset(
    {Kind.TEXT, Kind.PICTURE, Kind.VOICE, Kind.VIDEO, Kind.PLACE, Kind.LINK, Kind.OTHER}
)


@dataclass(frozen=True)
class Said:
    """One message or event.

    `key` is the same for every repeat of the same act and differs for different acts.
    `text` is the words; for what has no words, what people are shown: "[图片]".
    `carried` holds what is needed to carry the thing itself later (media ids, urls, place).
    """

    key: str
    openid: str
    account: str
    kind: Kind
    text: str
    said_at: datetime
    scene: str | None = None
    carried: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_words(self) -> bool:
        return self.kind in WORDS
