"""What people send besides plain short words: how it is shown in a notice, what waits behind it.

Knows which kinds have a file and which are told in words; no file, no sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.messages import Kind, Said
from bot.core.people import Named
from bot.core.texts import beginning, weight

PIECES: Final = frozenset({Kind.PICTURE, Kind.VOICE, Kind.VIDEO})
"""Kinds that are a file at WeChat's; a place and a link are told in words."""

LIVES: Final = timedelta(days=3)
"""So long WeChat keeps a file under its id, one sent to us or by us (platform notes §2.5)."""

LONG_BYTES: Final = 900
"""Words that weigh more are shown by their opening in a notice; 全文 gives the whole."""

_OPENING_BYTES: Final = 840

STANDS_FOR: Final[Mapping[Kind, str]] = {
    Kind.PICTURE: "[图片]",
    Kind.VOICE: "[语音]",
    Kind.VIDEO: "[视频]",
}
"""What stands in a notice for a piece."""

_STANDING: Final = frozenset(STANDS_FOR.values())


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message of an issue, as one person may ask for it whole.

    `mine`: they said it. `given`: they had it whole before. `lost`: its file was not to be had.
    """

    message_id: str
    no: int
    author_id: int
    kind: Kind
    text: str
    at: datetime
    mine: bool
    given: bool = False
    lost: bool = False

    @property
    def is_piece(self) -> bool:
        return self.kind in PIECES

    @property
    def is_more_than_shown(self) -> bool:
        """Whether a notice of it showed less than there is."""
        return self.is_piece or is_long(self.text)


@dataclass(frozen=True, slots=True)
class Saying:
    """One message in full.

    `who`: "you", "resident", "staff", or "" where `by` names one who serves there.
    `piece`: "" for words, else whether the file is "coming" or "lost".
    """

    who: str
    by: Named | None
    at: datetime
    said: str
    piece: str


def is_long(words: str) -> bool:
    return weight(words) > LONG_BYTES


def is_piece(words: str) -> bool:
    """Whether these words only stand for a picture, a voice or a video."""
    return words in _STANDING


def opening(words: str) -> str:
    """What a notice shows of long words."""
    return beginning(words, _OPENING_BYTES).rstrip()


def in_words(said: Said, text: str) -> str:
    """`text` as people are shown it: a place with its coordinates, a link with its address."""
    carried = said.carried
    told: tuple[str | None, ...]
    match said.kind:
        case Kind.PLACE:
            told = (carried.get("label"), _coordinates(carried))
        case Kind.LINK:
            told = (carried.get("title"), carried.get("url"))
        case _:
            return text
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return " ".join(part for part in (first, *told) if part)


def _coordinates(carried: Mapping[str, str]) -> str:
    """Latitude, longitude, as maps take them typed."""
    both = (carried.get("latitude"), carried.get("longitude"))
    return ",".join(part for part in both if part) if all(both) else ""
