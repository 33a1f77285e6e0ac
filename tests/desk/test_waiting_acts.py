"""Acts that had to wait come in each person's order, and nothing they said later passes them."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

import pytest

from bot.bootstrap import Bot
from bot.core.messages import Kind, Said
from bot.desk.kept import KEPT_IN_REDIS, UNREADABLE, NotKept
from bot.desk.receive import bring_in, receive
from bot.desk.suspense import DOUBTED_S, InRedis, Suspense
from bot.store import inbox, ticking
from bot.store.engine import transaction
from tests.chaos.taps import Tap
from tests.town import Town, a_bot, lacking


@contextmanager
def cut_off(town: Town, port: int) -> Iterator[Bot]:
    """A web process that cannot reach PostgreSQL; the Redis is the town's."""
    url = f"postgresql://x@127.0.0.1:{port}/x"
    bot = a_bot(url, town.bot.settings.redis_url or "", town.watch)
    yield bot
    bot.engine.dispose()
    bot.redis.close()


@contextmanager
def tapped(town: Town) -> Iterator[tuple[Bot, Tap, Tap]]:
    """A web process of the same town, and its lines to PostgreSQL and to Redis."""
    with ExitStack() as ending:
        at = town.url, town.bot.settings.redis_url or ""
        database, redis = (Tap.before(one) for one in at)
        bot = a_bot(database.url(at[0]), redis.url(at[1]), town.watch)
        for close in (bot.engine.dispose, bot.redis.close, database.close, redis.close):
            ending.callback(close)
        yield bot, database, redis


def an_act(town: Town, who: str, text: str) -> Said:
    return Said(next(town.keys), who, "gh", Kind.TEXT, text, town.watch.at)


def spoken(town: Town, who: str) -> list[str]:
    """What this person said, in the order in which it took effect."""
    rows = town.rows(
        "select m.text from history h join messages m on m.id = h.message_id"
        " join people p on p.id = m.author_id where p.openid = %(who)s order by h.id",
        who=who,
    )
    return [row["text"] for row in rows]


def test_what_is_said_after_an_outage_does_not_pass_what_redis_kept(
    town: Town, unused_port: int
) -> None:
    with cut_off(town, unused_port) as away:
        for words in ("停水了", "三天了"):
            assert "记下" in (receive(away, an_act(town, "甲", words)) or "")
    reply = town.says("甲", "还没来")
    assert "记下" in reply
    assert "#" in town.says("乙", "电梯坏了")  # nobody else waits for it
    assert bring_in(town.bot) == 3
    assert spoken(town, "甲") == ["停水了", "三天了", "还没来"]
    assert "#" in town.says("甲", "在吗")
    assert spoken(town, "甲")[-1] == "在吗"


def test_many_who_bring_in_at_once_keep_each_persons_order(town: Town, unused_port: int) -> None:
    people = [f"人{number}" for number in range(6)]
    with cut_off(town, unused_port) as away:
        for turn in range(8):
            for who in people:
                receive(away, an_act(town, who, f"第{turn}句"))
    with ThreadPoolExecutor(4) as pool:
        brought = sum(pool.map(lambda _: bring_in(town.bot), range(4)))
    assert brought == 48
    for who in people:
        assert spoken(town, who) == [f"第{turn}句" for turn in range(8)]
    assert town.bot.redis.xlen(KEPT_IN_REDIS) == 0


def test_who_brings_sees_what_another_is_just_putting_there(town: Town) -> None:
    """The later words are being written, not yet seen by anybody, when the earlier ones come."""
    earlier = inbox.Waiting(an_act(town, "甲", "停水了"), inbox.FROM_REDIS, None)
    later = inbox.Waiting(an_act(town, "甲", "还没来"), inbox.AFTER_REDIS, None)
    at = town.watch.at

    def brings() -> None:
        with transaction(town.bot.engine) as connection:
            inbox.keep_before(connection, [earlier], at + timedelta(seconds=1))

    with ThreadPoolExecutor(1) as other:
        with transaction(town.bot.engine) as connection:
            inbox.keep_one(connection, later, at)
            brought = other.submit(brings)
            time.sleep(0.5)
        brought.result()
    town.watch.wind(timedelta(seconds=2))
    assert bring_in(town.bot) == 2
    assert spoken(town, "甲") == ["停水了", "还没来"]


