"""Customer-service messages: text pushed into the chat within WeChat's window and quota.

Knows how much one message holds and where to part what is longer; not how many a person may
still be sent.
"""

import re

from bot.core.outcome import Outcome, Refused
from bot.wechat.client import WeChat
from bot.wechat.words import SAFE_BYTES, TEXT_BYTES, clean, fitting, size

_BREAKS = (re.compile(r"\n"), re.compile(r"[。！？；…!?;]+[”’）」』]*"), re.compile(r"[，、,\s]"))
"""Where a text is parted, best first; the break stays with what is before it."""


class Chat:
    """The channel "chat"."""

    name = "chat"

    def __init__(self, wechat: WeChat) -> None:
        self._wechat = wechat

    def carries(self, text: str) -> bool:
        """Whether one message holds it; what is longer goes as `parts`, one by one."""
        words = clean(text)
        return bool(words.strip()) and size(words) <= TEXT_BYTES

    def send(self, openid: str, text: str) -> Outcome:
        """One message. Too long or empty is refused here: nothing is cut off in silence."""
        if not self.carries(text):
            return Refused("empty, or longer than one message holds", "message")
        return self._wechat.send_text(openid, clean(text))


def parts(text: str) -> list[str]:
    """The text in pieces that one message each can hold; joined they are the cleaned text,
    but for pieces of nothing but space, which WeChat would refuse.

    Parted at line ends, else after sentences, else after commas and spaces, else between
    characters; a piece is never less than half full for the sake of a better place.
    """
    rest, pieces = clean(text), list[str]()
    while size(rest) > SAFE_BYTES:
        piece = _first_piece(rest)
        pieces.append(piece)
        rest = rest[len(piece) :]
    return [piece for piece in [*pieces, rest] if piece.strip()]


def _first_piece(text: str) -> str:
    full = fitting(text, SAFE_BYTES)
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(full)]
        if ends and ends[-1] * 2 >= len(full):
            return full[: ends[-1]]
    return full
