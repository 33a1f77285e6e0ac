"""Pictures, voice and films: what phones send, what the program uploads, fetches and sends on."""

from __future__ import annotations

import pytest
import requests

from bot.simulator.formats import AMR, JPEG, MP3, MP4, format_of, seconds_of
from bot.simulator.phones import BadMedium, Clock, Phone, Platform, Via
from bot.simulator.samples import quiet_voice, sample
from tests.simulator.answering import Answering, Got
from tests.simulator.caller import Caller

PICTURE, FILM, THUMB = sample("image"), sample("video"), sample("thumb")
VOICE = quiet_voice(4, b"a voice")
MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s, 44.1 kHz: 26 ms
WEBM = b"\x1a\x45\xdf\xa3 recorded by a browser"


def test_formats_and_lengths_are_read_from_the_bytes() -> None:
    assert [format_of(one) for one in (PICTURE, FILM, VOICE)] == [JPEG, MP4, AMR]
    assert seconds_of(VOICE) == 4.0
    assert format_of(MP3_FRAME) is MP3
    assert seconds_of(MP3_FRAME * 100) == pytest.approx(2.61, abs=0.01)
    assert seconds_of(b"ID3\x03\x00\x00\x00\x00\x00\x04abcd" + MP3_FRAME * 10) > 0.2
    assert format_of(b"#!/bin/sh") is None


def test_a_picture_from_a_phone_is_fetched_as_it_was(
    phone: Phone, program: Answering, caller: Caller
) -> None:
    phone.sends("image", PICTURE)
    got = program.got[0]
    answer = caller.fetch(got["MediaId"] or "")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-disposition"].endswith('.jpg"')
    assert answer.content == PICTURE == requests.get(got["PicUrl"] or "", timeout=5).content
    assert b"Exif" in answer.content
    assert phone.screen[-2].media_id == got["MediaId"]


def test_a_voice_has_two_ids_and_is_amr(phone: Phone, program: Answering, caller: Caller) -> None:
    phone.records(seconds=7)
    got = program.got[0]
    assert got["Format"] == "amr"
    for tag in ("MediaId", "MediaId16K"):
        answer = caller.fetch(got[tag] or "")
        assert answer.headers["Content-Type"] == "audio/amr"
        assert seconds_of(answer.content) == 7.0
    assert phone.screen[-2].more["seconds"] == 7


def test_what_a_browser_recorded_is_played_wherever_its_amr_goes(
    phone: Phone, program: Answering, caller: Caller, platform: Platform
) -> None:
    phone.records(WEBM, seconds=2.4)
    amr = caller.fetch(program.got[0]["MediaId"] or "").content
    assert format_of(amr) is AMR
    again = caller.upload("voice", amr)["media_id"]
    assert platform.media.by_id[again].played == WEBM
    other = caller.upload("voice", VOICE)["media_id"]
    assert platform.media.by_id[other].played == b""


def test_a_film_is_answered_with_its_address(
    phone: Phone, program: Answering, caller: Caller
) -> None:
    phone.sends("video", FILM)
    got = program.got[0]
    url = caller.fetch(got["MediaId"] or "").json()["video_url"]
    assert requests.get(url, timeout=5).content == FILM
    assert caller.fetch(got["ThumbMediaId"] or "").content == THUMB


def test_ids_die_after_three_days(
    phone: Phone, program: Answering, caller: Caller, clock: Clock
) -> None:
    phone.sends("image")
    media_id = program.got[0]["MediaId"] or ""
    uploaded = caller.upload("image", PICTURE)["media_id"]
    clock.advance(hours=71)
    assert caller.fetch(media_id).content == PICTURE
    phone.says("在")
    assert caller.sends(phone.openid, "image", media_id=media_id)["errcode"] == 0
    clock.advance(hours=1)
    for dead in (media_id, uploaded, "no such id"):
        answer = caller.fetch(dead)
        assert (answer.status_code, answer.json()["errcode"]) == (200, 40007)
        assert caller.sends(phone.openid, "image", media_id=dead)["errcode"] == 40007
    assert requests.get(program.got[0]["PicUrl"] or "", timeout=5).status_code == 404


