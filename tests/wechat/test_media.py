"""Files up to WeChat and down from it, whatever comes instead of them."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from bot.core.outcome import Sent
from bot.wechat import wire
from bot.wechat.client import WeChat
from bot.wechat.errors import AnswerLost, Declined, NotTaken, TooLarge, WeChatError
from bot.wechat.media import LARGEST, Medium, Stored

from .platform import DOWNLOAD, SEND, UPLOAD, Page, Planned, Platform, Trouble

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50_000
AMR = b"#!AMR\n" + b"\0" * 500


def _page(body: bytes, kind: str) -> Page:
    return Page(200, body, {"Content-Type": kind})


def test_what_a_person_sent_is_written_to_a_file(
    platform: Platform, wechat: WeChat, tmp_path: Path
) -> None:
    platform.files["P1"] = _page(JPEG, "image/jpeg")
    path = tmp_path / "picture"
    with path.open("wb") as into:
        assert wechat.download("P1", into) == Stored("image/jpeg", len(JPEG))
    assert path.read_bytes() == JPEG
    assert platform.calls[DOWNLOAD][-1]["media_id"] == "P1"


def test_a_video_is_fetched_from_where_wechat_says_without_our_token(
    platform: Platform, wechat: WeChat
) -> None:
    platform.files["/video.mp4"] = _page(b"video" * 9, "video/mp4")
    where = json.dumps({"video_url": platform.url + "/video.mp4"}).encode()
    for kind in ("application/json; charset=utf-8", "text/plain"):
        platform.files["V1"] = _page(where, kind)
        into = BytesIO()
        assert wechat.download("V1", into) == Stored("video/mp4", 45)
        assert into.getvalue() == b"video" * 9
    asked = [head["path"] for head in platform.heads if "path" in head]
    assert asked == ["/video.mp4"] * 2


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", None, 7])
def test_a_videos_address_that_is_none_is_not_followed(
    platform: Platform, wechat: WeChat, url: object
) -> None:
    platform.files["V1"] = _page(json.dumps({"video_url": url}).encode(), "application/json")
    with pytest.raises(AnswerLost):
        wechat.download("V1", BytesIO())


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ({"errcode": 40007, "errmsg": "invalid media_id rid: 1"}, Declined),
        (_page(b'{"errcode":40007,"errmsg":"x"}', "text/plain"), Declined),
        (_page(b'{"errcode":40007,"errmsg":"x"}', "application/json"), Declined),
        (_page(b"<html>", "text/html"), AnswerLost),
        (_page(b"", "image/jpeg"), AnswerLost),
        (_page(b'{"errcode":"x"}', "text/plain"), AnswerLost),
        (_page(b"[1]", "text/plain"), AnswerLost),
        (_page(b"x" * 200_000, "text/plain"), AnswerLost),
        (Page(200, b"half", {"Content-Type": "image/jpeg", "Content-Length": "9"}), AnswerLost),
        (Page(502), AnswerLost),
        (Page(503), NotTaken),
        (Page(404), Declined),
        (Page(302, b"", {"Location": "http://127.0.0.1:1/"}), Declined),
        (Trouble.HANG, AnswerLost),
        (Trouble.RESET, AnswerLost),
    ],
)
def test_what_comes_in_place_of_a_file_is_told(
    platform: Platform, impatient: WeChat, trouble: Planned, expected: type[WeChatError]
) -> None:
    platform.plan(DOWNLOAD, trouble)
    with pytest.raises(expected) as caught:
        impatient.download("P1", BytesIO())
    assert "token-1" not in str(caught.value)
    assert len(platform.calls[DOWNLOAD]) == 1


def test_a_dead_token_is_renewed_once_for_files_too(platform: Platform, wechat: WeChat) -> None:
    platform.files["P1"] = _page(JPEG, "image/jpeg")
    wechat.send_text("oA", "停水了")
    platform.kill_token()
    into = BytesIO()
    assert wechat.download("P1", into).size == len(JPEG)
    assert into.getvalue() == JPEG
    platform.kill_token()
    assert wechat.upload(Medium.PICTURE, JPEG) == "M1"
    assert JPEG in platform.bodies[-1]
    assert len(platform.calls[UPLOAD]) == 2


def test_a_file_larger_than_is_taken_is_given_up(platform: Platform, wechat: WeChat) -> None:
    platform.files["P1"] = _page(JPEG, "image/jpeg")
    into = BytesIO()
    with pytest.raises(TooLarge):
        wechat.download("P1", into, most=100_000)
    assert len(into.getvalue()) <= 100_000
    assert wechat.send_text("oA", "停水了") == Sent()


def test_a_file_that_trickles_is_given_up(
    platform: Platform, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "FETCH_SECONDS", -1.0)  # as if it had taken so long
    platform.files["P1"] = _page(JPEG, "image/jpeg")
    with pytest.raises(AnswerLost, match="slowly"):
        wechat.download("P1", BytesIO())


@pytest.mark.parametrize(
    ("medium", "content", "name", "kind"),
    [
        (Medium.PICTURE, JPEG, "media.jpg", "image/jpeg"),
        (Medium.PICTURE, b"\x89PNG\r\n\x1a\n...", "media.png", "image/png"),
        (Medium.VOICE, AMR, "media.amr", "audio/amr"),
        (Medium.VOICE, b"ID3...", "media.mp3", "audio/mpeg"),
        (Medium.VIDEO, b"\0\0\0\x18ftypmp42", "media.mp4", "video/mp4"),
        (Medium.THUMB, JPEG[:9], "media.jpg", "image/jpeg"),
    ],
)
def test_a_file_goes_up_under_a_name_wechat_believes(
    platform: Platform, wechat: WeChat, medium: Medium, content: bytes, name: str, kind: str
) -> None:
    assert wechat.upload(medium, content) == "M1"
    body = platform.bodies[-1]
    assert f'name="media"; filename="{name}"'.encode() in body
    assert f"Content-Type: {kind}".encode() in body
    assert content in body
    assert platform.calls[UPLOAD][-1]["type"] == medium.value


def test_a_thumbs_id_has_another_name(platform: Platform, wechat: WeChat) -> None:
    platform.plan(UPLOAD, {"type": "thumb", "thumb_media_id": "TH1", "created_at": 1})
    assert wechat.upload(Medium.THUMB, JPEG[:99]) == "TH1"


@pytest.mark.parametrize("medium", Medium)
def test_a_file_over_wechats_limit_is_not_sent(
    platform: Platform, wechat: WeChat, medium: Medium
) -> None:
    with pytest.raises(TooLarge):
        wechat.upload(medium, b"x" * (LARGEST[medium] + 1))
    assert not platform.calls[UPLOAD]


def test_an_upload_that_fails_says_why(platform: Platform, wechat: WeChat) -> None:
    platform.plan(UPLOAD, {"errcode": 40009, "errmsg": "invalid image size"}, {"type": "image"})
    with pytest.raises(Declined):
        wechat.upload(Medium.PICTURE, JPEG)
    with pytest.raises(AnswerLost):
        wechat.upload(Medium.PICTURE, JPEG)


def test_what_was_uploaded_is_sent_by_its_id(platform: Platform, wechat: WeChat) -> None:
    sends: list[tuple[str, Callable[[], object]]] = [
        ("image", lambda: wechat.send_picture("oA", "M1")),
        ("voice", lambda: wechat.send_voice("oA", "M1")),
        ("video", lambda: wechat.send_video("oA", "M1", "TH1", "电梯")),
    ]
    for kind, send in sends:
        assert send() == Sent()
        assert platform.calls[SEND][-1]["msgtype"] == kind
        assert platform.calls[SEND][-1][kind]["media_id"] == "M1"
    assert platform.calls[SEND][-1]["video"]["thumb_media_id"] == "TH1"
    wechat.send_video("oA", "M1")
    assert platform.calls[SEND][-1]["video"] == {"media_id": "M1"}
