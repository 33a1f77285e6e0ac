"""Reading an address as people type it, and which homes it can mean. Knows no database.

"3号楼2单元502", "3-2-502", "三号楼二单元502室 我是王芳": numbers with or without their kind, the
last one the room; a place's name anywhere in it; what follows is how the person introduces
themself.
"""

import re
from dataclasses import dataclass

from bot.core.commands import fold
from bot.core.people import Place, Unit

_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_NUMERAL = re.compile(r"[零〇一二三四五六七八九十]+(?=号|栋|幢|座|楼|单元|门|室|层)")
_INTRODUCTION = re.compile(r"我是|我叫|我姓|本人|姓名|电话|手机|(?<![0-9])1[0-9]{10}(?![0-9])")
_PART = re.compile(r"([0-9]+|[A-Za-z]+[0-9]*)\s*(号楼|号院|栋|幢|座|楼|号|单元|门|室|层)?")
_KINDS = {"号楼": "楼", "栋": "楼", "幢": "楼", "座": "楼", "楼": "楼", "单元": "门", "门": "门"}
_TRIM = " \t　,，.。;；:：、-—"


@dataclass(frozen=True, slots=True)
class Address:
    """`number` is the whole as a possible 户号, in capitals; `room` the last part, `parts` those
    before it: (digits or letter, 楼 | 门 | None). `introduction`: what follows the room."""

    text: str
    number: str
    room: str
    parts: tuple[tuple[str, str | None], ...]
    introduction: str | None


def read(text: str) -> Address:
    """Any text; without a digit or letter in it `room` is empty."""
    folded = _NUMERAL.sub(_arabic, fold(text.strip()))
    cut = _INTRODUCTION.search(folded)
    head = folded[: cut.start()] if cut else folded
    found = list(_PART.finditer(head))
    if not found:
        return Address(folded, folded.upper(), "", (), None)
    end = found[-1].end()
    parts = tuple((part[1].upper(), _KINDS.get(part[2] or "")) for part in found)
    introduction = (head[end:] + (folded[cut.start() :] if cut else "")).strip(_TRIM)
    return Address(
        text=head,
        number=head[:end].replace(" ", "").upper(),
        room=parts[-1][0],
        parts=parts[:-1],
        introduction=introduction[:40] or None,
    )


def fitting(address: Address, homes: tuple[Place, ...]) -> tuple[Place, ...]:
    """Those of `homes` that the address can mean; a 户号 typed in full means just that one."""
    exact = tuple(
        home for home in homes if home.household and home.household.number.upper() == address.number
    )
    if exact:
        return exact
    fits = tuple(home for home in homes if _fits(address, home))
    named = tuple(home for home in fits if _is_named(address, home))
    return named or fits


def _fits(address: Address, home: Place) -> bool:
    if home.household is None or _bare(home.household.room) != address.room:
        return False
    near = [part for unit in home.line if unit.level in ("楼", "门") for part in _parts(unit)]
    at = 0
    for digits, kind in address.parts:
        while at < len(near) and not (near[at][0] == digits and kind in (None, near[at][1])):
            at += 1
        if at == len(near):
            return False
        at += 1
    return True


def _parts(unit: Unit) -> list[tuple[str, str]]:
    """ "2单元" → [("2", "门")]; a door called "3号楼2单元" has both parts."""
    named = _PART.finditer(_NUMERAL.sub(_arabic, fold(unit.name)))
    return [(part[1].upper(), _KINDS.get(part[2] or "") or unit.level) for part in named]


def _is_named(address: Address, home: Place) -> bool:
    """Whether the name of its community (with or without 社区) or of its grid is in the text."""
    names = [unit.name for unit in home.line if unit.level in ("社区", "网格")]
    return any(name.removesuffix("社区").removesuffix("网格") in address.text for name in names)


def _bare(room: str) -> str:
    """ "502室" → "502"; a room without digits stays whole."""
    found = _PART.search(fold(room))
    return found[1].upper() if found else room


def _arabic(found: re.Match[str]) -> str:
    tens, ten, ones = found[0].translate(_DIGITS).partition("十")
    if not ten:
        return tens
    return str(int(tens or "1") * 10 + int(ones or "0"))
