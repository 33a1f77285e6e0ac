"""Videos without what they betray: place, phone, names. Picture and sound stay byte for byte.

Knows the boxes of MP4 files; decodes nothing. A box of metadata becomes "free" space of the same
size, so that nothing moves and no table of offsets has to be written anew.
Source: ISO/IEC 14496-12 (boxes), Apple's QuickTime File Format ("udta", "meta", "©xyz").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

_BETRAYING: Final = frozenset({b"udta", b"meta", b"uuid"})
"""User data (location, model, author), tagged metadata, and others' own boxes (XMP)."""

_INSIDE: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"edts"})
"""Boxes made of boxes, in which such are found."""

_TOP: Final = frozenset({b"moov", b"mdat", b"moof"})
_DATED: Final = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_DEEPEST: Final = 8
_MOST_BOXES: Final = 100_000


class NoVideo(Exception):
    """The file holds no film."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A box of this kind; its content lies from `inner` up to `end`."""

    kind: bytes
    start: int
    inner: int
    end: int


def cleaned(content: bytes) -> bytes:
    """The video as a new file of the same size. Raises NoVideo.

    What follows an unreadable box is left as it is: a film that plays is worth more than order.
    """
    made = bytearray(content)
    found = list(islice(_boxes(content, 0, len(content), 0), _MOST_BOXES))
    if len(found) == _MOST_BOXES or not any(box.kind in _TOP for box in found):
        raise NoVideo("no film in it")
    for box in found:
        if box.kind in _BETRAYING:
            made[box.inner : box.end] = bytes(box.end - box.inner)
            made[box.start + 4 : box.start + 8] = b"free"
        elif box.kind in _DATED:
            _undate(made, box)
    return bytes(made)


def _boxes(content: bytes, start: int, end: int, depth: int) -> Iterator[_Box]:
    """Every box from `start` to `end` and those inside, outer ones first."""
    at = start
    while at + 8 <= end:
        box = _box(content, at, end)
        if box is None:
            return
        yield box
        if box.kind in _INSIDE and depth < _DEEPEST:
            yield from _boxes(content, box.inner, box.end, depth + 1)
        at = box.end


def _box(content: bytes, at: int, end: int) -> _Box | None:
    """The box at this place; one that claims more than there is ends with its surroundings."""
    size, kind, inner = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8], at + 8
    if size == 1:  # a large one: its size follows
        size, inner = int.from_bytes(content[at + 8 : at + 16]), at + 16
    last = end if size == 0 else min(at + size, end)  # 0: up to the end
    return _Box(kind, at, inner, last) if inner <= last else None


def _undate(made: bytearray, box: _Box) -> None:
    """When it was taken and changed: two times behind the version, of four bytes or eight."""
    wide = 16 if box.inner < box.end and made[box.inner] == 1 else 8
    first, last = box.inner + 4, min(box.inner + 4 + wide, box.end)
    if first < last:
        made[first:last] = bytes(last - first)
