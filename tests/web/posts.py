"""Posts as WeChat makes them, and rows for what the pages tell. Knows no answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, LiteralString
from urllib.parse import urlencode

import psycopg
from flask.testing import FlaskClient
from psycopg.rows import namedtuple_row
from werkzeug.test import TestResponse

from bot.bootstrap import Bot
from tests.wechat.envelopes import posted

SECRET_KEY = "a long random text"
WORDS = "电梯坏了，王大爷困在里面"

_message_ids = count(7_000_000_000_000_000)


class Watch:
    """A clock that stands until it is wound."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 3, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def wind(self, by: timedelta) -> None:
        self.at += by


def inner(kind: str, fields: str, openid: str = "oResident") -> str:
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>1793671200</CreateTime>"
        f"<MsgType><![CDATA[{kind}]]></MsgType>{fields}</xml>"
    )


def words(content: str = WORDS, openid: str = "oResident") -> str:
    """A text message of its own."""
    fields = f"<Content><![CDATA[{content}]]></Content><MsgId>{next(_message_ids)}</MsgId>"
    return inner("text", fields, openid)


def event(name: str, openid: str = "oResident") -> str:
    return inner("event", f"<Event><![CDATA[{name}]]></Event>", openid)


def sent(client: FlaskClient, query: Mapping[str, str], body: bytes) -> TestResponse:
    return client.post(f"/wechat?{urlencode(query)}", data=body, content_type="text/xml")


def told(client: FlaskClient, plain: str) -> TestResponse:
    """One message in a right envelope."""
    return sent(client, *posted(plain))


def rows(bot: Bot, query: LiteralString, **values: Any) -> list[Any]:
    """Seen from a connection of our own, by the columns' names."""
    with psycopg.connect(bot.settings.database_url or "", row_factory=namedtuple_row) as own:
        return own.execute(query, values).fetchall()


def do(bot: Bot, statement: LiteralString, **values: Any) -> None:
    with psycopg.connect(bot.settings.database_url or "") as own:
        own.execute(statement, values)


def health(client: FlaskClient) -> dict[str, Any]:
    """What /health says."""
    answer: dict[str, Any] = json.loads(client.get("/health").text)
    return answer


def beat(bot: Bot, at: datetime) -> None:
    """A tick of the clock."""
    do(
        bot,
        "insert into beats (name, at) values ('clock', %(at)s)"
        " on conflict (name) do update set at = excluded.at",
        at=at,
    )


def staff_the_top(bot: Bot) -> None:
    """One subdistrict with somebody who serves it: the least in which an issue can be held."""
    do(
        bot,
        """
        with unit as (
            insert into units (code, level, name, lineage) values ('LY', '街道', '柳园', '{}')
            returning id
        ), person as (
            insert into people (name, phone) values ('赵月娥', '13800000001') returning id
        )
        insert into staff (person_id, unit_id, post, position)
        select person.id, unit.id, '街道专员', 1 from person, unit
        """,
    )
    do(bot, "update units set lineage = array[id]")
