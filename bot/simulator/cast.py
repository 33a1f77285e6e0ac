"""Who holds the phones on the page: read from the file that SIMULATOR_PHONES names.

Knows the file's shape. Must not know the platform, nor what the words in it will cause.

One entry: {"name", "role", "key", "note", "openid", "follows", "say", "scene", "door",
"setup": [{"do": "follow|scan|say", "text"}], "setup_later": [...]}; only "name" must be there.
In "say", `{no}` stands for the last #number seen on that phone, and a sentence that ends
in … is put into the input line instead of being sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEEDS = ("follow", "scan", "say")
BLANK = (
    ("resident1", "居民甲", "居民"),
    ("resident2", "居民乙", "居民"),
    ("liaison", "联络员", "联络员"),
    ("grid", "网格员", "网格"),
    ("community", "社区书记", "社区"),
    ("subdistrict", "街道专员", "街道"),
)


class CastError(Exception):
    """The file cannot be used; the message is one line that says why."""


@dataclass(frozen=True)
class Step:
    """One thing a person does to get ready; `text` is the scene or the words."""

    do: str
    text: str


@dataclass(frozen=True)
class Part:
    """One person of the cast."""

    key: str
    name: str
    role: str = ""
    note: str = ""
    openid: str | None = None
    follows: bool = False
    say: tuple[str, ...] = ()
    scene: str | None = None
    door: str = ""
    setup: tuple[Step, ...] = ()
    setup_later: tuple[Step, ...] = ()


def blank_cast() -> list[Part]:
    """Six phones that know nobody."""
    return [Part(key, name, role, say=("帮助", "电梯坏了")) for key, name, role in BLANK]


def read_cast(path: Path | None) -> list[Part]:
    """The people in the file; blank phones without a file or with an empty list."""
    if path is None:
        return blank_cast()
    try:
        entries = json.loads(path.read_text("utf-8"))
        parts = [_part(entry, number) for number, entry in enumerate(entries, 1)]
    except OSError as error:
        raise CastError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CastError(f"{path} is no list of phones: {error}") from error
    if len({part.key for part in parts}) != len(parts):
        raise CastError(f"{path} uses a key twice")
    return parts or blank_cast()


def _part(entry: dict[str, Any], number: int) -> Part:
    return Part(
        key=str(entry.get("key") or f"phone{number}"),
        name=str(entry["name"]),
        role=str(entry.get("role") or ""),
        note=str(entry.get("note") or ""),
        openid=entry.get("openid") or None,
        follows=bool(entry.get("follows")),
        say=tuple(str(words) for words in entry.get("say") or ()),
        scene=entry.get("scene") or None,
        door=str(entry.get("door") or ""),
        setup=_steps(entry.get("setup")),
        setup_later=_steps(entry.get("setup_later")),
    )


def _steps(entries: list[dict[str, Any]] | None) -> tuple[Step, ...]:
    steps = tuple(Step(str(one["do"]), str(one.get("text") or "")) for one in entries or ())
    if wrong := [step.do for step in steps if step.do not in DEEDS]:
        raise ValueError(f"{wrong[0]!r} is none of {', '.join(DEEDS)}")
    return steps
