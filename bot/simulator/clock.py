"""The platform's clock: real time, moved on by hand or made to stand.

Knows how far it was moved. Must not know who reads it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Gives aware datetimes. `at` makes it stand there until it is moved on."""

    def __init__(self, at: datetime | None = None) -> None:
        self._standing = at
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return (self._standing or datetime.now(UTC)) + self.ahead

    def advance(self, **parts: float) -> None:
        """Moves on by timedelta's parts, as `advance(hours=25)`; never back."""
        step = timedelta(**parts)
        if step < timedelta():
            raise ValueError("a clock is only moved on")
        self.ahead += step

    def reach(self, moment: datetime) -> None:
        """Moves on to this moment; one that has passed changes nothing."""
        self.ahead += max(timedelta(), moment - self())
