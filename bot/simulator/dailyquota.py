"""How many calls of each API a day holds, and clearing what was used.

Knows platform facts 2.5 (quotas a day, reset). Must not know what a call does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
OTHERWISE = 5_000_000
CLEARS_A_MONTH = 10
USED_UP, NO_CLEARS = 45009, 48006

LIMITS = {
    "message/custom/send": 500_000,
    "message/template/send": 100_000,
    "media/upload": 100_000,
    "media/get": 200_000,
    "qrcode/create": 100_000,
    "user/info": 5_000_000,
    "menu/create": 1_000,
    "menu/get": 10_000,
    "menu/delete": 1_000,
    "menu/addconditional": 2_000,
    "menu/delconditional": 2_000,
    "token": 2_000,
    "stable_token": 500_000,
}


@dataclass
class DailyQuota:
    """Calls used today, by path. Not thread-safe: the platform holds its lock."""

    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    used: Counter[str] = field(default_factory=Counter)
    cleared: list[datetime] = field(default_factory=list)
    _day: str = ""

    def spend(self, path: str, now: datetime) -> int:
        """0, or 45009 where the day's calls are used up."""
        self._turn(now)
        if self.used[path] >= self.limit(path):
            return USED_UP
        self.used[path] += 1
        return 0

    def limit(self, path: str) -> int:
        """Calls a day."""
        return self.limits.get(path, OTHERWISE)

    def told(self, path: str, now: datetime) -> dict[str, int]:
        """As openapi/quota/get says it."""
        self._turn(now)
        limit, used = self.limit(path), self.used[path]
        return {"daily_limit": limit, "used": used, "remain": limit - used}

    def clear(self, now: datetime) -> int:
        """Begins the day anew; ten times a month."""
        month = f"{now.astimezone(BEIJING):%Y-%m}"
        self.cleared = [at for at in self.cleared if f"{at.astimezone(BEIJING):%Y-%m}" == month]
        if len(self.cleared) >= CLEARS_A_MONTH:
            return NO_CLEARS
        self.cleared.append(now)
        self.used.clear()
        return 0

    def _turn(self, now: datetime) -> None:
        day = f"{now.astimezone(BEIJING):%Y-%m-%d}"
        if day != self._day:
            self._day = day
            self.used.clear()
