"""Reads a file of holidays in holiday-cn's form into years, or says which line of it is wrong.

Source: NateScarlet/holiday-cn, README.md and schema.json: `{"year": 2027, "papers": […], "days":
[{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, …]}`, one file a year. Also taken:
several such years in a list or by year, and the days of one year alone. Must not know what follows
from it.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn

from bot.commands.trouble import WrongFileError
from bot.core.holidays import Announced, Year

_LARGEST: Final = 1_000_000
_YEARS: Final = range(2000, 2101)
_EXAMPLE: Final = '{"name": "元旦", "date": "2027-01-01", "isOffDay": true}'


def read(file: Path) -> tuple[Year, ...]:
    """The years of a file, in order. Raises WrongFileError, one line, where any of it is wrong."""
    found = [_Notice(file, one, year).read() for year, one in _notices(file, _parsed(file))]
    years = [one.year for one in found]
    for year in years:
        if years.count(year) > 1:
            _wrong(file, f"{year} 年出现了两次，请只留一份")
    return tuple(sorted(found, key=lambda one: one.year))


def _parsed(file: Path) -> Any:
    try:
        raw = file.read_bytes()
    except OSError as error:
        why = "没有这个文件" if isinstance(error, FileNotFoundError) else "读不了"
        _wrong(file, f"{why}，请核对路径")
    if len(raw) > _LARGEST:
        _wrong(file, "太大了，不像一年的放假安排")
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        _wrong(file, "不是 UTF-8 编码，请另存为 UTF-8")
    except json.JSONDecodeError as error:
        _wrong(file, f"不是完整的 JSON（第 {error.lineno} 行），请重新下载")
    except RecursionError:
        _wrong(file, "不像放假安排")


def _notices(file: Path, content: Any) -> Iterator[tuple[Any, Any]]:
    """Each year with its notice; the year is None where only the notice itself can tell."""
    match content:
        case {"days": _}:
            yield content.get("year"), content["days"]
        case [{"days": _}, *_]:
            for one in content:
                if not isinstance(one, dict) or "days" not in one:
                    _wrong(file, '每一年都要有 "year" 和 "days"')
                yield one.get("year"), one["days"]
        case list():
            yield None, content
        case dict() if content and all(key.isdecimal() for key in content):
            for key, one in content.items():
                yield int(key), one["days"] if isinstance(one, dict) and "days" in one else one
        case _:
            _wrong(file, '里面没有 "days"，请用 holiday-cn 的年度文件')


class _Notice:
    """One year's notice while it is read; `days` may still be anything."""

    def __init__(self, file: Path, days: Any, year: Any) -> None:
        self._file, self._days, self._year = file, days, year

    def read(self) -> Year:
        if not isinstance(self._days, list):
            self._wrong(f'"days" 应是一列日子，例如 [{_EXAMPLE}]')
        if not self._days:
            self._wrong("一天也没有，大概这一年的安排还没有公布，请等公布后再装")
        days = [self._day(place, one) for place, one in enumerate(self._days, 1)]
        year = self._known_year(days)
        told: dict[date, Announced] = {}
        for place, one in enumerate(days, 1):
            self._check(place, one, year, told.setdefault(one.day, one))
        return Year(year, tuple(sorted(told.values())))

    def _known_year(self, days: list[Announced]) -> int:
        year = self._year
        if year is None and len({one.day.year for one in days}) == 1:
            year = days[0].day.year
        if isinstance(year, bool) or not isinstance(year, int | float) or year not in _YEARS:
            self._wrong(f'"year" 应是年份，例如 2027，写的是 {_shown(year)}')
        return int(year)

    def _day(self, place: int, one: Any) -> Announced:
        if not isinstance(one, dict):
            self._wrong(f"第 {place} 天应写成 {_EXAMPLE}")
        off, name = one.get("isOffDay"), one.get("name", "")
        if not isinstance(off, bool):
            self._wrong(f'第 {place} 天的 "isOffDay" 应是 true 或 false，写的是 {_shown(off)}')
        if not isinstance(name, str) or "\0" in name:
            self._wrong(f'第 {place} 天的 "name" 应是文字，写的是 {_shown(name)}')
        return Announced(self._date(place, one.get("date")), off, name.strip())

    def _date(self, place: int, written: Any) -> date:
        try:
            day = date.fromisoformat(written)
        except (TypeError, ValueError):
            day = None
        if day is None or day.isoformat() != written:
            self._wrong(f'第 {place} 天的 "date" 应像 2027-01-01，写的是 {_shown(written)}')
        return day

    def _check(self, place: int, one: Announced, year: int, before: Announced) -> None:
        # A notice may speak of the days about New Year on either side of its own year.
        if not date(year - 1, 12, 1) <= one.day <= date(year + 1, 1, 31):
            self._wrong(f"第 {place} 天 {one.day} 不是 {year} 年的日子")
        if one.off != before.off:
            self._wrong(f"{one.day} 又说放假又说上班，请核对")

    def _wrong(self, why: str) -> NoReturn:
        of_year = f"{self._year} 年" if isinstance(self._year, int) else ""
        _wrong(self._file, of_year + why)


def _wrong(file: Path, why: str) -> NoReturn:
    raise WrongFileError(f"{file}：{why}。什么都没有改动。")


def _shown(value: Any) -> str:
    return "空的" if value is None else f"“{str(value)[:40]}”"