def test_what_failed_by_itself_holds_up_nobody(town: Town) -> None:
    with lacking(town, "opened"):
        assert "记下" in town.says("甲", "停水了")
    assert "#" in town.says("甲", "电梯坏了")
    town.watch.wind(timedelta(seconds=11))
    assert bring_in(town.bot) == 1
    assert spoken(town, "甲") == ["电梯坏了", "停水了"]


def test_what_nobody_can_read_is_put_aside(town: Town) -> None:
    redis = town.bot.redis
    redis.xadd(KEPT_IN_REDIS, {"said": "no JSON"})
    said = an_act(town, "甲", "停水了")
    redis.xadd(KEPT_IN_REDIS, {"said": json.dumps(inbox.to_json(said))})
    assert bring_in(town.bot) == 1
    assert "#" in town.says("乙", "电梯坏了")
    assert (redis.xlen(KEPT_IN_REDIS), redis.xlen(UNREADABLE)) == (0, 1)
    redis.delete(UNREADABLE)


def test_a_repeat_of_what_redis_keeps_is_brought_in_once(town: Town, unused_port: int) -> None:
    said = an_act(town, "甲", "停水了")
    with cut_off(town, unused_port) as away:
        replies = {receive(away, said), receive(away, said)}
    replies.add(receive(town.bot, said))
    bring_in(town.bot)
    replies.add(receive(town.bot, said))
    assert len(replies) == 1
    assert spoken(town, "甲") == ["停水了"]


def test_whom_others_get_in_the_way_of_is_not_passed_by(town: Town, unused_port: int) -> None:
    """The liaison acts on the issue while what its resident said is brought in."""
    town.binds("甲", "A101", "王联络")
    no = town.opens("甲", "停水了")
    said = [f"第{turn}句" for turn in range(12)]
    with cut_off(town, unused_port) as away:
        for words in said:
            receive(away, an_act(town, "甲", words))
    with ThreadPoolExecutor(5) as pool:
        brought = [pool.submit(bring_in, town.bot) for _ in range(2)]
        answers = [
            pool.submit(receive, town.bot, an_act(town, "王联络", f"#{no} 第{turn}次答复"))
            for turn in range(20)
        ]
        assert all(one.result() for one in answers)
        assert [one.result() for one in brought]
    bring_in(town.bot)
    assert spoken(town, "甲") == ["停水了", *said]
    assert town.rows("select key from inbox where attempts > 0") == []


def test_what_redis_kept_goes_before_what_was_said_while_it_was_silent(town: Town) -> None:
    with tapped(town) as (web, database, redis):
        database.cut()
        for words in ("停水了", "三天了"):
            assert "记下" in (receive(web, an_act(town, "甲", words)) or "")
        redis.cut()
        with pytest.raises(NotKept):
            receive(web, an_act(town, "甲", "没人记下"))
        database.mend()
        until_served(web, an_act(town, "甲", "还没来"))
        assert "记下" in (receive(web, an_act(town, "甲", "急死了")) or "")
        assert spoken(town, "甲") == []
    assert "#" not in town.says("甲", "在吗")  # to another process, which finds what Redis has
    assert bring_in(town.bot) == 5
    assert spoken(town, "甲") == ["停水了", "三天了", "还没来", "急死了", "在吗"]
    assert town.rows("select key from inbox where state = 'waiting'") == []


def test_what_was_held_up_by_a_silent_redis_is_looked_after_at_each_tick(town: Town) -> None:
    """Also where it was put there just after somebody had found Redis empty again."""
    with tapped(town) as (web, database, redis):
        database.cut()
        redis.cut()
        with pytest.raises(NotKept):
            receive(web, an_act(town, "甲", "没人记下"))
        database.mend()
        assert bring_in(town.bot) == 0
        until_served(web, an_act(town, "甲", "还没来"))
    with transaction(town.bot.engine) as connection:
        due = ticking.look(connection, town.watch.at)
    assert due.acts is not None
    assert bring_in(town.bot) == 1
    assert spoken(town, "甲") == ["还没来"]


