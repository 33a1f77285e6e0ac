"""The blanks of a template, filled from the wording's section "announcement".

Knows which kind a blank is by its name ("thing1", "time2") and how WeChat wants moments written;
limits of length are the platform's. A kind's own sentence stands under its name, the sentence for
a second blank of the kind under `then_` and its name; `text` serves every other kind.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.core.announcement import Announcement
from bot.core.workdays import CHINA

FIELDS: Final = frozenset({"count", "no", "more", "place", "time", "date"})
"""What a sentence may use."""

_NUMBER: Final = re.compile(r"[0-9]+\Z")


def filled(
    section: Mapping[str, Any], names: Sequence[str], announcement: Announcement
) -> dict[str, str]:
    """What is written into each of the blanks. Raises KeyError where the section has no `text`."""
    held, seen = _held(section, announcement), Counter[str]()
    written = {}
    for name in names:
        kind = _NUMBER.sub("", name)
        seen[kind] += 1
        own = section.get(kind, section["text"])
        sentence = own if seen[kind] == 1 else section.get(f"then_{kind}", own)
        written[name] = str(sentence).format_map(held).strip()
    return written


def _held(section: Mapping[str, Any], announcement: Announcement) -> dict[str, str]:
    at = announcement.at.astimezone(CHINA)
    held = {
        "more": "yes" if announcement.more else "",  # first, so that others' parts may use it
        "count": str(announcement.count),
        "no": f"#{announcement.no}" if announcement.no else "",
        "place": announcement.place or "",
        "time": f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
        "date": f"{at.year}年{at.month}月{at.day}日",
    }
    for name, value in tuple(held.items()):
        for part, wanted in (("if_", bool(value)), ("unless_", not value)):
            text = str(section.get(part + name, ""))
            held[part + name] = text.format_map(held) if wanted else ""
    return held
