"""What becomes of a message, whatever WeChat's side does, at a real HTTP server."""

import json
import os
import socket
import threading
import time
import warnings
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown
from bot.wechat import wire
from bot.wechat.answers import ANSWERS, Verdict, outcome, until_tomorrow
from bot.wechat.client import WeChat
from bot.wechat.errors import AnswerLost, Declined, NotTaken

from .platform import SEND, TOKEN, Page, Planned, Platform, Trouble

PLATFORMS_LIST = """
45015 45047 43004 50005 48002 43101 40003 40007 40008 40033 40035 40037 41006 41009 44004
45001 45002 45003 45004 45005 45006 45007 45008 45072 45166 45168 46004 47001 47003 43019
70000 40002 40013 40125 40164 40200 40243 41001 41002 41003 41004 48001 48003 48004 50001
50002 50007 61004 43107 65320 40001 40014 42001 -1 45011 43108 45009 48006 45080 45081 45065
"""


def test_a_text_goes_out_as_it_is_written(platform: Platform, wechat: WeChat) -> None:
    assert wechat.send_text("oA", "停水了 \"]]>\" 👍\n<a href='x'>") == Sent()
    assert platform.texts == [("oA", "停水了 \"]]>\" 👍\n<a href='x'>")]
    assert "停水了".encode() in platform.bodies[-1]
    assert b"\\u" not in platform.bodies[-1]
    assert json.loads(platform.bodies[-1])["msgtype"] == "text"


def test_one_connection_serves_many_messages(platform: Platform, wechat: WeChat) -> None:
    for number in range(5):
        wechat.send_text("oA", str(number))
    assert platform.connections == 1


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble.HANG, Unknown),
        (Trouble.RESET, Unknown),
        (Trouble.CLOSE, Unknown),
        (Trouble.HALF, Unknown),
        (Page(500), Unknown),
        (Page(502), Unknown),
        (Page(504), Unknown),
        (Page(200), Unknown),
        (Page(200, b""), Unknown),
        (Page(200, b"[1]"), Unknown),
        (Page(200, b"[" * 100_000), Unknown),
        (Page(200, b'{"errcode": "x"}'), Unknown),
        (Page(200, b'{"errcode": null}'), Unknown),
        (Page(200, b'{"base_resp": 1}'), Unknown),
        (Page(200, b"\xff\xfe"), Unknown),
        (Page(200, b"{}"), Unknown),
        (Page(503), TryLater),
        (Page(429), TryLater),
        (Page(404), Refused),
        (Page(302, b"", {"Location": "http://127.0.0.1:1/"}), Refused),
        ({"errcode": -1, "errmsg": "busy"}, TryLater),
        ({"errcode": "45015", "errmsg": "out of window"}, Refused),
        ({"errcode": 45065, "errmsg": "sent"}, Sent),
        ({"errcode": 0}, Sent),
    ],
)
def test_each_end_of_a_call_is_one_attempt_and_one_value(
    platform: Platform, impatient: WeChat, trouble: Planned, expected: type[Outcome]
) -> None:
    platform.plan(SEND, trouble)
    began = time.monotonic()
    assert isinstance(impatient.send_text("oA", "停水了"), expected)
    assert time.monotonic() - began < 5
    assert len(platform.calls[SEND]) == 1


def test_a_lost_answer_is_not_repeated(platform: Platform, wechat: WeChat) -> None:
    platform.plan(SEND, Trouble.CLOSE)
    assert isinstance(wechat.send_text("oA", "停水了"), Unknown)
    assert wechat.send_text("oA", "停电了") == Sent()
    assert platform.texts == [("oA", "停水了"), ("oA", "停电了")]


def test_where_nobody_listens_nothing_was_taken(shared: Redis) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        wechat = WeChat(url, "wx1", "secret", shared, timeout=1)
        assert isinstance(wechat.send_text("oA", "停水了"), TryLater)
        shared.set("wechat:wx1:token", "token-1")
        assert isinstance(wechat.send_text("oA", "停水了"), TryLater)


def test_a_host_without_name_and_one_without_tls_took_nothing(
    platform: Platform, shared: Redis
) -> None:
    shared.set("wechat:wx1:token", "token-1")
    for url in ("http://nowhere.invalid", platform.url.replace("http:", "https:")):
        wechat = WeChat(url, "wx1", "secret", shared, timeout=1)
        assert isinstance(wechat.send_text("oA", "停水了"), TryLater | Unknown)
    assert not platform.texts


