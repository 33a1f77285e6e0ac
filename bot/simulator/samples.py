"""What a phone sends when nobody gives it a file: a picture, a film, a thumb, a voice.

Knows the files in pictures/. Must not know who sends them. Picture and film bear a place,
the picture a phone's make too, as what phones take does; both are made up.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.simulator.formats import AMR_FRAMES_A_SECOND, AMR_HEAD

FOLDER = Path(__file__).with_name("pictures")
FILES = {"image": "picture.jpg", "video": "video.mp4", "thumb": "thumb.jpg"}
SPEECH, NO_DATA = b"\x04", b"\x7c"  # frame headers: 4.75 kbit/s, and nothing to play


@cache
def sample(kind: str) -> bytes:
    """The sample of an image, video or thumb."""
    return (FOLDER / FILES[kind]).read_bytes()


def quiet_voice(seconds: float, mark: bytes) -> bytes:
    """An AMR of silence that lasts `seconds`; 12 bytes of `mark` make it unlike any other."""
    frames = max(1, round(seconds * AMR_FRAMES_A_SECOND))
    return AMR_HEAD + SPEECH + mark[:12].ljust(12, b"\0") + NO_DATA * (frames - 1)
