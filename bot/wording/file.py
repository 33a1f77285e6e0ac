"""The wording file: read, laid over the shipped one, and held to what notices have to say.

Knows TOML and the names that a sentence may use. Says nothing itself.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from string import Formatter
from typing import Any

from bot.core import notices
from bot.core.carrying import Saying
from bot.core.notices import (
    Away,
    Cover,
    GapLine,
    Home,
    Lacking,
    Line,
    Newcomer,
    Notice,
    PlanLine,
    Share,
    UnitLine,
)
from bot.wording import announcing

_PARTS = ("if_", "unless_")
_ITEMS = (Away, Line, GapLine, Newcomer, Home, Saying, Cover, Lacking, PlanLine, Share, UnitLine)
_ITEM = frozenset({"item", "mark"})
_CUT = frozenset({"words", "no"})


class WordingError(Exception):
    """The wording file cannot be used; the text is one line that says why."""


def read(path: Path, over: Path | None) -> dict[str, Any]:
    """The sections of `path`, with what the file `over` names laid over them.

    Raises WordingError, one line with the file, the section and what to do.
    """
    sections = _toml(path)
    laid_over = _toml(over) if over else {}
    for kind, section in laid_over.items():
        if kind not in sections or not isinstance(section, Mapping):
            raise WordingError(f"WORDING_FILE {over}: [{kind}] is no notice; leave it out")
        sections[kind] = {**sections[kind], **section}
    kinds, items = known(), _items()
    for kind in laid_over or sections:
        _check(over or path, kind, sections[kind], kinds.get(kind, frozenset()), items)
    return sections


def known() -> dict[str, frozenset[str]]:
    """Every kind of notice, with the names of its fields."""
    kinds = {
        made.__name__: made
        for made in vars(notices).values()
        if isinstance(made, type) and issubclass(made, Notice) and made is not Notice
    }
    found = {made.kind: frozenset(field.name for field in fields(made)) for made in kinds.values()}
    return found | {
        "line": frozenset(field.name for field in fields(Line)),
        "again": frozenset(),
        "announcement": announcing.FIELDS,
        "estimated": frozenset({"at"}),
        "piece": _CUT,
        "opening": _CUT,
    }


def _check(
    path: Path, kind: str, section: Mapping[str, Any], held: frozenset[str], items: frozenset[str]
) -> None:
    # What stands in a section with a list may also speak of the list's items.
    said = held | items if any(name.startswith("each_") for name in section) else held
    allowed = said | {part + field for part in _PARTS for field in said}
    for name, sentence in _sentences(section):
        for used in _used(path, kind, name, sentence):
            if used not in allowed:
                raise WordingError(
                    f"WORDING_FILE {path}: [{kind}] {name} uses {{{used}}}, which it has not;"
                    f" it has {', '.join(sorted(held)) or 'nothing'}"
                )


def _items() -> frozenset[str]:
    """What may be said of an item of a list: a line, a home, or a plain text with its mark."""
    return frozenset(field.name for made in _ITEMS for field in fields(made)) | _ITEM


def _sentences(section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in section.items() if isinstance(text, str))


def _used(path: Path, kind: str, name: str, sentence: str) -> list[str]:
    try:
        return [field for _, field, _, _ in Formatter().parse(sentence) if field is not None]
    except ValueError as error:
        raise WordingError(f"WORDING_FILE {path}: [{kind}] {name}: {error}") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WordingError(f"WORDING_FILE {path}: {error}".splitlines()[0]) from error
