"""Notice → text, from `config/wording.toml`. Knows sentences; not channels, not when to speak.

A section is named after the notice's kind. `text` is its sentence, with the notice's fields in
braces, and parts that come and go:

    if_FIELD      stands for {if_FIELD} where the field holds something, else for nothing
    unless_FIELD  the other way round
    each_FIELD    one line for every item of a list field, for {FIELD}
    join_FIELD    what stands between them where they are no lines
    [KIND.FIELD]  what a field's value is called: {FIELD} becomes the entry of that name
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.core.announcement import Announcement
from bot.core.carrying import is_long, is_piece, opening
from bot.core.notices import Contact, Notice
from bot.core.people import Named
from bot.core.texts import parts
from bot.core.workdays import CHINA, Estimated
from bot.wording.announcing import filled
from bot.wording.file import WordingError, read
from bot.wording.riding import Waiting, riding

__all__ = ["Reply", "Waiting", "Wording", "WordingError", "load", "when"]

# A passive reply stays below this many bytes of UTF-8 (shared platform notes §1.6).
REPLY_BYTES = 2000
_BETWEEN = "\n\n"
_SOON = timedelta(minutes=10)
_IN_A_LIST = 24
# Fields that hold what a person said.
_WORDS = ("words", "added")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `text` None: nothing to say. `rode`: ids of what waited and went along.
    `rest`: what one reply does not hold, in texts that one message each can hold. `own`: the text
    of each reply by itself, in their order."""

    text: str | None
    own: tuple[str, ...] = ()
    rode: tuple[int, ...] = ()
    rest: tuple[str, ...] = ()


class _Parts(dict[str, str]):
    """What stands for each name in a sentence, made when the sentence first asks for it."""

    def __init__(self, made: Callable[[str], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, name: str) -> str:
        text = self[name] = self._made(name)
        return text


class Wording:
    """The sentences of one file, laid over the shipped ones where it names only some."""

    def __init__(self, sections: Mapping[str, Any], now: Callable[[], datetime]) -> None:
        self._sections = sections
        self._now = now

    def announce(self, names: Sequence[str], announcement: Announcement) -> dict[str, str]:
        """What is written into the blanks of a template, by their names ("thing1")."""
        return filled(self._sections["announcement"], names, announcement)

    def say(self, notice: Notice) -> str:
        """The notice as text. Raises KeyError where the wording has no such section."""
        section = self._sections[notice.kind]
        return self._fill(section, section["text"], self._brief(notice)).strip()

    def _brief(self, notice: Notice) -> Notice:
        """The notice with long words cut to their opening, and how to see what it cannot show."""
        no = getattr(notice, "no", None)
        brief = {
            name: shown
            for name in _WORDS
            if no
            and isinstance(words := getattr(notice, name, None), str)
            and (shown := self._of_words(words, no)) != words
        }
        return replace(notice, **brief) if brief else notice

    def _of_words(self, words: str, no: int) -> str:
        if is_piece(words):
            return str(self._sections["piece"]["text"].format(words=words, no=no))
        if is_long(words):
            return str(self._sections["opening"]["text"].format(words=opening(words), no=no))
        return words

    def reply(self, replies: Sequence[Notice], waiting: Sequence[Waiting]) -> Reply:
        """One passive reply: `replies`, then of `waiting` in order what fits."""
        own = tuple(self.say(reply) for reply in replies)
        texts = list(own)
        if len(_BETWEEN.join(own).encode()) > REPLY_BYTES:
            first, *rest = parts(_BETWEEN.join(own), REPLY_BYTES)
            return Reply(first, own, rest=tuple(rest))
        ids = list[int]()
        for notice in riding(waiting, self.say):
            again = self._sections["again"]["text"] if notice.doubtful else ""
            if len(_BETWEEN.join([*texts, again + notice.text]).encode()) > REPLY_BYTES:
                break
            texts.append(again + notice.text)
            ids += notice.ids
        return Reply(_BETWEEN.join(texts) or None, own, tuple(ids))

    def _fill(self, section: Mapping[str, Any], template: str, thing: Any) -> str:
        def part(name: str) -> str:
            condition, _, field = name.partition("_")
            if condition not in ("if", "unless"):
                return self._show(section, name, getattr(thing, name))
            wanted = bool(getattr(thing, field)) is (condition == "if")
            return str(section[name].format_map(parts)) if wanted and name in section else ""

        parts = _Parts(part)
        return template.format_map(parts)

    def _show(self, section: Mapping[str, Any], name: str, value: Any) -> str:
        called = section.get(name)
        if called is not None and isinstance(called, Mapping):
            return str(called.get(str(value), value))
        match value:
            case str() | int():
                return str(value)
            case None:
                return ""
            case Estimated():
                at = when(value, self._now())
                return str(self._sections["estimated"]["text"].format(at=at))
            case datetime():
                return when(value, self._now())
            case date():
                return on_day(value, self._now())
            case Named():
                return f"{value.post}{value.name}"
            case Contact():
                return f"{value.who.post}{value.who.name} {value.phone or ''}".strip()
            case tuple():
                return self._show_all(section, name, value)
            case _:
                return str(value)

    def _show_all(self, section: Mapping[str, Any], name: str, items: tuple[Any, ...]) -> str:
        each = section.get(f"each_{name}")
        if each is None:
            return "、".join(_number(item) or self._show(section, "", item) for item in items)
        if items and is_dataclass(items[0]):
            inner = {**self._sections["line"], **section}
            joint = section.get(f"join_{name}", "\n")
            return str(joint).join(self._fill(inner, each, _brief(item)) for item in items)
        return "\n".join(
            each.format(item=item, mark=mark)
            for item, mark in zip(items, "甲乙丙丁戊己庚辛壬癸", strict=False)
        )


def load(path: Path, over: Path | None, now: Callable[[], datetime]) -> Wording:
    """The wording of `path`, with what the file `over` names laid over it. Raises WordingError."""
    return Wording(read(path, over), now)


def when(moment: datetime, now: datetime) -> str:
    """As people say it: 今天15:30, 明天09:00, 11月25日09:00; to the second where it is soon."""
    local, today = moment.astimezone(CHINA), now.astimezone(CHINA).date()
    clock = f"{local.hour:02}:{local.minute:02}"
    if abs(moment - now) < _SOON:
        clock += f":{local.second:02}"
    match (local.date() - today).days:
        case 0:
            return f"今天{clock}"
        case 1:
            return f"明天{clock}"
    year = f"{local.year}年" if local.year != today.year else ""
    return f"{year}{local.month}月{local.day}日{clock}"


def on_day(day: date, now: datetime) -> str:
    """今天, 明天, 12月1日: a day as a whole."""
    today = now.astimezone(CHINA).date()
    near = {0: "今天", 1: "明天"}.get((day - today).days)
    year = f"{day.year}年" if day.year != today.year else ""
    return near or f"{year}{day.month}月{day.day}日"


def _number(item: Any) -> str | None:
    """An issue's number in a list of numbers."""
    return f"#{item}" if isinstance(item, int) else None


def _brief(item: Any) -> Any:
    """An item of a list, its words cut to a line's length."""

    words = getattr(item, "words", None)
    if words is None or len(words) <= _IN_A_LIST:
        return item
    return replace(item, words=words[: _IN_A_LIST - 1] + "…")
