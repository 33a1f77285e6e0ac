"""Texts by their weight in bytes: how much fits, where a long one is parted.

Knows UTF-8 and where people pause; no channel's limit, that is the caller's.
"""

import re
from typing import Final

ELLIPSIS: Final = "……"

_BREAKS: Final = (
    re.compile(r"\n"),
    re.compile(r"[。！？；…!?;]+[”’）」』]*"),
    re.compile(r"[，、,\s]"),
)
"""Where a text is parted, best first; the break stays with what is before it."""

# Characters that belong to the one before: joiner, selectors, skin tones, combining marks.
_CLINGING: Final = re.compile("[\u200d\ufe00-\ufe0f\u0300-\u036f\u20e3\U0001f3fb-\U0001f3ff]")
_JOINER: Final = "\u200d"


def weight(text: str) -> int:
    """Bytes of the text as UTF-8."""
    return len(text.encode("utf-8", "replace"))


def parts(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` bytes; joined they are the text, but for pieces of
    nothing but space.

    Parted at line ends, else after sentences, else after commas and spaces, else between
    characters; a piece is never less than half full for the sake of a better place.
    """
    rest, pieces = text, list[str]()
    while weight(rest) > limit:
        piece = beginning(rest, limit)
        pieces.append(piece)
        rest = rest[len(piece) :]
    return [piece for piece in (*pieces, rest) if piece.strip()]


def beginning(text: str, limit: int) -> str:
    """The text's first part of at most `limit` bytes, ended at a good place; the text where it
    fits. Never empty where `limit` holds a character."""
    full = fitting(text, limit)
    if len(full) == len(text):
        return text
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(full)]
        if ends and ends[-1] * 2 >= len(full):
            return full[: ends[-1]]
    return full


def fitting(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` bytes that tears no character or joined emoji apart.

    Never empty where `limit` holds a character: a joined emoji longer than the limit is torn
    rather than kept for ever.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return text
    return text[: untorn(text, len(raw[:limit].decode("utf-8", "ignore")))]


def untorn(text: str, end: int) -> int:
    """The nearest place up to `end` where a cut tears nothing, `end` where there is none."""
    at = end
    while at > 0 and (text[at - 1] == _JOINER or _CLINGING.match(text, at)):
        at -= 1
    return at or end
