"""Reading a time to come as people type it: 3天, 12月1日, 2026-12-01, 明天下午3点, 下周五, 月底.

Knows how days are named in Chinese. Must not know what is due then, or which days are worked.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.core.commands import fold
from bot.core.workdays import Duration


@dataclass(frozen=True, slots=True)
class Until:
    """One of: a `wait` from now on (3天, 2小时), so many `workdays` on (3个工作日), or a `day`,
    with `at`, the time since its midnight, where one was said."""

    wait: Duration | None = None
    workdays: int = 0
    day: date | None = None
    at: timedelta | None = None


_Found = re.Match[str]
_Meaning = Callable[[_Found, date], Until]

_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_N = r"([0-9]{1,3}|[零〇一二两三四五六七八九十]{1,3})"
_TO = re.compile(r"(?:推迟|延期|延|等|请假)?\s*(?:到|至)?\s*")
_BY = re.compile(r"(?:之前|以前|前|之内|以内|内|之后|以后|后|为止)?")
_APART = re.compile(r"[\s,，.。:：;；、!！~～\-—（(]+")
_WEEK = r"(?:周|星期|礼拜)"
_DAY_NAMES = {"今": 0, "明": 1, "后": 2, "大后": 3}
_PERIODS = {"凌晨": 6, "早": 9, "早上": 9, "上午": 12, "中午": 13, "下午": 18, "傍晚": 19}
_PERIODS |= {"晚": 21, "晚上": 21, "夜里": 24}
_PERIOD = "(凌晨|早上|早|上午|中午|下午|傍晚|晚上|晚|夜里)"
_CLOCK = re.compile(
    rf"\s*{_PERIOD}?\s*(?:{_N}\s*[点时](?:(半)|{_N}分?)?|([0-9]{{1,2}}):([0-5][0-9]))"
)
_PERIOD_ALONE = re.compile(rf"\s*{_PERIOD}")


def read(text: str, today: date) -> tuple[Until, str] | None:
    """The time that `text` begins with, and the words behind it; None where it begins with none.

    Words that run on without a stop (周五前要等配件) are given back with the time in them.
    `today` is the day in China. ValueError: a day that no calendar has (2月30日).
    """
    folded = fold(text.strip())
    start = _end(_TO, folded, 0)
    for shape, meaning in _SHAPES:
        found = shape.match(folded, start)
        if found is not None:
            until, end = _with_clock(meaning(found, today), folded, found.end())
            return until, _behind(text.strip(), folded, _end(_BY, folded, end))
    until, end = _with_clock(Until(day=today), folded, start)
    return (until, _behind(text.strip(), folded, end)) if until.at is not None else None


def _behind(text: str, folded: str, end: int) -> str:
    apart = _APART.match(folded, end)
    return text[apart.end() :] if apart else text if end < len(text) else ""


def _end(optional: re.Pattern[str], folded: str, at: int) -> int:
    found = optional.match(folded, at)
    return found.end() if found else at


def _with_clock(until: Until, folded: str, at: int) -> tuple[Until, int]:
    """The time of day behind a day: 下午3点半, 15:30, or only 下午."""
    if until.day is None:
        return until, at
    found = _CLOCK.match(folded, at)
    if found is not None:
        return replace(until, at=_time(found)), found.end()
    alone = _PERIOD_ALONE.match(folded, at)
    if alone is not None:
        return replace(until, at=timedelta(hours=_PERIODS[alone[1]])), alone.end()
    return until, at


def _time(found: _Found) -> timedelta:
    period, hours, half, minutes, hour, minute = found.groups()
    at = timedelta(hours=_count(hours or hour), minutes=30 if half else _count(minutes or minute))
    in_half = period in ("下午", "傍晚", "晚上", "晚", "夜里") and at < timedelta(hours=12)
    at += timedelta(hours=12) if in_half else timedelta()
    if at > timedelta(days=1):
        raise ValueError("a day has 24 hours")
    return at


def _count(numeral: str | None) -> int:
    """12, 十二, 二十, 二十一; nothing is 0."""
    if not numeral or numeral.isdecimal():
        return int(numeral or 0)
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[digit]) for digit in numeral))
    return 10 * (_count(tens) or 1) + _count(ones)


# --- what each shape means --------------------------------------------------------------------


def _full_date(found: _Found, today: date) -> Until:
    del today
    year, month, day = (int(part) for part in found.groups())
    return Until(day=date(year, month, day))


def _month_and_day(found: _Found, today: date) -> Until:
    """The next such day; long past means next year's."""
    month, day = _count(found[1]), _count(found[2])
    year = today.year + ((month, day) < (today.month, today.day))
    if (month, day) == (2, 29):
        year = next(y for y in range(year, year + 9) if calendar.isleap(y))
    return Until(day=date(year, month, day))


