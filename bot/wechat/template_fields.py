"""The fields of template messages and subscription notices, cut to what WeChat takes.

Knows the limits of each kind of field; not which template has which fields nor what they say.
Source: developers.weixin.qq.com, the table of parameter kinds of subscription notices, which
holds for template messages too. What breaks it is refused with 47003.
"""

import re
from collections.abc import Mapping

from bot.wechat.words import ELLIPSIS, beginning, clean

EMPTY = "-"
"""Stands for nothing: WeChat refuses a field without a value."""

_NUMBERED = re.compile(r"[0-9]+\Z")
_SPACE = re.compile(r"\s+")
_CHINESE = re.compile("[\u3007\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U000323af]")

_SHORTENED = {"thing": 20, "short_thing": 5}
"""Kinds of words, with the most characters; "…" shows that something is missing."""

_CUT = {
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "phone_number": 17,
    "car_number": 8,
    "phrase": 5,
}
"""Kinds that are cut off where they end: "…" is not among their characters."""

_ALLOWED = {
    "number": re.compile(r"[^0-9.\-]"),
    "letter": re.compile(r"[^A-Za-z]"),
    "character_string": re.compile(r"[^\x20-\x7e]"),
    "phone_number": re.compile(r"[^0-9+\-() ]"),
    "phrase": re.compile(f"[^{_CHINESE.pattern[1:-1]}]"),
}
"""What has no place in a kind, left out."""


def fitted(fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """WeChat's `data`: {"thing1": {"value": ...}}. A field's kind is its name without number.

    Times, dates, amounts and listed values are left as they are: cut they would lie.
    """
    return {name: {"value": fit(_NUMBERED.sub("", name), text)} for name, text in fields.items()}


def fit(kind: str, text: str) -> str:
    """The text as this kind takes it, in one line."""
    words = _SPACE.sub(" ", clean(text)).strip()
    if kind in _ALLOWED:
        words = _ALLOWED[kind].sub("", words).strip()
    if kind in _SHORTENED:
        words = _shortened(words, _SHORTENED[kind])
    elif kind == "name":
        words = beginning(words, 10 if _CHINESE.search(words) else 20)
    elif kind in _CUT:
        words = beginning(words, _CUT[kind])
    return words or EMPTY


def _shortened(words: str, most: int) -> str:
    whole = beginning(words, most)
    return words if whole == words else beginning(words, most - 1).rstrip() + ELLIPSIS
