"""What a file is, by its first bytes; its name and what HTTP called it are not believed.

Knows magic numbers of what WeChat carries. Sources: RFC 4867 §5 (AMR), ISO/IEC 11172-3 (MP3),
ISO/IEC 14496-12 (MP4), and the formats' own specifications.
"""

from dataclasses import dataclass
from typing import Final

from bot.core.messages import Kind


@dataclass(frozen=True, slots=True)
class Form:
    """A format: whose kind of message it fits, its name's ending, its content type."""

    kind: Kind
    ending: str
    content_type: str


JPEG: Final = Form(Kind.PICTURE, "jpg", "image/jpeg")
PNG: Final = Form(Kind.PICTURE, "png", "image/png")
GIF: Final = Form(Kind.PICTURE, "gif", "image/gif")
WEBP: Final = Form(Kind.PICTURE, "webp", "image/webp")
BMP: Final = Form(Kind.PICTURE, "bmp", "image/bmp")
AMR: Final = Form(Kind.VOICE, "amr", "audio/amr")
MP3: Final = Form(Kind.VOICE, "mp3", "audio/mpeg")
SPEEX: Final = Form(Kind.VOICE, "speex", "audio/speex")
MP4: Final = Form(Kind.VIDEO, "mp4", "video/mp4")

_HEADS: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"BM", BMP),
    (b"#!AMR", AMR),
    (b"ID3", MP3),
)


def form_of(content: bytes) -> Form | None:
    """The format, None for anything that is no picture, voice or video of WeChat's."""
    for head, form in _HEADS:
        if content.startswith(head):
            return form
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[:4] == b"OggS" and b"Speex   " in content[:64]:
        return SPEEX
    if content[4:8] == b"ftyp":
        return MP4
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2:
        return MP3  # a layer III frame without a tag before it
    return None
