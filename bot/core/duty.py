"""值班: when, in the coming week, nobody is on duty whom the unit's own roster leads to expect.

Knows rows of duty and days; not who they are, what a tier's hours are, nor any sentence.

A unit covers what it chose to: nights, weekends, all day. So what it covers on some working day is
expected of each working day of the week to come, and likewise of weekends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from bot.core.roster import DutyRow

_DAY: Final = 24 * 60
_WEEK: Final = 7
_ONE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is on duty from `opens` to `closes`, minutes since the midnight `day` begins with."""

    day: date
    opens: int
    closes: int

    @property
    def hours(self) -> str:
        """ "20:00-08:00"."""
        closes = self.closes if self.closes <= _DAY else self.closes - _DAY
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.opens, closes))


def gaps(
    duties: Sequence[DutyRow], today: date, away: Mapping[str, date] = MappingProxyType({})
) -> tuple[Gap, ...]:
    """The gaps of one unit within seven days from `today`, in order. `away`: by phone, the day on
    which somebody is back from leave."""
    found: list[Gap] = []
    for day in (today + _ONE * ahead for ahead in range(_WEEK)):
        wanted = _minutes((one.opens, one.closes) for one in duties if _is_like(one, day))
        there = _minutes(
            (one.opens + shift * _DAY, one.closes + shift * _DAY)
            for shift in (-1, 0, 1)
            for one in duties
            if _is_on(one, on := day + _ONE * shift) and on >= away.get(one.phone, on)
        )
        found += [_gap(day, opens, closes) for opens, closes in _spans(wanted - there)]
    return tuple(found)


def news(
    found: Sequence[Gap], told: Sequence[Gap], told_on: date | None, today: date
) -> tuple[Gap, ...]:
    """What of the gaps found a unit is told now; `told` it knows, the last of them since `told_on`.

    What arose within the week that it was told of, it hears of at once; what only comes nearer with
    the days waits until that week is nearly over, and is then told for a week at once.
    """
    fresh = tuple(piece for gap in found for piece in _but(gap, told))
    known_until = told_on + _ONE * _WEEK if told_on else today
    if today + _ONE < known_until and all(gap.day >= known_until for gap in fresh):
        return ()
    return fresh


def _but(gap: Gap, told: Iterable[Gap]) -> Iterable[Gap]:
    """What of the gap is in none of the others."""
    known = _minutes(
        (one.opens + apart * _DAY, one.closes + apart * _DAY)
        for one in told
        for apart in ((one.day - gap.day).days,)
    )
    left = _minutes([(gap.opens, gap.closes)]) - known
    return (_gap(gap.day, opens, closes) for opens, closes in _spans(left))


def _gap(day: date, opens: int, closes: int) -> Gap:
    """What lacks only behind midnight is told of the day it is on."""
    ahead = opens // _DAY
    return Gap(day + _ONE * ahead, opens - ahead * _DAY, closes - ahead * _DAY)


def _is_like(duty: DutyRow, day: date) -> bool:
    """Whether it is on a day of the same kind: a working day or a weekend."""
    weekday = duty.day.weekday() if duty.day else duty.weekday
    return weekday is not None and (weekday >= 5) == (day.weekday() >= 5)


def _is_on(duty: DutyRow, day: date) -> bool:
    return duty.day == day if duty.day else duty.weekday == day.weekday()


def _minutes(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {minute for opens, closes in spans for minute in range(opens, closes)}


def _spans(minutes: set[int]) -> list[tuple[int, int]]:
    """The stretches that minutes form, from the first to behind the last of each."""
    ordered = sorted(minutes)
    if not ordered:
        return []
    breaks = [(one, other) for one, other in pairwise(ordered) if other != one + 1]
    opens = [ordered[0], *(other for _, other in breaks)]
    closes = [*(one + 1 for one, _ in breaks), ordered[-1] + 1]
    return list(zip(opens, closes, strict=True))
