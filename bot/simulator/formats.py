"""What the first bytes of a file tell: picture, sound or film, and how long a sound lasts.

Knows magic numbers and the frames of AMR and MP3. Must not know what WeChat allows.
Sources: RFC 4867 §5 (AMR storage), ISO/IEC 11172-3 (MPEG audio headers), ISO/IEC 14496-12.
"""

from __future__ import annotations

from dataclasses import dataclass

AMR_HEAD = b"#!AMR\n"
AMR_FRAME = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)  # bytes after the header
AMR_FRAMES_A_SECOND = 50
MP3_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True)
class Format:
    """A file's format by its usual suffix, and what HTTP calls it."""

    suffix: str
    mime: str


JPEG, PNG = Format("jpg", "image/jpeg"), Format("png", "image/png")
GIF, MP4 = Format("gif", "image/gif"), Format("mp4", "video/mp4")
AMR, MP3 = Format("amr", "audio/amr"), Format("mp3", "audio/mpeg")
WEBM, OGG = Format("webm", "audio/webm"), Format("ogg", "audio/ogg")
WAV = Format("wav", "audio/wav")

HEADS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF8", GIF),
    (AMR_HEAD, AMR),
    (b"ID3", MP3),
    (b"\x1a\x45\xdf\xa3", WEBM),
    (b"OggS", OGG),
    (b"RIFF", WAV),
)


def format_of(data: bytes) -> Format | None:
    """The format, None where it is none of those known here."""
    for head, known in HEADS:
        if data.startswith(head):
            return known
    if data[4:8] == b"ftyp":
        return MP4
    return MP3 if _mp3_frame(data, 0) else None


def seconds_of(data: bytes) -> float:
    """How long an AMR or MP3 lasts; 0 for anything else."""
    match format_of(data):
        case found if found is AMR:
            return _amr_seconds(data)
        case found if found is MP3:
            return _mp3_seconds(data)
    return 0.0


def _amr_seconds(data: bytes) -> float:
    at, frames = len(AMR_HEAD), 0
    while at < len(data):
        at += 1 + AMR_FRAME[data[at] >> 3 & 15]
        frames += 1
    return frames / AMR_FRAMES_A_SECOND


def _mp3_seconds(data: bytes) -> float:
    at, seconds = _after_id3(data), 0.0
    while frame := _mp3_frame(data, at):
        at += frame[0]
        seconds += frame[1]
    return seconds


def _after_id3(data: bytes) -> int:
    if not data.startswith(b"ID3") or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 127
    return 10 + size


def _mp3_frame(data: bytes, at: int) -> tuple[int, float] | None:
    """Bytes and seconds of the layer III frame that begins here."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, padding = head[1] >> 3 & 3, head[2] >> 1 & 1
    kbits = MP3_KBITS[1 if version == 3 else 2][head[2] >> 4]
    rates = MP3_HERTZ.get(version, ())
    if not kbits or (head[2] >> 2 & 3) >= len(rates):
        return None
    hertz, samples = rates[head[2] >> 2 & 3], 1152 if version == 3 else 576
    return samples // 8 * kbits * 1000 // hertz + padding, samples / hertz
