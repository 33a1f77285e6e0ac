"""Pictures made anew: nothing betrayed, upright, small enough; and what files really are."""

import io
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.core.messages import Kind
from bot.media.forms import AMR, GIF, JPEG, MP3, MP4, PNG, WEBP, Form, form_of
from bot.media.keeping import Files, StoreAway
from bot.media.pictures import MOST_BYTES, NoPicture, cleaned
from bot.simulator.samples import quiet_voice, sample
from tests.build import NOW

GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def saved(picture: Image.Image, name: str, **how: object) -> bytes:
    into = io.BytesIO()
    picture.save(into, name, **how)
    return into.getvalue()


def photographed(turned: int = 1) -> bytes:
    exif = Image.Exif()
    exif[MAKE] = "a phone of somebody"
    exif[ORIENTATION] = turned
    exif.get_ifd(GPS)[2] = (39.0, 54.0, 7.2)
    return saved(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif, comment=b"at home")


@pytest.mark.parametrize("content", [photographed(), sample("image")], ids=["made", "phone"])
def test_place_and_phone_are_gone(content: bytes) -> None:
    with Image.open(io.BytesIO(content)) as before:
        assert before.getexif()
    made, form = cleaned(content, JPEG)
    assert form is JPEG
    with Image.open(io.BytesIO(made)) as after:
        assert not after.getexif()
        assert "comment" not in after.info
    assert b"Exif" not in made
    assert b"somebody" not in made


def test_it_stands_upright_without_being_told_to() -> None:
    made, _ = cleaned(photographed(turned=6), JPEG)
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.size == (20, 40)


def test_words_in_a_png_are_gone_and_what_is_clear_stays_clear() -> None:
    words = PngInfo()
    words.add_text("Location", "at home")
    made, form = cleaned(saved(Image.new("RGBA", (9, 9), (1, 2, 3, 0)), "PNG", pnginfo=words), PNG)
    assert form is PNG
    assert b"at home" not in made
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.getpixel((1, 1)) == (1, 2, 3, 0)


def test_a_moving_picture_moves_on() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "green", "blue")]
    moving = saved(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80, comment=b"at home"
    )
    made, form = cleaned(moving, GIF)
    assert form is GIF
    assert b"at home" not in made
    with Image.open(io.BytesIO(made)) as picture:
        assert getattr(picture, "n_frames", 1) == 3


def test_a_large_one_is_made_small_enough_to_send() -> None:
    noise = Image.effect_noise((3000, 3000), 100).convert("RGB")
    content = saved(noise, "JPEG", quality=95)
    assert len(content) > MOST_BYTES
    made, form = cleaned(content, JPEG)
    assert form is JPEG
    assert len(made) <= MOST_BYTES


def test_one_that_claims_to_be_huge_is_refused() -> None:
    bomb = saved(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NoPicture, match="pixels"):
            cleaned(bomb, PNG)


@pytest.mark.filterwarnings("ignore:::PIL")
@given(cut=st.integers(4, 400), flipped=st.integers(4, 600))
def test_torn_and_spoilt_ones_are_read_or_refused_nothing_else(cut: int, flipped: int) -> None:
    content = bytearray(photographed())
    content[min(flipped, len(content) - 1)] ^= 0x55
    for spoilt in (bytes(content), bytes(content[:cut])):
        try:
            made, _ = cleaned(spoilt, JPEG)
        except NoPicture:
            continue
        assert b"Exif" not in made


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (sample("image"), JPEG),
        (sample("video"), MP4),
        (quiet_voice(1, b""), AMR),
        (b"ID3\x04rest", MP3),
        (b"\xff\xfb\x90\x00", MP3),
        (saved(Image.new("RGB", (2, 2)), "WEBP"), WEBP),
        (saved(Image.new("P", (2, 2)), "GIF"), GIF),
        (b"MZ\x90", None),
        (b"#!/bin/sh", None),
        (b"<svg onload=alert(1)>", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, form: Form | None) -> None:
    assert form_of(content) is form


def test_voice_is_no_picture() -> None:
    found = form_of(quiet_voice(1, b""))
    assert found is not None
    assert found.kind is Kind.VOICE


@pytest.mark.parametrize("url", ["{folder}", "file://{folder}", "memory://store/of/files"])
def test_what_is_kept_is_read_again_and_dropped(
    url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = Files(url.format(folder=tmp_path_factory.mktemp("a folder with spaces 图")))
    files.check(NOW)
    name = files.keep(b"\0voice", "amr", NOW)
    other = files.keep(b"\0voice", "amr", NOW)
    assert name != other
    assert name.startswith("202611/")
    assert files.read(name) == b"\0voice"
    files.drop(name)
    files.drop(name)
    with pytest.raises(StoreAway, match="gone"):
        files.read(name)
    files.drop(other)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "202611/x.amr", "", "a/../b"])
def test_only_names_of_ours_are_read(name: str, tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    with pytest.raises(ValueError, match="name"):
        files.read(name)
    with pytest.raises(ValueError, match="name"):
        files.drop(name)


def test_a_store_that_cannot_be_written_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    files = Files(f"{tmp_path}/file/below")
    with pytest.raises(StoreAway, match="not kept"):
        files.keep(b"x", "jpg", NOW)
