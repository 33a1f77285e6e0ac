"""Pictures, voice and videos from one phone to the other, kept in between, at as few pushes as
can be."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.desk.escalate import escalate
from bot.simulator.phones import Medium, Phone
from tests.media.conftest import Chats, NewChats

LIAISON, GRID = "王联络", "张网格"


def pieces(phone: Phone) -> list[str]:
    """The kinds of what came without words, in order."""
    return [one.kind for one in phone.screen if not one.mine and one.kind != "text"]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "media").rglob("*") if path.is_file())


def test_a_picture_reaches_the_liaison_after_the_words_that_tell_of_it(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    reply = resident.sends("image")
    no = chats.newest()
    assert f"#{no}" in (reply or "")
    chats.passes()
    told = liaison.hears("[图片]", f"全文 #{no}")
    assert "101" in told
    shown = liaison.sees("image")
    assert shown.media_id in chats.platform.media.by_id
    assert pieces(resident) == []


def test_a_voice_goes_back_and_the_resident_hears_it(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.says("停水了")
    chats.passes()
    no = chats.newest()
    liaison.says(f"#{no}")
    assert "已转给" in (liaison.sends("voice") or "")
    chats.passes()
    resident.hears("[语音]", "王联络")
    resident.sees("voice")
    assert chats.row("select state from issues where no = %(no)s", no=no)["state"] == "in_hand"


def test_words_two_pictures_and_a_voice_cost_few_pushes_and_the_rest_is_there_to_ask_for(
    chats: Chats,
) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    liaison.says("待办")
    had = liaison.quota_left
    resident.says("水管爆了")
    chats.passes()
    for kind in ("image", "image", "voice"):
        resident.sends(kind)
    chats.passes()
    chats.passes()
    bundle = liaison.hears("[图片]", "[语音]")
    assert bundle.count("[图片]") == 2
    assert pieces(liaison) == ["image"]
    assert had - liaison.quota_left == 3  # the report, what came after it, one picture

    no = chats.newest()
    reply = liaison.says(f"全文 #{no}")
    assert reply is not None
    chats.passes()
    assert pieces(liaison) == ["image", "image", "voice"]
    assert liaison.quota_left >= 1


def test_what_was_held_goes_out_when_the_person_writes_again(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    liaison.says("待办")
    for _ in range(6):
        resident.sends("image")
    chats.passes()
    before = len(pieces(liaison))
    assert before < 6
    chats.passes()
    assert len(pieces(liaison)) == before
    liaison.says("待办")
    chats.passes()
    assert len(pieces(liaison)) > before


def test_what_is_kept_betrays_nothing_and_has_a_name_of_ours(chats: Chats) -> None:
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("image")
    chats.passes()
    (kept,) = files(chats.folder)
    with Image.open(kept) as picture:
        assert not picture.getexif()
        assert picture.width > 1
    row = chats.row("select * from media")
    assert (row["state"], row["content_type"]) == ("kept", "image/jpeg")
    assert kept.as_posix().endswith(row["stored"])
    assert row["bytes"] == kept.stat().st_size
    assert row["expires_at"] - row["received_at"] == timedelta(days=3)


def test_days_later_our_own_copy_is_sent(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("image")
    chats.passes()
    first = liaison.sees("image")
    chats.passes(days=4)
    no = chats.newest()
    liaison.says(f"全文 #{no}")
    chats.passes()
    again = liaison.sees("image")
    assert again.media_id != first.media_id
    kept = files(chats.folder)[0].read_bytes()
    assert chats.platform.media.by_id[str(again.media_id)].data == kept


def test_a_video_is_sent_as_our_copy_at_once(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("video")
    chats.passes()
    chats.passes()
    film = liaison.sees("video")
    assert film.media_id == chats.row("select sent_id from media")["sent_id"]


def test_what_nobody_fetched_in_time_is_said_to_be_lost(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("image")
    chats.passes(days=3, hours=1)
    row = chats.row("select * from media")
    assert (row["state"], row["stored"]) == ("failed", None)
    assert "expired" in row["why"]
    said = liaison.says(f"全文 #{chats.newest()}")
    assert "没能存下来" in (said or "")
    chats.passes()
    assert pieces(liaison) == []


def test_wechat_being_away_is_waited_for(chats: Chats) -> None:
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    chats.platform.faults.errcode(-1, times=2, on="media/get")
    resident.sends("voice")
    chats.passes()
    assert chats.row("select state, attempts from media")["state"] == "waiting"
    for _ in range(3):
        chats.passes(minutes=1)
    assert chats.row("select state from media")["state"] == "kept"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"MZ\x90\x00" + b"\0" * 400, "not what it was sent as"),
        (b"<html><script>alert(1)</script>", "not what it was sent as"),
        (b"#!AMR\n" + b"\x04" * 100, "not what it was sent as"),
        (b"\xff\xd8\xff" + b"no picture at all", "not what it was sent as"),
        (b"\xff\xd8\xff" + b"\0" * (10 << 20), "too large"),
    ],
    ids=["program", "page", "voice", "torn", "large"],
)
def test_what_is_not_what_it_was_sent_as_is_not_kept(
    chats: Chats, content: bytes, why: str
) -> None:
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    wrong = Medium("m-wrong", "image", content, chats.platform.now())
    chats.platform.media.keep(wrong)
    resident.sends("image", MediaId="m-wrong", PicUrl="")
    chats.passes()
    row = chats.row("select * from media")
    assert row["state"] == "failed"
    assert row["why"].startswith(why)
    assert files(chats.folder) == []


def test_what_goes_past_the_liaison_is_not_shown_to_them(chats: Chats) -> None:
    liaison, community = chats.phone(LIAISON), chats.phone("林书记")
    community.says("待办")
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.says("找社区 联络员总不在家")
    no = chats.newest()
    resident.sends("image")
    chats.passes()
    community.sees("image")
    liaison.says(f"全文 #{no}")
    chats.passes()
    assert pieces(liaison) == []
    other = chats.moves_in("李大爷", "A102", LIAISON)
    assert "没有" in (other.says(f"全文 #{no}") or "")
    chats.passes()
    assert pieces(other) == []


def test_whoever_it_climbs_to_sees_what_hangs_on_it(chats: Chats) -> None:
    grid = chats.phone(GRID)
    grid.says("待办")
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("image")
    chats.passes()
    assert pieces(grid) == []
    chats.platform.clock.advance(hours=2)
    escalate(chats.bot)
    chats.passes()
    grid.hears("[图片]", "转到您这里")
    grid.sees("image")


def test_what_is_held_is_not_shown_to_whom_it_is_no_longer_for(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    liaison.says("待办")
    for _ in range(5):
        resident.sends("image")
    chats.passes()
    had = len(pieces(liaison))
    assert had < 5
    chats.rows(
        "update assignments set until = now() where person_id ="
        " (select id from people where openid = %(who)s) returning id",
        who=LIAISON,
    )
    chats.rows(
        "update issues set holder_id = (select id from people where openid = %(who)s) returning no",
        who=GRID,
    )
    liaison.says("待办")
    chats.passes()
    assert len(pieces(liaison)) == had
    assert chats.rows("select from showings where state = 'waiting'") == []


def carried_by_another_store(chats: Chats) -> str:
    """A picture goes from phone to phone, and again after WeChat forgot it; where it is kept."""
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("image")
    chats.passes()
    assert files(chats.folder) == []
    stored = chats.row("select stored from media")["stored"]
    with Image.open(io.BytesIO(chats.bot.files.read(stored))) as picture:
        assert not picture.getexif()
    chats.passes(days=4)
    liaison.says(f"全文 #{chats.newest()}")
    chats.passes()
    assert pieces(liaison)[-1] == "image"
    return str(stored)


def test_another_store_does_as_well(new_chats: NewChats) -> None:
    chats = new_chats(media_url="memory://bucket/media")
    chats.bot.files.drop(carried_by_another_store(chats))


def test_a_sender_that_died_leaves_it_in_doubt_until_somebody_asks(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    liaison.says("待办")
    resident.sends("image")
    chats.passes()
    chats.rows(
        "update showings set state = 'waiting', lease_until = now(), next_at = %(now)s"
        " returning id",
        now=chats.platform.now(),
    )
    before = len(pieces(liaison))
    chats.passes()
    assert chats.row("select state from showings")["state"] == "unknown"
    assert len(pieces(liaison)) == before
    liaison.says(f"全文 #{chats.newest()}")
    chats.passes()
    assert len(pieces(liaison)) == before + 1


def test_a_place_and_a_link_are_told_in_words(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.sends("location")
    resident.sends("link")
    chats.passes()
    told = liaison.hears("[位置] 通瑞嘉苑 39.902,116.656")
    assert "[链接] 标题 https://example.com/" in told
