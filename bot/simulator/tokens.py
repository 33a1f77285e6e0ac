"""Access tokens of both kinds, as WeChat hands them out (platform facts 2.1).

Knows validity and overlap. Must not know HTTP or which call a token is shown to.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_A_DAY = 20
FORCED_APART = timedelta(seconds=30)

INVALID = 40001
MISSING = 41001
EXPIRED = 42001
TOO_MANY_TODAY = 45009
TOO_MANY_NOW = 45011


@dataclass
class Tokens:
    """The tokens alive now. Not thread-safe: the platform holds its lock."""

    ends: dict[str, datetime] = field(default_factory=dict)
    plain: str | None = None
    stable: str | None = None
    forced: list[datetime] = field(default_factory=list)

    def fresh_plain(self, now: datetime) -> tuple[str, int]:
        """GET /cgi-bin/token: a new token each time; the old one lives five minutes more."""
        self._retire(self.plain, now)
        self.plain = self._new(now)
        return self.plain, int(LASTS.total_seconds())

    def current_stable(self, now: datetime) -> tuple[str, int]:
        """POST /cgi-bin/stable_token: the same token until its last five minutes."""
        if self.stable is None or now >= self.ends[self.stable] - OVERLAP:
            self.stable = self._new(now)
        return self.stable, int((self.ends[self.stable] - now).total_seconds())

    def forced_stable(self, now: datetime) -> tuple[str, int] | int:
        """With force_refresh: a new token, or the error code of its own two limits."""
        self.forced = [at for at in self.forced if now - at < timedelta(days=1)]
        if len(self.forced) >= FORCED_A_DAY:
            return TOO_MANY_TODAY
        if self.forced and now - self.forced[-1] < FORCED_APART:
            return TOO_MANY_NOW
        self.forced.append(now)
        self._retire(self.stable, now)
        self.stable = None
        return self.current_stable(now)

    def check(self, token: str | None, now: datetime) -> int:
        """0 when the token is good, else WeChat's error code."""
        if not token:
            return MISSING
        if token not in self.ends:
            return INVALID
        return 0 if now < self.ends[token] else EXPIRED

    def forget(self) -> None:
        """Makes every token invalid at once, as a reset of the secret does."""
        self.ends.clear()
        self.plain = self.stable = None

    def _new(self, now: datetime) -> str:
        token = "79_" + secrets.token_urlsafe(96)
        self.ends[token] = now + LASTS
        return token

    def _retire(self, token: str | None, now: datetime) -> None:
        if token is not None:
            self.ends[token] = min(self.ends[token], now + OVERLAP)
