"""`/wechat`: each status of contract section 3, with a real database and real envelopes."""

from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import create_environ

from bot import logs
from bot.bootstrap import Bot
from bot.wechat.callback import LARGEST
from tests.web.posts import WORDS, event, inner, rows, sent, staff_the_top, told, words
from tests.wechat.envelopes import OLD_KEY, posted, query, shown

Made = tuple[dict[str, str], bytes]


@pytest.fixture(autouse=True)
def somebody_at_the_top(bot: Bot) -> None:
    staff_the_top(bot)


def test_the_url_check_gives_the_echostr_as_it_came(client: FlaskClient) -> None:
    args = {**query(""), "echostr": "437512<&>0948"}
    answer = client.get("/wechat", query_string=args)
    assert (answer.status_code, answer.text) == (HTTPStatus.OK, "437512<&>0948")
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize("change", [{"signature": "0" * 40}, {"nonce": "1"}, {"timestamp": ""}])
def test_a_url_check_that_is_not_wechats_is_forbidden(
    client: FlaskClient, change: dict[str, str]
) -> None:
    answer = client.get("/wechat", query_string={**query(""), "echostr": "x", **change})
    assert (answer.status_code, answer.text == "x") == (HTTPStatus.FORBIDDEN, False)


def wrong_signature() -> Made:
    args, body = posted(words())
    return {**args, "msg_signature": "0" * 40}, body


def no_query() -> Made:
    return {}, posted(words())[1]


def another_body() -> Made:
    return posted(words())[0], posted(words("别的话"))[1]


def signed_garbage(body: bytes) -> Callable[[], Made]:
    return lambda: (query(""), body)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
REFUSED = [
    pytest.param(wrong_signature, 403, id="wrong signature"),
    pytest.param(no_query, 403, id="no query"),
    pytest.param(another_body, 403, id="signature of another body"),
    pytest.param(signed_garbage(b""), 400, id="empty"),
    pytest.param(signed_garbage(b"hello"), 400, id="no XML"),
    pytest.param(signed_garbage(b"<xml><Encrypt>"), 400, id="broken XML"),
    pytest.param(signed_garbage(b"\xff\xfe<xml/>"), 400, id="not UTF-8"),
    pytest.param(signed_garbage(b"<xml><Content>1</Content></xml>"), 400, id="not encrypted"),
    pytest.param(signed_garbage(BOMB), 400, id="entity bomb"),
    pytest.param(signed_garbage(b"x" * (LARGEST + 1)), 400, id="too large"),
]


@pytest.mark.parametrize(("make", "status"), REFUSED)
def test_what_is_refused_is_not_stored(
    client: FlaskClient, bot: Bot, make: Callable[[], Made], status: int
) -> None:
    answer = sent(client, *make())
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert rows(bot, "select key from inbox") == []
    assert bot.redis.keys("hulianwang:*") == []


@pytest.mark.parametrize("content", [WORDS, "]]>&<b>", "😀灯坏了", "x"])
def test_words_are_kept_and_answered_in_an_envelope(
    client: FlaskClient, bot: Bot, content: str
) -> None:
    answer = told(client, words(content))
    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, "text/xml")
    reply = shown(answer.data)
    assert (reply["ToUserName"], reply["FromUserName"]) == ("oResident", "gh_1")
    [issue] = rows(bot, "select no from issues")
    assert f"#{issue.no}" in reply["Content"]
    assert len(rows(bot, "select key from inbox where state = 'done'")) == 1


def test_a_repeat_gets_the_same_reply_and_opens_nothing(client: FlaskClient, bot: Bot) -> None:
    plain = words()
    replies = [shown(told(client, plain).data)["Content"] for _ in range(3)]
    assert len(set(replies)) == 1
    assert len(rows(bot, "select no from issues")) == 1


def test_the_same_bytes_again_and_an_old_timestamp_are_no_reason_to_refuse(
    client: FlaskClient,
) -> None:
    args, body = posted(words())
    answers = [sent(client, args, body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [HTTPStatus.OK] * 2


def test_the_former_key_still_opens_and_seals(client: FlaskClient) -> None:
    answer = sent(client, *posted(words(), key=OLD_KEY))
    assert "#" in shown(answer.data, key=OLD_KEY)["Content"]


@pytest.mark.parametrize("name", ["unsubscribe", "TEMPLATESENDJOBFINISH", "somethingnew"])
def test_events_without_an_answer_get_success(client: FlaskClient, name: str) -> None:
    answer = told(client, event(name))
    assert (answer.status_code, answer.data) == (HTTPStatus.OK, b"success")
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize(
    "plain", [inner("hologram", "<MsgId>1</MsgId>"), event("subscribe"), words("帮助")]
)
def test_what_is_not_words_is_answered_too(client: FlaskClient, plain: str) -> None:
    assert shown(told(client, plain).data)["Content"].strip()


@pytest.mark.parametrize("plain", ["no xml at all", "<xml></xml>", "<xml><FromUserName/></xml>"])
def test_what_wechat_signed_and_nobody_understands_is_taken(
    client: FlaskClient, bot: Bot, plain: str
) -> None:
    answer = told(client, plain)
    assert (answer.status_code, answer.data) == (HTTPStatus.OK, b"success")
    assert rows(bot, "select key from inbox") == []


def test_an_envelope_for_another_account_is_taken_and_not_stored(
    client: FlaskClient, bot: Bot
) -> None:
    answer = sent(client, *posted(words(), appid="wxsomebodyelse"))
    assert (answer.status_code, answer.data) == (HTTPStatus.OK, b"success")
    assert rows(bot, "select key from inbox") == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(client: FlaskClient, method: str) -> None:
    answer = client.open("/wechat", method=method)
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "POST" in answer.headers["Allow"]


def test_a_body_that_is_too_large_is_not_read(client: FlaskClient) -> None:
    unread = BytesIO(b"x" * (LARGEST + 1))
    environ = create_environ("/wechat", method="POST", query_string=query(""))
    environ |= {"wsgi.input": unread, "CONTENT_LENGTH": str(LARGEST + 1)}
    answer = client.open(environ)
    assert unread.tell() == 0
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_a_log_line_holds_nothing_of_what_was_said(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("DEBUG")  # once more: it is to write where this test listens
    told(client, words())
    told(client, f"<xml><Content>{WORDS}")
    sent(client, *wrong_signature())
    seen = "".join(capsys.readouterr())
    assert all(event in seen for event in ("message_unreadable", "signature_refused"))
    assert not any(part in seen for part in (WORDS, "王大爷", "oResident"))


def test_words_said_while_redis_is_emptied_are_in_the_database(
    client: FlaskClient, bot: Bot, fresh_redis: str
) -> None:
    with closing(Redis.from_url(fresh_redis)) as redis:
        redis.flushdb()
    assert told(client, words()).status_code == HTTPStatus.OK
    assert [row.text for row in rows(bot, "select text from messages")] == [WORDS]
