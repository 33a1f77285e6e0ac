"""Reads a tiers file (contract §7) into a Ladder, or says in one line what is wrong with it.

Knows the file's tables, keys and default values. Must not know how time is counted, what an issue
is, or which file is in use.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from bot.core.ladder import Evening, Ladder, Tier
from bot.core.workdays import Clock, Days, Duration, Span, WallClock, WorkingClock

T = TypeVar("T")

LEVELS: Final = ("楼", "网格", "社区", "街道")  # from the bottom up

_DAYTIME = {"clock": "working", "days": "all", "hours": ["08:00-20:00"]}
_OFFICE = {"clock": "working", "days": "workdays", "hours": ["08:30-12:00", "13:30-17:30"]}
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "liaison": {
        "name": "联络员",
        "answer_within": "2h",
        "handle_within": "2d",
        "extend_by": "7d",
        **_DAYTIME,
    },
    "grid": {
        "level": "网格",
        "name": "网格",
        "answer_within": "4h",
        "handle_within": "3d",
        "extend_by": "7d",
        **_DAYTIME,
    },
    "community": {
        "level": "社区",
        "name": "社区",
        "answer_within": "1d",
        "handle_within": "5d",
        "extend_by": "10d",
        **_OFFICE,
    },
    "subdistrict": {
        "level": "街道",
        "name": "街道",
        "answer_within": "3d",
        "handle_within": "15d",
        "extend_by": "15d",
        **_OFFICE,
    },
}
# Which tier's values a tier with a key of its own takes, by its level.
_LIKE: Final = {None: "liaison", "楼": "grid", "网格": "grid", "社区": "community"}
_WAITS: Final = ("answer_within", "handle_within", "extend_by")
_TIER_KEYS: Final = ("key", "level", "name", *_WAITS, "extend_times", *_DAYTIME)
_EXTEND_TIMES: Final = 2
_CLOSING_AFTER, _REMIND = "3d", ["1d", "2d"]
_URGENT_WITHIN, _URGENT_TELLS = "15m", 3
_ASK_AT, _TELL_AT = "17:00", "08:30"
_TICK = "5s"
_QUIET = ["22:00-08:00"]
_SHORTEST_TICK, _LONGEST_TICK = timedelta(milliseconds=100), timedelta(hours=1)


class TiersError(Exception):
    """The tiers file cannot be used; its text is one line: file, table, key and remedy."""


@dataclass(frozen=True)
class _Table:
    """One table of the file, with its place for the reader of an error."""

    path: Path
    place: str
    values: Mapping[str, Any]

    def wrong(self, key: str, why: str) -> NoReturn:
        raise TiersError(" ".join(f"TIERS_FILE {self.path}: {self.place} {key}: {why}".split()))

    def only(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                self.wrong(key, f"is not known here; remove it or write one of {', '.join(known)}")

    def text(self, key: str, default: object) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.wrong(key, f"{_shown(value)} must be one line of text in quotes")
        return value.strip()

    def number(self, key: str, default: int, least: int = 1) -> int:
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 100:
            self.wrong(key, f"{_shown(value)} must be a whole number from {least} to 100")
        return value

    def texts(self, key: str, default: object) -> list[str]:
        value = self.values.get(key, default)
        if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
            self.wrong(key, f'{_shown(value)} must be a list of texts, for example ["one", "two"]')
        return value

    def read(self, key: str, parse: Callable[[str], T], text: str) -> T:
        try:
            return parse(text)
        except ValueError as why:
            self.wrong(key, str(why))

    def duration(self, key: str, default: object) -> Duration:
        return self.read(key, Duration.parse, self.text(key, default))

    def choice(self, key: str, default: object, known: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value not in known:
            self.wrong(key, f"{_shown(value)} is not known; write one of {', '.join(known)}")
        return value


def read_ladder(path: Path) -> Ladder:
    """The ladder a tiers file describes; TiersError where it is missing, broken or senseless."""
    whole = _Table(path, "top level", _parsed(path))
    whole.only("clock", "closing", "evening", "urgent", "quiet", "tier")
    closing = _sub_table(whole, "closing", "after", "remind")
    urgent = _sub_table(whole, "urgent", "answer_within", "tell_tiers")
    close_after = closing.duration("after", _CLOSING_AFTER)
    return Ladder(
        tiers=_tiers(whole),
        tick=_tick(_sub_table(whole, "clock", "tick")),
        close_after=close_after,
        remind=_remind(closing, close_after),
        urgent_answer_within=urgent.duration("answer_within", _URGENT_WITHIN).plain,
        urgent_tell_tiers=urgent.number("tell_tiers", _URGENT_TELLS),
        evening=_evening(_sub_table(whole, "evening", "ask_at", "tell_at")),
        quiet=_quiet(_sub_table(whole, "quiet", "hours")),
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as why:
        reason = why.strerror or "cannot be read"
        message = f"{path}: {reason}; name a readable file"
    except UnicodeDecodeError:
        message = f"{path}: not UTF-8; save the file as UTF-8"
    except tomllib.TOMLDecodeError as why:
        message = f"{path}: not valid TOML: {why}; correct that line"
    raise TiersError(" ".join(f"TIERS_FILE {message}".split()))


def _sub_table(whole: _Table, name: str, *keys: str) -> _Table:
    values = whole.values.get(name, {})
    if not isinstance(values, dict):
        whole.wrong(name, f"must be a table; write [{name}] on a line of its own")
    table = _Table(whole.path, f"[{name}]", values)
    table.only(*keys)
    return table


def _tick(table: _Table) -> timedelta:
    tick = table.duration("tick", _TICK).plain
    if not _SHORTEST_TICK <= tick <= _LONGEST_TICK:
        table.wrong("tick", "must be from 0.1s to 1h")
    return tick


def _evening(table: _Table) -> Evening:
    return Evening(
        ask_at=table.read("ask_at", _time_of_day, table.text("ask_at", _ASK_AT)),
        tell_at=table.read("tell_at", _time_of_day, table.text("tell_at", _TELL_AT)),
    )


def _time_of_day(text: str) -> timedelta:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", text)
    if found is None:
        raise ValueError(f'"{text}" is no time of day; write for example 17:00')
    return timedelta(hours=int(found[1]), minutes=int(found[2]))


def _remind(closing: _Table, close_after: Duration) -> tuple[Duration, ...]:
    """The reminders; where the file only shortens `after`, the usual ones that still fit."""
    if "remind" not in closing.values:
        usual = (Duration.parse(text) for text in _REMIND)
        return tuple(wait for wait in usual if wait.plain < close_after.plain)
    texts = closing.texts("remind", _REMIND)
    waits = tuple(closing.read("remind", Duration.parse, text) for text in texts)
    for text, wait in zip(texts, waits, strict=True):
        if wait.plain >= close_after.plain:
            closing.wrong("remind", f'"{text}" must be shorter than [closing] after')
    return tuple(sorted(waits, key=lambda wait: wait.plain))


def _quiet(table: _Table) -> tuple[Span, ...]:
    """The hours in which people sleep; an empty list for none."""
    texts = table.texts("hours", _QUIET)
    return tuple(table.read("hours", Span.parse, text) for text in texts)


def _tiers(whole: _Table) -> tuple[Tier, ...]:
    found = whole.values.get("tier", [])
    if not isinstance(found, list) or any(not isinstance(one, dict) for one in found):
        whole.wrong("tier", "must be a list of tables; write [[tier]] with two brackets")
    if not found:
        whole.wrong("tier", "there is none; write at least one [[tier]] with a key")
    tables = [
        _Table(whole.path, f"[[tier]] {number}", values) for number, values in enumerate(found, 1)
    ]
    tiers = tuple(_tier(place, table) for place, table in enumerate(tables))
    for place, tier in enumerate(tiers[1:], 1):
        _check_step(tables[place], tiers[:place], tier)
    return tiers


def _tier(place: int, table: _Table) -> Tier:
    table.only(*_TIER_KEYS)
    key = table.text("key", None)
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", key):
        table.wrong("key", f"{_shown(key)} must be lower-case letters, digits, - and _, at most 32")
    level = table.values.get("level", _DEFAULTS.get(key, {}).get("level"))
    if level is not None:
        level = table.choice("level", level, LEVELS)
    usual = _DEFAULTS.get(key) or {**_DEFAULTS[_LIKE.get(level, "subdistrict")], "name": key}
    return Tier(
        place=place,
        key=key,
        name=table.text("name", usual["name"]),
        level=level,
        answer_within=table.duration("answer_within", usual["answer_within"]),
        handle_within=table.duration("handle_within", usual["handle_within"]),
        clock=_clock(table, usual),
        extend_times=table.number("extend_times", _EXTEND_TIMES, least=0),
        extend_by=table.duration("extend_by", usual["extend_by"]),
    )


def _clock(table: _Table, usual: Mapping[str, Any]) -> Clock:
    """The tier's clock; days and hours are checked but mean nothing beside a wall clock."""
    kind = table.choice("clock", usual["clock"], ("working", "wall"))
    days = Days(table.choice("days", usual["days"], tuple(Days)))
    hours = table.texts("hours", usual["hours"])
    spans = tuple(table.read("hours", Span.parse, text) for text in hours)
    if kind == "wall":
        return WallClock()
    try:
        return WorkingClock(days, spans)
    except ValueError as why:
        table.wrong("hours", str(why))


def _check_step(table: _Table, below: tuple[Tier, ...], tier: Tier) -> None:
    """That a tier is not there twice and stands above all before it."""
    if tier.key in {lower.key for lower in below}:
        table.wrong("key", f'"{tier.key}" is there twice; give each tier a key of its own')
    if tier.level is None:
        known = ", ".join(LEVELS)
        table.wrong("level", f"only the lowest tier goes without; write one of {known}")
    beneath = below[-1].level
    if tier.level == beneath:
        table.wrong("level", f"{tier.level} has a tier already; leave one of the two out")
    if beneath is not None and LEVELS.index(tier.level) < LEVELS.index(beneath):
        table.wrong("level", f"{tier.level} is below {beneath}; write the tiers from the bottom up")


def _shown(value: object) -> str:
    if value is None:
        return "is missing;"
    plain = isinstance(value, str) and value.isprintable()
    return f'"{value}"' if plain else repr(value)
