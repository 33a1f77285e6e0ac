"""The tiers an issue climbs, by their place: the first, the next, the top, and when a wait ends.

Knows the order of the tiers, their clocks and durations. Must not know what any tier is called:
every rule here goes by place or by level, so that a file may name, add and leave out tiers at will.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.workdays import Calendar, Clock, Duration, Span, WallClock, due, next_at

_A_WEEK = Duration(days=7)


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of the ladder.

    `place` counts from 0 at the bottom. `level` is the level of the units whose staff serve the
    tier; None means that the household's own person serves it. `key` is what issues store.
    `extend_times` and `extend_by`: how often handling may be put off here (延期), and how far past
    the time it has.
    """

    place: int
    key: str
    name: str
    level: str | None
    answer_within: Duration
    handle_within: Duration
    clock: Clock
    extend_times: int = 2
    extend_by: Duration = _A_WEEK


@dataclass(frozen=True, slots=True)
class Evening:
    """Times of day in China, since midnight: when holders are asked about what came that day and
    is not done, and when, the next morning, the tier above hears who said nothing."""

    ask_at: timedelta = timedelta(hours=17)
    tell_at: timedelta = timedelta(hours=8, minutes=30)


_USUAL_EVENING = Evening()


@dataclass(frozen=True, slots=True)
class Ladder:
    """All tiers from the bottom up, never none, and what holds for every one of them.

    `remind` is in climbing order and every part of it shorter than `close_after`. In the hours
    of `quiet` nobody is told what may wait for the morning.
    """

    tiers: tuple[Tier, ...]
    tick: timedelta
    close_after: Duration
    remind: tuple[Duration, ...]
    urgent_answer_within: timedelta
    urgent_tell_tiers: int
    evening: Evening = _USUAL_EVENING
    quiet: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.tiers:
            raise ValueError("a ladder needs at least one tier")
        if [tier.place for tier in self.tiers] != list(range(len(self.tiers))):
            raise ValueError("a tier's place is its position counted from the bottom")
        if any(tier.level is None for tier in self.tiers[1:]):
            raise ValueError("only the bottom tier may be without a level")

    @property
    def first(self) -> Tier:
        return self.tiers[0]

    @property
    def top(self) -> Tier:
        return self.tiers[-1]

    @property
    def own(self) -> Tier | None:
        """The tier served by the household's own person, where the ladder has one."""
        return self.first if self.first.level is None else None

    def tier(self, key: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.key == key), None)

    def next(self, tier: Tier) -> Tier | None:
        """The tier above, or None at the top."""
        return self.tiers[tier.place + 1] if tier.place < self.top.place else None

    def at_or_above(self, key: str, known_place: int) -> Tier:
        """The tier an issue stands on that stored `key` and, with it, the place it then had.

        After an edit of the file the key may be gone. A tier renamed keeps its place; a tier left
        out hands its place to the one that stood above it; nothing is higher than the top. So
        leaving tiers out never makes an issue fall.
        """
        return self.tier(key) or self.tiers[max(0, min(known_place, self.top.place))]

    def answer_due(self, tier: Tier, start: datetime, calendar: Calendar) -> datetime:
        """When an issue that began to wait on `tier` at `start` must have its answer; UTC."""
        return due(start, tier.answer_within, tier.clock, calendar)

    def handle_due(self, tier: Tier, start: datetime, calendar: Calendar) -> datetime:
        """When an issue taken in hand on `tier` at `start` must be resolved; UTC."""
        return due(start, tier.handle_within, tier.clock, calendar)

    def extend_limit(self, tier: Tier, ends: datetime, calendar: Calendar) -> datetime:
        """Until when at most handling that `ends` then may be put off on `tier` (延期); UTC."""
        return due(ends, tier.extend_by, tier.clock, calendar)

    def ask_due(self, tier: Tier, start: datetime, calendar: Calendar) -> datetime:
        """The first evening after `start` on which the holder on `tier` is asked; UTC."""
        return next_at(start, self.evening.ask_at, tier.clock, calendar)

    def tell_due(self, tier: Tier, start: datetime, calendar: Calendar) -> datetime:
        """The first morning after `start` on which `tier` is told of what nobody explained; UTC."""
        return next_at(start, self.evening.tell_at, tier.clock, calendar)

    def urgent_due(self, start: datetime) -> datetime:
        """When an urgent issue's holder changes: plain time, whatever the tier's clock; UTC."""
        return due(start, Duration(time=self.urgent_answer_within), WallClock(), Calendar())

    def close_due(self, tier: Tier, resolved_at: datetime, calendar: Calendar) -> datetime:
        """When silence closes an issue resolved on `tier`, counted on that tier's clock; UTC."""
        return due(resolved_at, self.close_after, tier.clock, calendar)

    def remind_dues(
        self, tier: Tier, resolved_at: datetime, calendar: Calendar
    ) -> tuple[datetime, ...]:
        """When the resident is reminded of the verdict, in order, each before `close_due`; UTC."""
        close_at = self.close_due(tier, resolved_at, calendar)
        moments = {due(resolved_at, wait, tier.clock, calendar) for wait in self.remind}
        return tuple(sorted(moment for moment in moments if moment < close_at))
