"""One cell of the roster: text → the value its column must hold, or what is wrong with it.

Knows kinds of cells. Must not know other cells, sheets or what is stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from bot.core.phones import normalised
from bot.core.roster import WEEKDAYS, Level, Post, Standing
from bot.core.roster.sheets import Fault, Kind
from bot.core.workdays import Span

# A unit's code travels in a QR scene as `door-<code>`, which WeChat holds to 64 characters.
_LONGEST_CODE: Final = 59
_LONGEST_NAME: Final = 40
_LONGEST_WORDS: Final = 200
_MOST_HOUSEHOLDS: Final = 9999
_DAY: Final = timedelta(days=1)
_SERIAL_ZERO: Final = date(1899, 12, 30)  # day 0 of a spreadsheet's dates (ECMA-376 §18.17.4.1)
_SERIALS: Final = range(20000, 80000)  # 1954 to 2119
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_GAP: Final = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")


class WrongCellError(Exception):
    """The text is not what its column holds; `about` is what it should have been."""

    def __init__(self, fault: Fault, about: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.about = about


def read_cell(kind: Kind, text: str) -> Any:
    """The value of a cell that is not empty, as its kind says; WrongCellError where it is none."""
    return _READERS[kind](text)


def _plain(text: str) -> str:
    """Full-width letters, digits and signs as the usual ones, and no blanks at all."""
    joined = "".join(unicodedata.normalize("NFKC", text).split())
    return unicodedata.normalize("NFC", joined)  # what a blank kept apart may belong together


def _code(text: str) -> str:
    return _no_longer(_plain(text), _LONGEST_CODE)


def _words(text: str) -> str:
    return _no_longer(" ".join(text.split()), _LONGEST_WORDS)


def _name(text: str) -> str:
    """Two-character names are often written with a blank between them."""
    return _no_longer(_HAN_GAP.sub("", " ".join(text.split())), _LONGEST_NAME)


def _no_longer(text: str, most: int) -> str:
    if len(text) > most:
        raise WrongCellError(Fault.TOO_LONG, str(most))
    return text


def _phone(text: str) -> str:
    phone = normalised(text)
    if phone is None:
        raise WrongCellError(Fault.BAD_PHONE)
    return phone


def _count(text: str) -> int:
    digits = _plain(text).removesuffix("户").removesuffix(".0")
    if not re.fullmatch(r"[0-9]{1,6}", digits) or int(digits) > _MOST_HOUSEHOLDS:
        raise WrongCellError(Fault.BAD_COUNT)
    return int(digits)


def _one_of(known: type[StrEnum], fault: Fault) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return known(_plain(text))
        except ValueError:
            raise WrongCellError(fault, "、".join(known)) from None

    return read


def _date(text: str) -> date:
    """A date as typed (2026-12-01, 2026/12/1, 2026年12月1日) or as a spreadsheet's number."""
    plain = _plain(text)
    if plain.isdecimal() and len(plain) == 5 and int(plain) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(plain))
    match = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", plain)
    try:
        if match:
            year, month, day = map(int, match.groups())
            return date(year, month, day)
    except ValueError:
        pass
    raise WrongCellError(Fault.BAD_DATE)


def _weekday(text: str) -> int:
    """0 for Monday."""
    plain = re.sub("^(?:星期|礼拜)", "周", _plain(text)).replace("周天", "周日")
    if plain not in WEEKDAYS:
        raise WrongCellError(Fault.BAD_WEEKDAY, "、".join(WEEKDAYS))
    return WEEKDAYS.index(plain)


def _hours(text: str) -> Span:
    plain = re.sub("[—–−~～至到]+", "-", _plain(text))
    padded = re.sub(r"(?<![0-9])([0-9]:)", r"0\1", re.sub("-(?:次日|第二天)", "-", plain))
    opens, _, closes = padded.partition("-")
    try:
        if opens == closes:  # a shift from eight to eight is a day and a night
            begins = Span.parse(f"{opens}-24:00").opens
            return Span(begins, begins + _DAY)
        return Span.parse(padded)
    except ValueError:
        raise WrongCellError(Fault.BAD_HOURS) from None


_READERS: Final[dict[Kind, Callable[[str], Any]]] = {
    Kind.WORDS: _words,
    Kind.NAME: _name,
    Kind.CODE: _code,
    Kind.PHONE: _phone,
    Kind.COUNT: _count,
    Kind.LEVEL: _one_of(Level, Fault.BAD_LEVEL),
    Kind.POST: _one_of(Post, Fault.BAD_POST),
    Kind.STANDING: _one_of(Standing, Fault.BAD_STANDING),
    Kind.DATE: _date,
    Kind.WEEKDAY: _weekday,
    Kind.HOURS: _hours,
}
