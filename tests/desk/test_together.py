"""What many people say at the same moment goes through together, and each gets their own answer."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.core.messages import Kind, Said
from bot.desk import answering, receive
from bot.desk.answering import NotTogether
from bot.store.engine import transaction
from tests.town import Town, lacking


def _said(town: Town, who: str, text: str, key: str) -> Said:
    return Said(key, who, "gh", Kind.TEXT, text, town.watch.at)


def _round(town: Town, acts: Sequence[Said]) -> list[str | None]:
    with transaction(town.bot.engine) as connection:
        return [one.reply for one in answering.answer_round(town.bot, connection, acts)]


def test_each_of_a_round_gets_their_own_and_all_of_it_is_written(town: Town) -> None:
    people = [f"居民{n}" for n in range(6)]
    acts = [_said(town, who, f"{who}家停水了", f"key-{who}") for who in people]
    replies = _round(town, acts)
    opened = town.rows("select no, first_words from issues order by no")
    assert [one["first_words"] for one in opened] == [f"{who}家停水了" for who in people]
    assert all(f"#{one['no']}" in (reply or "") for one, reply in zip(opened, replies, strict=True))
    kept = town.rows("select key, reply from inbox where key like 'key-%%' order by key")
    assert [one["reply"] for one in kept] == replies


def test_a_repeat_in_a_round_gets_the_same_and_adds_nothing(town: Town) -> None:
    first = _said(town, "居民甲", "停水了", "again")
    (reply,) = _round(town, [first])
    replies = _round(town, [first, _said(town, "居民乙", "停电了", "new")])
    assert replies[0] == reply
    assert len(town.rows("select no from issues")) == 2


def test_who_has_to_be_handled_alone_undoes_the_round_for_all(town: Town) -> None:
    """认领 joins two people; nothing of the round may stay, not even that somebody spoke."""
    town.says("微信", "您好")
    before = town.rows("select openid, last_said_at, wrote_at from people order by id")
    acts = [_said(town, "微信", "绑定 A101", "bind"), _said(town, "居民", "停水了", "water")]
    town.wind(minutes=1)
    with pytest.raises(NotTogether) as found:
        _round(town, acts)
    assert list(found.value.alone) == [True, False]
    assert town.rows("select openid, last_said_at, wrote_at from people order by id") == before
    assert town.rows("select no from issues where first_words = '停水了'") == []


def test_an_act_that_fails_keeps_only_itself_from_being_done(town: Town) -> None:
    acts = [
        _said(town, "居民", "停水了", "key-1"),
        _said(town, "倒霉", "您好", "key-2"),
    ]
    with lacking(town, "greeted"), ThreadPoolExecutor(2) as people:
        list(people.map(lambda act: receive.receive(town.bot, act), acts))
    assert town.rows("select openid, state from inbox where key like 'key-%%' order by key") == [
        {"openid": "居民", "state": "done"},
        {"openid": "倒霉", "state": "waiting"},
    ]


def test_a_crowd_at_once_is_answered_each_with_a_number_of_their_own(town: Town) -> None:
    """Through `receive`, as the web process calls it: from many threads at the same moment."""
    crowd, together = 24, threading.Barrier(8)

    def speaks(n: int) -> str | None:
        if n < 8:
            together.wait(20)
        return receive.receive(town.bot, _said(town, f"众{n}", f"第{n}件事", f"crowd-{n}"))

    with ThreadPoolExecutor(8) as people:
        replies = list(people.map(speaks, range(crowd)))
    numbers = {
        row["first_words"]: row["no"] for row in town.rows("select no, first_words from issues")
    }
    assert len(set(numbers.values())) == crowd
    for n, reply in enumerate(replies):
        assert f"#{numbers[f'第{n}件事']}" in (reply or "")
