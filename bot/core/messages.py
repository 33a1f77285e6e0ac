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


class Ending(StrEnum):
    """What became of a pushed notice after the platform had taken it."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # the person blocks the account or such notices
    FAILED = "failed"  # the platform's own trouble


@dataclass(frozen=True)
class Report:
    """The platform tells the end of a notice that was `Sent` with this `reference`.

    `why` is the platform's word for it, fit for logs; `template_id` is "" where it names none.
    """

    reference: str
    ending: Ending
    why: str
    template_id: str = ""


@dataclass(frozen=True)
class Consent:
    """A person's yes or no to notices of one template.

    `asked` says where: True in answer to our question, where a yes to a one-time notice is good
    for one more; False in their own settings, where a no ends what was allowed before.
    """

    template_id: str
    given: bool
    asked: bool


@dataclass(frozen=True)
class Said:
    """One message or event.

    `key` is the same for every repeat of the same act and differs for different acts.
    `text` is the words; for what has no words, what people are shown: "[图片]".
    `carried` holds what is needed to carry the thing itself later (media ids, urls, place).
    `tapped`: a menu was tapped, in the chat or below it, instead of words typed: it comes as
    words or as an event, and allows fewer pushes than words do.
    `by_platform`: the platform tells it of its own accord; whom it names did nothing just now,
    so it says neither that they are there nor that they may be pushed to.
    """

    key: str
    openid: str
    account: str
    kind: Kind
    text: str
    said_at: datetime
    scene: str | None = None
    carried: Mapping[str, str] = field(default_factory=dict)
    tapped: bool = False
    by_platform: bool = False
    reports: tuple[Report, ...] = ()
    consents: tuple[Consent, ...] = ()

    @property
    def is_words(self) -> bool:
        return self.kind in WORDS
