"""What a template message or a subscription notice says: that there is something to read, no more.

Knows facts; no sentence, no field of a template.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Announcement:
    """So many notices wait to be read. `no`: the issue of the first of them that has one;
    `more`: whether others are about other issues; `place`: where that issue is."""

    count: int
    at: datetime
    no: int | None = None
    more: bool = False
    place: str | None = None
