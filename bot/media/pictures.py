"""Pictures without what they betray: place, time, phone. Turned upright, small enough to send on.

Knows Pillow. Only the picture itself is taken over into a new file, so nothing else can be left.
"""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps, ImageSequence

from bot.media.forms import GIF, JPEG, PNG, Form

# What is odd about a person's picture is no news for the log.
warnings.filterwarnings("ignore", module=r"PIL\.")

MOST_BYTES: Final = 2 * 1024 * 1024
"""WeChat takes pictures of 2 MB for certain (platform notes §2.5)."""

_MOST_PIXELS: Final = 60_000_000  # a file of a few bytes may claim any size
_LONGEST_SIDE: Final = 4096
_MOST_FRAMES: Final = 300
_READ: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
_QUALITIES: Final = (90, 80, 65, 50)


class NoPicture(Exception):
    """The file cannot be read as a picture, or claims to be larger than any."""


def cleaned(content: bytes, form: Form) -> tuple[bytes, Form]:
    """The picture as a new file, at most MOST_BYTES, and its form. Raises NoPicture."""
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise NoPicture("too many pixels")
            return _anew(picture, form)
    except NoPicture:
        raise
    except Image.DecompressionBombError as error:
        raise NoPicture("too many pixels") from error
    except Exception as error:  # a spoilt file may trip a reader anywhere
        raise NoPicture(type(error).__name__) from error


def _anew(picture: Image.Image, form: Form) -> tuple[bytes, Form]:
    if form is GIF and getattr(picture, "is_animated", False):
        moving = _moving(picture)
        if len(moving) <= MOST_BYTES:
            return moving, GIF
        picture.seek(0)
    upright = ImageOps.exif_transpose(picture)
    still = Image.new(_mode(upright), upright.size)
    still.paste(upright.convert(still.mode))
    if form is PNG or still.mode == "RGBA":
        made = _saved(still, "PNG", optimize=True)
        if len(made) <= MOST_BYTES:
            return made, PNG
    return _smaller(_on_white(still)), JPEG


def _mode(picture: Image.Image) -> str:
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return "RGBA" if see_through else "RGB"


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _smaller(picture: Image.Image) -> bytes:
    """As JPEG, of lesser quality, then of lesser size, until it is small enough."""
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    while True:
        for quality in _QUALITIES:
            made = _saved(picture, "JPEG", quality=quality)
            if len(made) <= MOST_BYTES:
                return made
        picture = picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)))


def _moving(picture: Image.Image) -> bytes:
    """Every frame of a moving GIF, with how long each stands."""
    frames, stands = list[Image.Image](), list[int]()
    for number, frame in enumerate(ImageSequence.Iterator(picture)):
        if number >= _MOST_FRAMES:
            break
        stands.append(int(frame.info.get("duration", 100)))
        anew = Image.new("RGBA", frame.size)
        anew.paste(frame.convert("RGBA"))
        frames.append(anew)
    first, *others = frames
    return _saved(first, "GIF", save_all=True, append_images=others, duration=stands, loop=0)


def _saved(picture: Image.Image, name: str, **how: object) -> bytes:
    into = io.BytesIO()
    picture.save(into, name, **how)
    return into.getvalue()
