"""The cast, getting ready, the strip and what a restart finds again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request

from bot.simulator.cast import CastError, Part, Step, read_cast
from bot.simulator.noticefields import LONG_TERM_ID
from bot.simulator.phones import Platform, Via, serve_app
from bot.simulator.samples import sample
from bot.simulator.stage import Stage
from bot.simulator.strip import Strip
from tests.simulator.answering import Answering

CAST = [
    Part("resident1", "王秀兰", scene="door-A", setup=(Step("scan", ""), Step("say", "绑定 502"))),
    Part(
        "liaison",
        "李国强",
        note="短信：认领码 ABCD2345",
        setup=(Step("follow", ""), Step("say", "认领 abcd2345")),
        setup_later=(Step("say", "认识"),),
    ),
]


def wait_until(true: Callable[[], bool], within: float = 5.0) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def a_stage(platform: Platform, file: Path | None = None) -> Stage:
    return Stage(platform, CAST, Strip(None), file, between=0)


def test_everybody_gets_ready_in_the_files_order(platform: Platform, program: Answering) -> None:
    stage = a_stage(platform)
    assert not stage.ready()
    assert stage.get_ready()
    wait_until(lambda: stage.ready() and not stage.readying)
    happened = [got["Content"] or got["EventKey"] or got["Event"] for got in program.got]
    assert happened == ["qrscene_door-A", "绑定 502", "subscribe", "认领 abcd2345", "认识"]
    assert stage.marks["liaison"].note_used
    assert stage.get_ready()
    wait_until(lambda: not stage.readying)
    assert len(program.got) == 5


def test_getting_ready_stops_at_a_fault_and_goes_on_later(
    platform: Platform, program: Answering
) -> None:
    stage = a_stage(platform)
    program.answer = lambda got: b"{" if got["Content"] else None
    stage.get_ready()
    wait_until(lambda: not stage.readying)
    assert (stage.marks["resident1"].setup, stage.marks["liaison"].setup) == (1, 0)
    program.answer = lambda _got: None
    stage.get_ready()
    wait_until(lambda: stage.ready() and not stage.readying)


def test_a_restart_finds_yesterdays_phones(
    platform: Platform, program: Answering, tmp_path: Path
) -> None:
    file = tmp_path / "phones.state.json"
    stage = a_stage(platform, file)
    stage.get_ready()
    wait_until(lambda: stage.ready() and not stage.readying)
    platform.push(stage.phones["liaison"].openid, "师傅 😀")
    platform.menu = [{"name": "进度", "type": "click", "key": "progress"}]
    with platform.lock:
        token = platform.tokens.current_stable(platform.now())[0]
    stage.phones["resident1"].records(b"\x1a\x45\xdf\xa3 spoken", seconds=2)
    stage.phones["resident1"].consents(LONG_TERM_ID)
    tag = platform.tags.create("居民")
    platform.tags.put_on(tag, [stage.phones["resident1"]])
    order: dict[str, object] = {"button": platform.menu, "matchrule": {"tag_id": str(tag)}}
    menu_id = platform.menus.add(order, platform.tags.names)
    platform.clock.advance(hours=5)
    stage.save()

    later = Platform(platform.account, now=platform.now)
    again = a_stage(later, file)
    for key, phone in stage.phones.items():
        assert again.phones[key].openid == phone.openid
        assert again.phones[key].screen == phone.screen
        assert again.phones[key].following
        assert again.phones[key].quota_left == phone.quota_left
    assert again.ready()
    assert later.menu == platform.menu
    assert later.menus.seen_by(again.phones["resident1"])[0] == menu_id
    assert later.media.by_id == platform.media.by_id
    assert later.notices.consents == platform.notices.consents
    assert later.clock.ahead == platform.clock.ahead
    assert later.tokens.check(token, later.now()) == 0
    assert set(later.codes.by_ticket) == set(platform.codes.by_ticket)
    assert file.stat().st_mode & 0o077 == 0
    later.close()


def test_media_that_are_gone_leave_the_folder(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "phones.state.json"
    stage = a_stage(platform, file)
    with platform.lock:
        medium = platform.media.upload("image", sample("image"), platform.now())
    stage.save()
    lying = tmp_path / "phones.state.media" / medium.media_id
    assert lying.read_bytes() == sample("image")
    platform.media.by_id.clear()
    stage.save()
    assert not lying.exists()


def test_a_state_file_that_cannot_be_read_is_put_aside(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "phones.state.json"
    file.write_text("{", "utf-8")
    assert a_stage(platform, file).phones["liaison"].screen == []
    assert (tmp_path / "phones.state.json.unreadable").exists()


def test_a_cast_file_may_be_absent_or_empty(tmp_path: Path) -> None:
    empty = tmp_path / "phones.json"
    empty.write_text("[]", "utf-8")
    assert [part.key for part in read_cast(empty)] == [part.key for part in read_cast(None)]
    assert len(read_cast(None)) == 6


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '[{"key": "a"}]',
        '[{"name": "a", "setup": [{"do": "dance"}]}]',
        '[{"name": "a", "key": "x"}, {"name": "b", "key": "x"}]',
    ],
)
def test_a_cast_file_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "phones.json"
    file.write_text(text, "utf-8")
    with pytest.raises(CastError, match=r"phones\.json"):
        read_cast(file)
    with pytest.raises(CastError, match="cannot be read"):
        read_cast(tmp_path / "none.json")


def test_follows_in_the_file_is_how_a_phone_begins(platform: Platform) -> None:
    part = Part("grid", "陈敏", openid="o" * 28, follows=True)
    phone = Stage(platform, [part], Strip(None)).phones["grid"]
    assert (phone.openid, phone.following) == ("o" * 28, True)


def issue(no: int, **changes: object) -> dict[str, Any]:
    return {
        "no": no,
        "state": "waiting",
        "tier": "liaison",
        "holder": {"name": "李国强", "role": "liaison", "post": ""},
        "opened_at": "2026-03-02T17:00:00+08:00",
        "due_at": "2026-03-02T19:00:00+08:00",
        **changes,
    }


def test_the_strip_shows_open_issues_first_and_remembers_when_a_wait_began() -> None:
    board = {
        "now": "2026-03-02T17:30:00+08:00",
        "ladder": [{"key": "liaison", "name": "联络员"}, {"key": "grid", "name": "网格"}],
        "issues": [issue(1), issue(2, state="closed", due_at=None), issue(3, tier="grid")],
    }
    keys: list[str | None] = []

    def answer() -> Response:
        keys.append(request.headers.get("Authorization"))
        return Response(json.dumps(board), mimetype="application/json")

    app = Flask("board")
    app.add_url_rule("/board.json", "board", answer)
    served = serve_app(app)
    strip = Strip(served.url + "/board.json", "secret")
    assert strip.refresh()
    assert strip.shown is not None
    assert [(one["no"], one["since"][11:16]) for one in strip.shown["issues"]] == [
        (3, "17:30"),
        (1, "17:00"),
        (2, "17:30"),
    ]
    board["now"] = "2026-03-02T17:31:00+08:00"
    assert not strip.refresh()
    board["issues"] = [issue(1, tier="grid", due_at="2026-03-02T21:00:00+08:00")]
    assert strip.refresh()
    assert strip.shown["issues"][0]["since"][11:16] == "17:31"
    assert keys == ["Bearer secret"] * 3
    served.close()
    assert strip.refresh()
    assert strip.shown["ok"] is False
    strip.close()


def test_a_program_that_is_down_shows_faults_not_errors(platform: Platform) -> None:
    stage = a_stage(platform)
    stage.phones["liaison"].follows()
    assert stage.says("liaison", "认领 ABCD2345") is None
    assert stage.phones["liaison"].screen[-1].via is Via.FAULT