def test_a_proxy_meant_for_the_world_does_not_get_what_is_for_the_simulator(
    platform: Platform, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert wechat.send_text("oA", "停水了") == Sent()


def test_a_proxy_leads_to_the_world_and_one_that_is_down_has_taken_nothing(
    platform: Platform, shared: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", platform.url)
    wechat = WeChat("http://wechat.invalid", "wx1", "secret", shared, timeout=1)
    assert wechat.send_text("oA", "停水了") == Sent()
    assert platform.texts == [("oA", "停水了")]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    wechat = WeChat("http://wechat.invalid", "wx1", "secret", shared, timeout=1)
    assert isinstance(wechat.send_text("oA", "停电了"), TryLater)
    with pytest.raises(NotTaken):
        wechat.menu()


def test_a_connection_that_was_long_unused_is_not_trusted(
    platform: Platform, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "IDLE_SECONDS", 0.1)
    for number in range(3):
        assert wechat.send_text("oA", str(number)) == Sent()
        time.sleep(0.2)
    assert platform.connections == 3


def test_every_code_of_the_platforms_list_is_judged() -> None:
    listed = {int(code) for code in PLATFORMS_LIST.split()}
    assert listed | {0} == ANSWERS.keys()


@pytest.mark.parametrize("code", [code for code in ANSWERS if code])
def test_every_code_over_the_wire_gives_its_value(
    platform: Platform, wechat: WeChat, code: int
) -> None:
    platform.plan(SEND, *[{"errcode": code, "errmsg": "no rid: 1"}] * 2)
    became = wechat.send_text("oA", "停水了")
    match ANSWERS[code][0]:
        case Verdict.DONE:
            assert became == Sent()
        case Verdict.STALE | Verdict.LATER:
            assert isinstance(became, TryLater)
            assert timedelta() < became.after <= timedelta(minutes=1)
        case Verdict.TOMORROW:
            assert isinstance(became, TryLater)
            assert timedelta() < became.after <= timedelta(days=1, minutes=2)
        case about:
            assert isinstance(became, Refused)
            assert (became.about, became.code) == (about.value, code)
            assert "rid: 1" in became.why


def test_a_code_that_is_not_known_is_for_the_operator() -> None:
    became = outcome(88888, "?", datetime.now(UTC))
    assert became == Refused("88888: an answer that is not known (?)", "service", 88888)


@given(st.integers(min_value=0, max_value=4 * 10**9))
def test_tomorrow_begins_at_midnight_in_beijing(second: int) -> None:
    now = datetime.fromtimestamp(second, UTC)
    then = now + until_tomorrow(now)
    assert timedelta(minutes=10) <= then - now <= timedelta(days=1, minutes=2)
    past = then - then.replace(hour=16, minute=2, second=0)
    assert timedelta() <= past <= timedelta(minutes=8)


def test_neither_token_nor_words_show_in_what_went_wrong(
    platform: Platform, wechat: WeChat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    platform.plan(SEND, Trouble.RESET, Page(502), {"errcode": 45015, "errmsg": "out"})
    for _ in range(3):
        became = wechat.send_text("oA", "停水了")
        assert "token-1" not in repr(became)
        assert "停水了" not in repr(became)
    assert "token-1" not in caplog.text


def test_threads_and_forks_have_connections_of_their_own(
    platform: Platform, wechat: WeChat
) -> None:
    wechat.send_text("oA", "1")
    thread = threading.Thread(target=wechat.send_text, args=("oA", "2"))
    thread.start()
    thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads: as RQ does
        child = os.fork()
    if child == 0:
        os._exit(0 if wechat.send_text("oA", "3") == Sent() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    wechat.send_text("oA", "4")
    assert platform.connections == 3
    assert [text for _, text in platform.texts] == ["1", "2", "3", "4"]


def test_codes_are_made_for_a_while_and_for_good(platform: Platform, wechat: WeChat) -> None:
    lasting = wechat.create_qrcode("door-TR-1-2")
    assert (lasting.url, lasting.lives) == ("http://weixin.qq.com/q/door-TR-1-2", None)
    assert platform.calls["qrcode/create"][-1]["action_name"] == "QR_LIMIT_STR_SCENE"
    brief = wechat.create_qrcode("bind-x", timedelta(days=1))
    assert brief.ticket == "Tbind-x"
    assert platform.calls["qrcode/create"][-1]["expire_seconds"] == 86400
    for scene, lives in (("", None), ("x" * 65, None), ("x", timedelta(days=31))):
        with pytest.raises(ValueError):
            wechat.create_qrcode(scene, lives)


def test_a_code_that_is_not_made_says_why(platform: Platform, impatient: WeChat) -> None:
    ends: list[tuple[Planned, type[Exception]]] = [
        (Trouble.HANG, AnswerLost),
        (Page(503), NotTaken),
        ({"url": "x"}, AnswerLost),
        ({"errcode": 45009, "errmsg": "quota"}, Declined),
    ]
    for planned, expected in ends:
        platform.plan("qrcode/create", planned)
        with pytest.raises(expected):
            impatient.create_qrcode("door-TR-1-2")


def test_the_check_says_what_to_do(platform: Platform, impatient: WeChat, shared: Redis) -> None:
    assert impatient.check().ok
    platform.plan(
        TOKEN,
        {"errcode": 40164, "errmsg": "invalid ip 1.2.3.4"},
        {"errcode": 40013, "errmsg": "invalid appid"},
        Page(200),
        Page(404),
        Trouble.HANG,
    )
    expected = (
        "whitelist",
        "WECHAT_APPID",
        "WECHAT_API_URL",
        "WECHAT_API_URL",
        "no answer in time",
    )
    for words in expected:
        found = impatient.check()
        assert not found.ok
        assert words in found.text
    wrong = WeChat(platform.url, "wx1", "wrong", shared, timeout=1).check()
    assert "WECHAT_SECRET" in wrong.text