def test_a_redis_that_stays_silent_holds_nobody_up_for_long(town: Town) -> None:
    with tapped(town) as (web, database, redis):
        database.cut()
        receive(web, an_act(town, "甲", "停水了"))
        redis.cut()
        database.mend()
        until_served(web, an_act(town, "甲", "还没来"))
        assert bring_in(web) == 0
        town.watch.wind(timedelta(seconds=DOUBTED_S))
        assert bring_in(web) == 1
        assert spoken(town, "甲") == ["还没来"]
    assert bring_in(town.bot) == 1  # what comes late is not lost
    assert spoken(town, "甲") == ["还没来", "停水了"]


def test_where_nothing_is_known_to_wait_a_silent_redis_costs_nobody_anything(town: Town) -> None:
    with tapped(town) as (web, _, redis):
        redis.cut()
        assert "#" in (receive(web, an_act(town, "甲", "停水了")) or "")


def how_long(web: Bot, said: Said) -> float:
    """In seconds, until it is kept."""
    began = time.monotonic()
    assert "记下" in (receive(web, said) or "")
    return time.monotonic() - began


def test_while_postgresql_hangs_one_waits_for_it_and_everybody_else_goes_on(town: Town) -> None:
    with tapped(town) as (web, database, _), ThreadPoolExecutor(1) as other:
        database.freeze()
        how_long(web, an_act(town, "甲", "停水了"))
        time.sleep(1.1)  # until it is tried again
        first = other.submit(how_long, web, an_act(town, "乙", "停电了"))
        time.sleep(0.3)
        beside = how_long(web, an_act(town, "丙", "灯坏了"))
        tried = first.result()
        after = how_long(web, an_act(town, "丁", "门坏了"))
        assert beside < tried / 2
        assert after < tried / 2
        database.thaw()


def test_a_redis_that_refuses_writes_holds_up_nobody(town: Town, unused_port: int) -> None:
    redis = town.bot.redis
    with cut_off(town, unused_port) as away:
        receive(away, an_act(town, "甲", "停水了"))
    redis.config_set("min-replicas-to-write", 1)
    try:
        assert "#" in town.says("乙", "电梯坏了")
        assert "记下" in town.says("甲", "还没来")
        assert bring_in(town.bot) == 2
        assert spoken(town, "甲") == ["停水了", "还没来"]
        assert "#" in town.says("甲", "在吗")
    finally:
        redis.config_set("min-replicas-to-write", 0)
    assert bring_in(town.bot) == 0
    assert redis.xlen(KEPT_IN_REDIS) == 0


def test_a_repeat_has_its_answer_also_while_redis_is_in_doubt(town: Town) -> None:
    with tapped(town) as (web, database, redis):
        said = an_act(town, "甲", "停水了")
        answered = receive(web, said)
        assert "#" in (answered or "")
        database.cut()
        redis.cut()
        with pytest.raises(NotKept):
            receive(web, an_act(town, "甲", "没人记下"))
        database.mend()
        until_served(web, an_act(town, "甲", "还没来"))
        assert receive(web, said) == answered


def until_served(web: Bot, said: Said) -> None:
    """WeChat repeats what had no answer; a database that was away is left alone for a while."""
    for _ in range(30):
        with suppress(NotKept):
            receive(web, said)
            return
        time.sleep(0.1)
    raise AssertionError("never served")


def test_doubt_ends_by_itself_and_begins_anew_with_the_next_outage() -> None:
    known = Suspense()
    assert known.silent(0) is InRedis.NOTHING
    known.expect()
    assert known.silent(1) is InRedis.UNKNOWN
    assert known.silent(DOUBTED_S) is InRedis.UNKNOWN
    assert known.doubted_for(DOUBTED_S) == 1
    assert known.silent(DOUBTED_S + 1) is InRedis.NOTHING
    known.expect()
    assert known.silent(DOUBTED_S + 2) is InRedis.UNKNOWN


def test_what_comes_up_while_redis_is_emptied_is_looked_for_again() -> None:
    known = Suspense()
    known.expect()
    changes = known.changes
    known.expect()
    known.cleared(changes)
    assert known.waiting
    known.cleared(known.changes)
    assert not known.waiting
