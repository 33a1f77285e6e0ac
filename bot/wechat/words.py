"""What text WeChat can carry: which characters, how many bytes.

Knows the platform's limits only; not what the text says nor who reads it.
"""

import re

TEXT_BYTES = 2048
"""Most UTF-8 bytes of one text, passive or pushed (undocumented; error 45002 measured above it)."""

SAFE_BYTES = 2000
"""Where we cut, a little below: one text of 2001 to 2048 bytes still goes out whole."""

ELLIPSIS = "…"

# Everything XML 1.0 cannot carry, the C1 controls and DEL beside it; tab and newline stay.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")
# Characters that belong to the one before: joiner, selectors, skin tones, combining marks.
_CLINGING = re.compile("[\u200d\ufe00-\ufe0f\u0300-\u036f\u20e3\U0001f3fb-\U0001f3ff]")
_JOINER = "\u200d"


def clean(text: str) -> str:
    """The text without characters that XML or PostgreSQL refuse; emoji stay whole."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def size(text: str) -> int:
    """Bytes of the text as WeChat counts them."""
    return len(text.encode("utf-8", "replace"))


def beginning(text: str, most: int) -> str:
    """The longest beginning of at most `most` characters that tears none apart.

    Counted as UTF-16 does: WeChat does not say whether an emoji is one character or two, so
    it is two.
    """
    units = 0
    for at, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > most:
            return text[: _whole(text, at)]
    return text


def fitting(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` bytes that tears no character or emoji apart.

    Never empty where `limit` holds at least one character: a joined emoji longer than the
    limit is torn rather than kept for ever.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return text
    return text[: _whole(text, len(raw[:limit].decode("utf-8", "ignore")))]


def _whole(text: str, end: int) -> int:
    """The nearest place up to `end` where a cut tears nothing, `end` where there is none."""
    at = end
    while at > 0 and _tears(text, at):
        at -= 1
    return at or end


def _tears(text: str, at: int) -> bool:
    """Whether a cut before `text[at]` would part characters that are shown as one."""
    return text[at - 1] == _JOINER or _CLINGING.match(text, at) is not None


def shortened(text: str) -> str:
    """The text if one message holds it, else its beginning and "…", within SAFE_BYTES."""
    if size(text) <= TEXT_BYTES:
        return text
    return fitting(text, SAFE_BYTES - size(ELLIPSIS)) + ELLIPSIS