def test_an_upload_says_what_it_is(caller: Caller, clock: Clock) -> None:
    for kind, data in (("image", PICTURE), ("voice", VOICE), ("video", FILM)):
        answer = caller.upload(kind, data)
        assert (answer["type"], answer["created_at"]) == (kind, int(clock().timestamp()))
        assert len(answer["media_id"]) == 64
    assert "thumb_media_id" in caller.upload("thumb", THUMB)


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("poem", PICTURE, 40004),
        ("image", VOICE, 40005),
        ("voice", WEBM, 40005),
        ("video", PICTURE, 40005),
        ("image", b"", 41005),
        ("image", PICTURE + bytes(10 << 20), 45001),
        ("voice", VOICE + bytes(2 << 20), 45001),
        ("thumb", THUMB + bytes(64 << 10), 45001),
        ("voice", quiet_voice(61, b"long"), 45007),
    ],
)
def test_uploads_that_are_refused(caller: Caller, kind: str, data: bytes, code: int) -> None:
    assert caller.upload(kind, data)["errcode"] == code


def test_an_upload_without_a_file_or_a_token(caller: Caller) -> None:
    assert caller.post("media/upload", {}, caller.token())["errcode"] == 41005
    assert caller.post("media/upload", {})["errcode"] == 41001
    assert caller.get("media/get", access_token=caller.token())["errcode"] == 41006


@pytest.mark.parametrize(("kind", "data"), [("image", PICTURE), ("voice", VOICE), ("video", FILM)])
def test_media_are_pushed_and_seen(
    phone: Phone, caller: Caller, platform: Platform, kind: str, data: bytes
) -> None:
    media_id = caller.upload(kind, data)["media_id"]
    assert caller.sends(phone.openid, kind, media_id=media_id, title="")["errcode"] == 0
    seen = phone.sees(kind)
    assert (seen.via, seen.media_id) == (Via.CHAT, media_id)
    assert platform.media.by_id[media_id].data == data
    assert phone.quota_left == 4
    wrong = "voice" if kind != "voice" else "image"
    assert caller.sends(phone.openid, wrong, media_id=media_id)["errcode"] == 40007
    assert caller.sends(phone.openid, kind)["errcode"] == 41006


def test_an_article_is_pushed_and_seen(phone: Phone, caller: Caller) -> None:
    one = {"title": "停水通知", "description": "明天上午", "url": "https://example.com/1"}
    assert caller.sends(phone.openid, "news", articles=[one])["errcode"] == 0
    assert phone.hears("停水通知", "明天上午") == "停水通知\n明天上午\nhttps://example.com/1"
    assert caller.sends(phone.openid, "news", articles=[one, one])["errcode"] == 45008
    assert caller.sends(phone.openid, "news", articles=[])["errcode"] == 44003
    assert caller.sends(phone.openid, "mpnews", media_id="x")["errcode"] == 40007


def test_an_answer_may_be_a_picture(phone: Phone, program: Answering, platform: Platform) -> None:
    def back(got: Got) -> bytes:
        image = {"MediaId": got["MediaId"]}
        return program.sealed_text(got["FromUserName"] or "", "", MsgType="image", Image=image)

    program.answer = back
    assert phone.sends("image") == "[图片]"
    assert phone.sees("image").media_id == program.got[0]["MediaId"]
    assert platform.violations == []
    program.answer = lambda got: program.sealed_text(
        got["FromUserName"] or "", "", MsgType="image", Image={"MediaId": "made up"}
    )
    phone.sends("image")
    assert phone.screen[-1].via is Via.FAULT
    assert "MediaId" in platform.violations[0].what


def test_a_phone_cannot_send_what_phones_cannot(phone: Phone, program: Answering) -> None:
    with pytest.raises(BadMedium):
        phone.sends("image", b"<svg>")
    assert program.got == []
