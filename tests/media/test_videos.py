"""Videos without place and date, and otherwise as they came."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.videos import NoVideo, cleaned
from bot.simulator.samples import sample

PLACE = b"+39.9020+116.6560/"
XMP = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac<x:xmpmeta>at home"


def box(kind: bytes, *inside: bytes) -> bytes:
    content = b"".join(inside)
    return struct.pack(">I", 8 + len(content)) + kind + content


def large_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 1) + kind + struct.pack(">Q", 16 + len(content)) + content


def dates(kind: bytes, version: int) -> bytes:
    width = ">QQ" if version else ">II"
    return box(kind, bytes([version, 0, 0, 0]), struct.pack(width, 3_800_000_000, 3_800_000_001))


FILM = bytes(range(256)) * 8
TAKEN = b"".join(
    [
        box(b"ftyp", b"isom"),
        box(
            b"moov",
            dates(b"mvhd", 0),
            box(b"trak", dates(b"tkhd", 1), box(b"mdia", dates(b"mdhd", 0)), box(b"meta", PLACE)),
            box(b"udta", box(b"\xa9xyz", PLACE), box(b"\xa9mod", b"a phone of somebody")),
        ),
        box(b"uuid", XMP),
        large_box(b"mdat", FILM),
        box(b"meta", box(b"ilst", PLACE)),
    ]
)


def test_place_phone_and_moment_are_gone_and_the_film_is_where_it_was() -> None:
    made = cleaned(TAKEN)
    for betrayed in (PLACE, b"somebody", b"xmpmeta", struct.pack(">I", 3_800_000_000)):
        assert betrayed in TAKEN
        assert betrayed not in made
    assert len(made) == len(TAKEN)
    assert made.index(FILM) == TAKEN.index(FILM)
    assert cleaned(made) == made


def test_what_phones_send_loses_its_place_and_nothing_else() -> None:
    taken = sample("video")
    made = cleaned(taken)
    assert PLACE in taken
    assert PLACE not in made
    film = taken.index(b"mdat")
    assert made[film:] == taken[film:]


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 7, box(b"ftyp", b"isom"), box(b"free"), b"x" * 99]
)
def test_what_holds_no_film_is_none(content: bytes) -> None:
    with pytest.raises(NoVideo):
        cleaned(content)


def test_a_file_of_nothing_but_boxes_is_not_followed_for_ever() -> None:
    with pytest.raises(NoVideo):
        cleaned(box(b"moov", box(b"free") * 200_000))
    assert cleaned(box(b"moov", struct.pack(">I", 0) + b"trak")) == box(b"moov", b"\0\0\0\0trak")


def test_a_film_that_was_cut_off_is_kept() -> None:
    made = cleaned(TAKEN[:-300])
    assert PLACE not in made
    assert len(made) == len(TAKEN) - 300


@given(st.integers(0, len(TAKEN) - 1), st.binary(max_size=12))
def test_whatever_is_spoilt_there_is_a_file_or_none(at: int, put: bytes) -> None:
    spoilt = TAKEN[:at] + put + TAKEN[at + len(put) :]
    with suppress(NoVideo):
        assert len(cleaned(spoilt)) == len(spoilt)
