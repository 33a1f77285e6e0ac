"""What text WeChat can carry: which characters, how many bytes.

Knows the platform's limits only; not what the text says nor who reads it. How a text is cut is
`bot.core.texts`'.
"""

import re

from bot.core.texts import fitting, untorn, weight

TEXT_BYTES = 2048
"""Most UTF-8 bytes of one text, passive or pushed (undocumented; error 45002 measured above it)."""

SAFE_BYTES = 2000
"""Where we cut, a little below: one text of 2001 to 2048 bytes still goes out whole."""

ELLIPSIS = "…"

# Everything XML 1.0 cannot carry, the C1 controls and DEL beside it; tab and newline stay.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")


def clean(text: str) -> str:
    """The text without characters that XML or PostgreSQL refuse; emoji stay whole."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def beginning(text: str, most: int) -> str:
    """The longest beginning of at most `most` characters that tears none apart.

    Counted as UTF-16 does: WeChat does not say whether an emoji is one character or two, so
    it is two.
    """
    units = 0
    for at, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > most:
            return text[: untorn(text, at)]
    return text


def shortened(text: str) -> str:
    """The text if one message holds it, else its beginning and "…", within SAFE_BYTES."""
    if weight(text) <= TEXT_BYTES:
        return text
    return fitting(text, SAFE_BYTES - weight(ELLIPSIS)) + ELLIPSIS
