"""20,000 damaged posts: contract section 3's answers only, none slow, and no memory kept.

The most are given to the callback, every fortieth to the whole app with its database. A million of
them are tried by `make bench`.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from bot.bootstrap import Bot
from bot.wechat.callback import Mode
from tests.web.conftest import built, served
from tests.web.posts import Watch, rows, staff_the_top
from tests.wechat.envelopes import shown_plain
from tests.wechat.fuzz import SLOWEST_S, STATUS, Became, Post, Tally, posts, tried

SEED, MANY, SHARE = 20261103, 20_000, 40
WARMED = 2_000
MOST_KEPT = 24 * 1024 * 1024
"""Bytes the process may have grown by; ten thousand kept posts would be far more."""


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_damage_gets_one_of_three_answers_at_once_and_leaves_nothing() -> None:
    tally, stream = Tally(), posts(SEED)
    for post in islice(stream, WARMED):
        tried(post, tally)
    before = _resident_bytes()
    for post in islice(stream, MANY - WARMED):
        tried(post, tally)
    assert _resident_bytes() - before < MOST_KEPT
    assert tally.slowest_s < SLOWEST_S
    assert tally.became.total() == MANY
    assert all(tally.became[became] > MANY // 20 for became in Became), tally
    assert tally.read > MANY // 20


def _posted(client: FlaskClient, post: Post) -> None:
    query = urlencode(post.args, errors="surrogatepass")
    answer = client.post(f"/wechat?{query}", data=post.body, content_type="text/xml")
    assert STATUS[answer.status_code] in post.may, post
    if answer.status_code == 200 and answer.data != b"success":
        fields = shown_plain(answer.data)
        assert post.mode is Mode.PLAIN or fields["Encrypt"]
        assert fields.get("Content" if post.mode is Mode.PLAIN else "MsgSignature")


@pytest.fixture
def clients(
    fresh_database: Callable[[], str], fresh_redis: str, watch: Watch
) -> Callable[[ExitStack], tuple[Bot, dict[Mode, FlaskClient]]]:
    """Call it for the three modes' apps over one database."""

    def make(stack: ExitStack) -> tuple[Bot, dict[Mode, FlaskClient]]:
        url = fresh_database()
        bots = {
            mode: stack.enter_context(built(url, fresh_redis, watch, wechat_mode=mode.value))
            for mode in Mode
        }
        staff_the_top(bots[Mode.SAFE])
        apps = {mode: stack.enter_context(served(bot)) for mode, bot in bots.items()}
        return bots[Mode.SAFE], {mode: app.test_client() for mode, app in apps.items()}

    return make


def test_the_whole_app_answers_damage_as_it_must_and_no_rule_breaks_on_it(
    clients: Callable[[ExitStack], tuple[Bot, dict[Mode, FlaskClient]]],
) -> None:
    with ExitStack() as stack:
        bot, by_mode = clients(stack)
        for post in islice(posts(SEED), 0, MANY, SHARE):
            _posted(by_mode[post.mode], post)
        kept = rows(bot, "select state, why from inbox")
        assert len(kept) > MANY // SHARE // 20
        assert [row for row in kept if row.state != "done"] == []
