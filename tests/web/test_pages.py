"""The other pages: each with what it is to show, and nobody's words on any of them."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from bot.bootstrap import Bot
from bot.web.access import board_key
from tests.web.conftest import built, served
from tests.web.posts import (
    SECRET_KEY,
    WORDS,
    Watch,
    beat,
    do,
    health,
    rows,
    sent,
    staff_the_top,
    told,
    words,
)
from tests.wechat.envelopes import query

KEY = {"Authorization": f"Bearer {board_key(SECRET_KEY)}"}


def opened_issue(client: FlaskClient, bot: Bot) -> int:
    before = {row.no for row in rows(bot, "select no from issues")}
    told(client, words(openid=f"oResident{len(before)}"))
    [new] = {row.no for row in rows(bot, "select no from issues")} - before
    return int(new)


def board(client: FlaskClient) -> Any:
    return client.get("/board.json", headers=KEY).json


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (one.name.removeprefix("hulianwang_"), *one.labels.values()): one.value
        for family in families
        for one in family.samples
    }


PAGES = [
    ("GET", "/", {}, 200, "text/plain"),
    ("POST", "/", {}, 405, "text/plain"),
    ("GET", "/health", {}, 200, "application/json"),
    ("POST", "/health", {}, 405, "text/plain"),
    ("GET", "/metrics", {}, 200, "text/plain"),
    ("GET", "/board.json", KEY, 200, "application/json"),
    ("GET", "/board.json", {}, 401, "text/plain"),
    ("GET", "/board.json", {"Authorization": "Bearer "}, 401, "text/plain"),
    ("GET", "/board.json", {"Authorization": "Bearer 密"}, 401, "text/plain"),
    ("GET", "/board.json", {"Authorization": f"Basic {board_key(SECRET_KEY)}"}, 401, "text/plain"),
    ("GET", "/board.json", {"Authorization": f"Bearer {board_key('x')}"}, 401, "text/plain"),
    ("GET", "/nothing/here", {}, 404, "text/plain"),
    ("GET", "/static/app.py", {}, 404, "text/plain"),
    ("GET", "/wechat/", {}, 404, "text/plain"),
]


@pytest.mark.parametrize(("method", "path", "headers", "status", "mimetype"), PAGES)
def test_every_page_answers_as_it_should(
    client: FlaskClient,
    bot: Bot,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    mimetype: str,
) -> None:
    beat(bot, bot.now())
    answer = client.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, mimetype)
    assert "set-cookie" not in answer.headers
    assert "Traceback" not in answer.text


def test_there_is_no_board_without_a_secret_key(
    fresh_database: Callable[[], str], fresh_redis: str, watch: Watch
) -> None:
    with (
        built(fresh_database(), fresh_redis, watch, secret_key=None) as bot,
        served(bot) as app,
    ):
        answer = app.test_client().get("/board.json", headers=KEY)
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_health_is_good_while_the_clock_ticks(client: FlaskClient, bot: Bot, watch: Watch) -> None:
    assert client.get("/health").status_code == HTTPStatus.SERVICE_UNAVAILABLE  # no clock yet
    beat(bot, watch.at)
    watch.wind(timedelta(seconds=4))
    answer = client.get("/health")
    assert answer.status_code == HTTPStatus.OK
    assert answer.json == {
        "ok": True,
        "database": True,
        "redis": True,
        "clock_tick_age_s": 4.0,
        "oldest_overdue_s": 0.0,
        "oldest_undelivered_s": 0.0,
    }
    watch.wind(timedelta(minutes=1))
    assert client.get("/health").status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_connections_that_died_while_idle_are_no_reason_for_alarm(
    client: FlaskClient, bot: Bot
) -> None:
    assert health(client)["database"]
    ended = rows(
        bot,
        "select pg_terminate_backend(pid, 5000) as done from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()",
    )
    assert ended
    assert health(client)["database"]


def test_lateness_is_shown_and_leaves_health_good(
    client: FlaskClient, bot: Bot, watch: Watch
) -> None:
    staff_the_top(bot)
    no = opened_issue(client, bot)
    do(bot, "update issues set due_at = %(at)s where no = %(no)s", at=watch.at, no=no)
    notice = (
        "insert into outbox (key, person_id, role, kind, text, made_at, next_at, state, attempts)"
        " select %(key)s, min(id), 'staff', 'opened', 'x', %(at)s, %(next_at)s, %(state)s,"
        " %(attempts)s from people"
    )
    later = watch.at + timedelta(hours=1)
    once = {"at": watch.at - timedelta(seconds=5), "next_at": later}
    do(bot, "delete from outbox")
    do(bot, notice, key="tried", state="pending", attempts=1, **once)
    do(bot, notice, key="for later", state="pending", attempts=0, **{**once, "at": watch.at})
    do(bot, notice, key="gone", state="sent", attempts=1, **{**once, "at": watch.at})
    watch.wind(timedelta(seconds=30))
    beat(bot, watch.at)
    answer = client.get("/health")
    assert answer.status_code == HTTPStatus.OK
    found = health(client)
    assert (found["oldest_overdue_s"], found["oldest_undelivered_s"]) == (30.0, 35.0)


def test_resolved_issues_are_not_overdue(client: FlaskClient, bot: Bot, watch: Watch) -> None:
    staff_the_top(bot)
    opened_issue(client, bot)
    do(bot, "update issues set due_at = %(at)s, state = 'resolved'", at=watch.at)
    watch.wind(timedelta(seconds=30))
    assert health(client)["oldest_overdue_s"] == 0.0


def test_metrics_count_requests_by_what_they_came_to(client: FlaskClient, bot: Bot) -> None:
    staff_the_top(bot)
    told(client, words())
    told(client, "nonsense")
    sent(client, query(""), b"nonsense")
    sent(client, {}, b"<xml><Encrypt>x</Encrypt></xml>")
    client.get("/wechat", query_string={**query(""), "echostr": "1"})
    found = samples(client)
    outcomes = ("replied", "unreadable", "no_envelope", "forbidden", "checked", "not_kept")
    counted = [found["webhook_requests_total", outcome] for outcome in outcomes]
    assert counted == [1, 1, 1, 1, 1, 0]
    assert found["webhook_seconds_count",] == 4


def test_metrics_tell_what_the_database_holds(client: FlaskClient, bot: Bot, watch: Watch) -> None:
    staff_the_top(bot)
    no = opened_issue(client, bot)
    opened_issue(client, bot)
    do(bot, "update issues set due_at = %(at)s where no = %(no)s", at=watch.at, no=no)
    do(bot, "update inbox set state = 'stuck' where key = (select min(key) from inbox)")
    beat(bot, watch.at)
    watch.wind(timedelta(seconds=7))
    found = samples(client)
    assert found["issues_open", "waiting", "subdistrict"] == 2
    assert found["issues_open", "in_hand", "grid"] == 0
    assert found["issues_overdue", "subdistrict"] == 1
    assert found["inbox", "stuck"] == 1
    assert found["clock_tick_age_seconds",] == 7
    assert found["database_up",] == 1


def test_two_apps_in_one_process_count_apart(bot: Bot, client: FlaskClient) -> None:
    client.get("/wechat")
    with served(bot) as other:
        found = samples(other.test_client())
    assert found["webhook_requests_total", "forbidden"] == 0


def test_no_page_shows_anybodys_words(client: FlaskClient, bot: Bot) -> None:
    staff_the_top(bot)
    opened_issue(client, bot)
    pages = [client.get(path, headers=KEY).text for path in ("/health", "/metrics", "/board.json")]
    assert not any(part in page for page in pages for part in (WORDS, "王大爷", "oResident"))
    assert not any("赵月娥" in page for page in pages[:2])


def test_the_board_shows_an_issue_as_the_ledger_does(
    client: FlaskClient, bot: Bot, watch: Watch
) -> None:
    staff_the_top(bot)
    no = opened_issue(client, bot)
    shown = board(client)
    assert shown["ladder"][0] == {"key": "liaison", "name": "联络员"}
    assert shown["now"] == "2026-11-03T10:00:00+08:00"
    [issue] = shown["issues"]
    assert (issue["no"], issue["state"], issue["tier"]) == (no, "waiting", "subdistrict")
    assert issue["holder"] == {"name": "赵月娥", "role": "staff", "post": "街道专员"}
    assert issue["unit"] == "LY"
    assert issue["opened_at"] == shown["now"]
    assert set(issue) == {
        *("no", "state", "tier", "urgent", "category", "household", "unit", "holder"),
        *("opened_at", "due_at", "answered_at", "resolved_at", "closed_at", "verdict"),
        "due_estimated",
    }


def test_the_board_has_open_issues_first_and_forgets_ended_ones_after_a_day(
    client: FlaskClient, bot: Bot, watch: Watch
) -> None:
    staff_the_top(bot)
    old, ended, waiting = (opened_issue(client, bot) for _ in range(3))
    close = (
        "update issues set state = 'closed', due_at = null, closed_at = %(at)s where no = %(no)s"
    )
    do(bot, close, no=old, at=watch.at - timedelta(days=2))
    do(bot, close, no=ended, at=watch.at)
    newest = opened_issue(client, bot)
    assert [issue["no"] for issue in board(client)["issues"]] == [newest, waiting, ended]
    watch.wind(timedelta(days=2))
    assert [issue["no"] for issue in board(client)["issues"]] == [newest, waiting]


def test_the_board_holds_fifty(client: FlaskClient, bot: Bot) -> None:
    staff_the_top(bot)
    no = opened_issue(client, bot)
    do(
        bot,
        """
        insert into issues (no, resident_id, unit_id, state, tier, opened_tier, place, holder_id,
            holder_role, opened_at, due_at, said_at)
        select no + step, resident_id, unit_id, state, tier, opened_tier, place, holder_id,
            holder_role, opened_at, due_at, said_at
        from issues, generate_series(1, 60) step where no = %(no)s
        """,
        no=no,
    )
    numbers = [issue["no"] for issue in board(client)["issues"]]
    assert numbers == list(range(no + 60, no + 10, -1))
