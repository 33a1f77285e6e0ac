"""Files at WeChat: kept there for three days, up and down.

Knows sizes and forms WeChat takes; not what is in a file, whose it is or where it is kept here.
Source: developers.weixin.qq.com, temporary media.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from bot.wechat.access import Access, text_of
from bot.wechat.errors import AnswerLost, TooLarge


class Medium(StrEnum):
    PICTURE = "image"
    VOICE = "voice"
    VIDEO = "video"
    THUMB = "thumb"  # the picture shown in place of a video


LARGEST: Mapping[Medium, int] = {
    Medium.PICTURE: 2 * 1024 * 1024,  # the page says 10 MB in one place and 2 MB in another
    Medium.VOICE: 2 * 1024 * 1024,
    Medium.VIDEO: 10 * 1024 * 1024,
    Medium.THUMB: 64 * 1024,
}
"""Most bytes of an upload."""

LARGEST_TAKEN = 25 * 1024 * 1024
"""Most bytes of a download; what phones send through WeChat stays below."""

_SIGNS = (
    (b"\xff\xd8\xff", ("media.jpg", "image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", ("media.png", "image/png")),
    (b"GIF8", ("media.gif", "image/gif")),
    (b"BM", ("media.bmp", "image/bmp")),
    (b"#!AMR", ("media.amr", "audio/amr")),
    (b"ID3", ("media.mp3", "audio/mpeg")),
    (b"\xff\xfb", ("media.mp3", "audio/mpeg")),
)
"""First bytes, and the name under which WeChat believes them; it judges by the ending."""

_USUAL = {
    Medium.PICTURE: ("media.jpg", "image/jpeg"),
    Medium.THUMB: ("media.jpg", "image/jpeg"),
    Medium.VOICE: ("media.amr", "audio/amr"),
    Medium.VIDEO: ("media.mp4", "video/mp4"),
}


@dataclass(frozen=True)
class Stored:
    """A file that was written: its type as WeChat calls it, and its bytes."""

    content_type: str
    size: int


def upload(access: Access, medium: Medium, content: bytes) -> str:
    """As WeChat.upload."""
    if len(content) > LARGEST[medium]:
        raise TooLarge(f"a {medium} may have {LARGEST[medium]} bytes, this has {len(content)}")
    name, kind = _named(medium, content)
    answer = access.upload("media/upload", (name, content, kind), type=medium.value)
    return text_of(answer, "thumb_media_id" if "thumb_media_id" in answer else "media_id")


def download(access: Access, media_id: str, into: BinaryIO, most: int) -> Stored:
    """As WeChat.download."""
    found = access.fetch("media/get", into, most, media_id=media_id)
    if found.answer is not None:
        # Of a video WeChat gives the address, which needs no token.
        url = text_of(found.answer, "video_url")
        if not url.startswith(("http://", "https://")):
            raise AnswerLost("a video's address that is none")
        found = access.fetch_from(url, into, most)
    if found.answer is not None or not found.size:
        raise AnswerLost("no file came")
    return Stored(found.content_type, found.size)


def _named(medium: Medium, content: bytes) -> tuple[str, str]:
    return next((named for sign, named in _SIGNS if content.startswith(sign)), _USUAL[medium])
