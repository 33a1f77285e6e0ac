"""The platform's temporary media: pictures, voice, films and thumbs, each for three days.

Knows platform facts 2.5 (temporary media). Must not know phones or HTTP.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.simulator import formats
from bot.simulator.formats import Format
from bot.simulator.samples import quiet_voice

LASTS = timedelta(days=3)
MEGABYTE = 1 << 20
LONGEST_VOICE = 60  # seconds
KEPT_BYTES = 256 * MEGABYTE  # of everything; the oldest goes first

BAD_KIND, BAD_FILE = 40004, 40005
ABSENT, TOO_LARGE, TOO_LONG = 41005, 45001, 45007

ALLOWED: dict[str, tuple[tuple[Format, ...], int]] = {
    "image": ((formats.JPEG, formats.PNG, formats.GIF), 10 * MEGABYTE),
    "voice": ((formats.AMR, formats.MP3), 2 * MEGABYTE),
    "video": ((formats.MP4,), 10 * MEGABYTE),
    "thumb": ((formats.JPEG,), 64 << 10),
}
RECORDED = (formats.WEBM, formats.OGG, formats.MP4, formats.WAV)


class BadMedium(Exception):
    """The file cannot be taken; `code` is WeChat's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Medium:
    """One file. `played` is the recording a voice was made from: browsers play no AMR."""

    media_id: str
    kind: str
    data: bytes = field(repr=False)
    made_at: datetime
    seconds: int = 0
    played: bytes = field(default=b"", repr=False)

    @property
    def format(self) -> Format:
        """What the bytes are."""
        return formats.format_of(self.data) or Format("bin", "application/octet-stream")


@dataclass
class MediaStore:
    """Every file, by id. Not thread-safe: the platform holds its lock."""

    name: Callable[[], str]  # makes up an id
    by_id: dict[str, Medium] = field(default_factory=dict)
    _played: dict[bytes, bytes] = field(default_factory=dict)
    _size: int = 0

    def upload(self, kind: str, data: bytes, now: datetime) -> Medium:
        """Takes a file of the account's program; raises BadMedium."""
        if kind not in ALLOWED:
            raise BadMedium(BAD_KIND)
        allowed, limit = ALLOWED[kind]
        if not data:
            raise BadMedium(ABSENT)
        if len(data) > limit:
            raise BadMedium(TOO_LARGE)
        if formats.format_of(data) not in allowed:
            raise BadMedium(BAD_FILE)
        seconds = formats.seconds_of(data)
        if kind == "voice" and seconds > LONGEST_VOICE:
            raise BadMedium(TOO_LONG)
        return self._keep(
            Medium(self.name(), kind, data, now, round(seconds) or math.ceil(seconds))
        )

    def record(self, data: bytes, seconds: float, now: datetime) -> Medium:
        """Takes what a phone recorded and makes the AMR that the account gets.

        No sound is encoded: the AMR is silence of the same length, and whoever shows the same
        AMR again gets the recording to play.
        """
        lasts = min(LONGEST_VOICE, max(1.0, seconds))
        if formats.format_of(data) not in RECORDED:
            raise BadMedium(BAD_FILE)
        silence = quiet_voice(lasts, hashlib.sha256(data).digest())
        return self._keep(Medium(self.name(), "voice", silence, now, math.ceil(lasts), data))

    def again(self, medium: Medium) -> Medium:
        """The same file under a second id, as MediaId16K is."""
        return self._keep(replace(medium, media_id=self.name()))

    def find(self, media_id: object, now: datetime) -> Medium | None:
        """The file, while it lives."""
        found = self.by_id.get(str(media_id))
        return found if found and now < found.made_at + LASTS else None

    def keep(self, medium: Medium) -> None:
        """Puts back a file that was kept elsewhere."""
        self._keep(medium)

    def _keep(self, medium: Medium) -> Medium:
        mark = hashlib.sha256(medium.data).digest()
        if medium.played:
            self._played[mark] = medium.played
        elif mark in self._played:
            medium = replace(medium, played=self._played[mark])
        self.by_id[medium.media_id] = medium
        self._size += len(medium.data)
        while self._size > KEPT_BYTES and len(self.by_id) > 1:
            self._size -= len(self.by_id.pop(next(iter(self.by_id))).data)
        return medium
