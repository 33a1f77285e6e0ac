"""`/wechat` in each of WECHAT_MODE's modes, with a real database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from bot import logs
from bot.bootstrap import Bot
from bot.web.app import callback_of
from tests.web.conftest import built, served
from tests.web.posts import Watch, rows, sent, staff_the_top, words
from tests.wechat.envelopes import (
    plain_query,
    posted,
    posted_both,
    posted_plain,
    query,
    shown,
    shown_plain,
)

NewClient = Callable[..., tuple[Bot, FlaskClient]]


@pytest.fixture
def client_in(
    fresh_database: Callable[[], str], fresh_redis: str, watch: Watch
) -> Iterator[NewClient]:
    """Call it with a mode and settings for a Bot and a client of its app."""
    with ExitStack() as open_until_the_end:

        def make(mode: str, **settings: str | None) -> tuple[Bot, FlaskClient]:
            given = {"wechat_mode": mode, **settings}
            bot = open_until_the_end.enter_context(
                built(fresh_database(), fresh_redis, watch, **given)
            )
            staff_the_top(bot)
            return bot, open_until_the_end.enter_context(served(bot)).test_client()

        yield make


def test_plain_mode_needs_no_key_and_answers_in_the_clear(client_in: NewClient) -> None:
    bot, client = client_in("plain", wechat_aes_key=None, wechat_aes_key_previous=None)
    answer = sent(client, *posted_plain(words("电梯坏了")))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    [issue] = rows(bot, "select no from issues")
    assert f"#{issue.no}" in shown_plain(answer.data)["Content"]
    assert sent(client, {**plain_query(), "nonce": "1"}, words().encode()).status_code == 403
    assert sent(client, plain_query(), b"rubbish").status_code == 400
    check = client.get("/wechat", query_string={**plain_query(), "echostr": "437512"})
    assert (check.status_code, check.text) == (200, "437512")


def test_compatible_mode_believes_only_what_was_encrypted(client_in: NewClient) -> None:
    bot, client = client_in("compatible")
    forged = words("伪造的话", openid="oSomebodyElse")
    answer = sent(client, *posted_both(words("电梯坏了"), beside=forged))
    reply = shown(answer.data)
    assert (reply["ToUserName"], "#" in reply["Content"]) == ("oResident", True)
    assert [row.text for row in rows(bot, "select text from messages")] == ["电梯坏了"]
    refused = sent(client, *posted_plain(forged))
    assert refused.status_code in (400, 403)
    assert len(rows(bot, "select no from issues")) == 1


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
def test_json_is_refused_and_the_log_says_what_to_choose(
    client_in: NewClient, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, client = client_in(mode)
    logs.set_up("INFO")
    args = plain_query() if mode == "plain" else query("")
    answer = sent(client, args, b'{"ToUserName": "gh_1", "Content": "secret words"}')
    assert answer.status_code == 400
    said = "".join(capsys.readouterr())
    assert "choose XML" in said
    assert "secret words" not in said


def test_another_account_is_told_success_and_the_log_why(
    client_in: NewClient, capsys: pytest.CaptureFixture[str]
) -> None:
    bot, client = client_in("compatible")
    logs.set_up("INFO")
    answer = sent(client, *posted(words(), appid="wxsomebodyelse"))
    assert (answer.status_code, answer.data) == (200, b"success")
    assert "WECHAT_APPID" in "".join(capsys.readouterr())
    assert rows(bot, "select key from inbox") == []


def test_a_bot_without_a_key_has_no_webhook_where_one_is_needed(
    fresh_database: Callable[[], str], fresh_redis: str, watch: Watch
) -> None:
    unset = {"wechat_aes_key": None, "wechat_aes_key_previous": None}
    with built(fresh_database(), fresh_redis, watch, **unset) as bot, pytest.raises(ValueError):
        callback_of(bot)