def _next_year(found: _Found, today: date) -> Until:
    return Until(day=date(today.year + 1, _count(found[1]), _count(found[2])))


def _short_date(found: _Found, today: date) -> Until:
    """26年12月1日."""
    century = today.year // 100 * 100
    return Until(day=date(century + int(found[1]), _count(found[2]), _count(found[3])))


def _day_of_month(found: _Found, today: date) -> Until:
    day, first = _count(found[1]), today.replace(day=1)
    if day < today.day:
        first = _months_on(first, 1)
    return Until(day=first.replace(day=day))


def _days(found: _Found, today: date) -> Until:
    del today
    return Until(wait=_wait(f"{_count(found[1])}d"))


def _hours(found: _Found, today: date) -> Until:
    """24小时 is a day."""
    days, hours = divmod(_count(found[1]), 24)
    if days and not hours and not found[2]:
        return Until(wait=_wait(f"{days}d"))
    del today
    return Until(wait=_wait(f"{_count(found[1]) + (0.5 if found[2] else 0)}h"))


def _minutes(found: _Found, today: date) -> Until:
    del today
    return Until(wait=_wait(f"{_count(found[1])}m"))


def _wait(text: str) -> Duration:
    return Duration.parse(text)


def _workdays(found: _Found, today: date) -> Until:
    del today
    return Until(workdays=_at_least_one(_count(found[1])))


def _weeks(found: _Found, today: date) -> Until:
    return Until(day=today + timedelta(weeks=_at_least_one(_count(found[1]))))


def _months(found: _Found, today: date) -> Until:
    return Until(day=_months_on(today, _at_least_one(_count(found[1]))))


def _at_least_one(number: int) -> int:
    if number < 1:
        raise ValueError("a wait is more than nothing")
    return number


def _named_day(found: _Found, today: date) -> Until:
    return Until(day=today + timedelta(days=_DAY_NAMES[found[1]]))


def _weekday(found: _Found, today: date) -> Until:
    """周五: the next one, today's own included; 下周五: the one of next week."""
    which, named = found[1] or "", found[2]
    number = 6 if named in ("日", "天", "末") else _count(named) - 1
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(weeks=which.count("下"), days=number)
    return Until(day=day if which or day >= today else day + timedelta(weeks=1))


def _next_week(found: _Found, today: date) -> Until:
    sunday = today + timedelta(days=6 - today.weekday())
    return Until(day=sunday + timedelta(weeks=found[1].count("下")))


def _month_end(found: _Found, today: date) -> Until:
    first = _months_on(today.replace(day=1), 1 if found[1] == "下" else 0)
    return Until(day=_months_on(first, 1) - timedelta(days=1))


def _months_on(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


_SHAPES: tuple[tuple[re.Pattern[str], _Meaning], ...] = tuple(
    (re.compile(shape), meaning)
    for shape, meaning in (
        (
            r"(20[0-9]{2})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})(?:\s*[日号])?",
            _full_date,
        ),
        (r"(20[0-9]{2})([01][0-9])([0-3][0-9])(?![0-9])", _full_date),
        (rf"([0-9]{{2}})\s*年\s*{_N}\s*月\s*{_N}(?:\s*[日号])?", _short_date),
        (rf"明年\s*{_N}\s*月\s*{_N}(?:\s*[日号])?", _next_year),
        (rf"{_N}\s*月\s*{_N}(?:\s*[日号])?", _month_and_day),
        (r"([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9.天个小周月])(?:\s*[日号])?", _month_and_day),
        (rf"{_N}\s*个?\s*工作日", _workdays),
        (rf"{_N}\s*(?:天|日(?=[之以]?内))", _days),
        (rf"{_N}\s*个?(半)?\s*(?:小时|钟头)", _hours),
        (rf"{_N}\s*分钟", _minutes),
        (rf"{_N}\s*个?\s*{_WEEK}(?![一二三四五六日天末])", _weeks),
        (rf"{_N}\s*个\s*月", _months),
        (r"(大后|后|明|今)(?:天|日|(?=晚|早))", _named_day),
        (rf"(下下|下|本|这)?个?{_WEEK}([一二三四五六日天末1-6])(?![0-9天])", _weekday),
        (rf"(下下|下|本|这)个?{_WEEK}", _next_week),
        (r"(本|这|下)?个?月(?:底|末)", _month_end),
        (rf"{_N}\s*[号日]", _day_of_month),
    )
)
