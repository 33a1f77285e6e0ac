"""全文: long words lose nothing on their way, and only those whose issue it is get them."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.texts import beginning, parts, weight
from bot.desk.escalate import escalate
from bot.simulator.phones import Phone
from tests.media.conftest import Chats

LIAISON = "王联络"
LONG = "".join(f"第{n}句，水管从昨天夜里起一直在漏，地板都泡了。" for n in range(120))


def heard(phone: Phone, since: int = 0) -> str:
    return "".join(one.text for one in phone.screen[since:] if not one.mine)


def squeezed(text: str) -> str:
    return "".join(text.split())


def asks(chats: Chats, phone: Phone, words: str) -> str:
    """All that this brings, at once and in the time after."""
    since = len(phone.screen)
    phone.says(words)
    for _ in range(8):
        chats.passes(seconds=5)
    return heard(phone, since)


def test_a_notice_shows_the_opening_and_asking_brings_the_whole(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    liaison.says("待办")
    since, left = len(liaison.screen), liaison.quota_left
    resident.says(LONG)
    chats.passes()
    no = chats.newest()
    told = liaison.hears("第0句", f"全文 #{no}")
    assert weight(told) < 2000
    assert "第60句" not in heard(liaison, since)
    assert left - liaison.quota_left == 1
    whole = asks(chats, liaison, f"全文 #{no}")
    assert squeezed(LONG) in squeezed(whole)
    assert "居民" in whole
    assert chats.rows("select from outbox where state <> 'sent'") == []


def test_the_history_holds_it_whole_too(chats: Chats) -> None:
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.says(LONG)
    assert chats.row("select text from messages")["text"] == LONG


def test_the_resident_reads_a_long_answer_whole(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.says("停水了")
    chats.passes()
    liaison.says(LONG)
    chats.passes()
    resident.hears("王联络", "第0句", "全文")
    assert squeezed(LONG) in squeezed(asks(chats, resident, "全文"))


def test_what_was_given_is_not_given_again_before_what_is_new(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    for start in ("先说", "再说"):
        resident.says(f"{start}：{'一二三四五六七八九十' * 40}")
        chats.passes()
    no = chats.newest()
    first = asks(chats, liaison, f"全文 #{no}")
    assert first.index("先说") < first.index("再说")
    resident.says(f"最后：{'一二三四五六七八九十' * 40}")
    chats.passes()
    then = asks(chats, liaison, f"全文 #{no}")
    assert "最后" in then
    assert "先说" not in then
    everything = asks(chats, liaison, f"全文 #{no}")
    assert all(start in everything for start in ("先说", "再说", "最后"))


def test_a_great_many_come_in_turns(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    words = [f"第{number}件：{'一二三四五六七八九十' * 40}" for number in range(8)]
    for one in words:
        resident.says(one)
        chats.passes()
        liaison.says("待办")
    no = chats.newest()
    first = asks(chats, liaison, f"全文 #{no}")
    assert f"再回复一次「全文 #{no}」" in first
    assert liaison.quota_left >= 1
    given = [number for number, one in enumerate(words) if one in first]
    assert given == list(range(len(given)))
    then = asks(chats, liaison, f"全文 #{no}")
    assert [number for number, one in enumerate(words) if one in then] == list(
        range(len(given), len(words))
    )


def test_more_than_may_be_pushed_comes_when_they_write_again_and_they_are_still_there(
    chats: Chats,
) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    words = "".join(f"第{n}句，水管从昨天夜里起一直在漏。" for n in range(400))
    resident.says(words)
    chats.passes()
    no = chats.newest()
    read = asks(chats, liaison, f"全文 #{no}")
    assert words not in read
    row = chats.row("select unreachable_since from people where openid = %(who)s", who=LIAISON)
    assert row["unreachable_since"] is None
    escalate(chats.bot)
    assert chats.row("select tier from issues where no = %(no)s", no=no)["tier"] == "liaison"
    for _ in range(3):
        read += asks(chats, liaison, "我的住户")
    assert all(f"第{n}句" in read for n in range(400))


def test_short_words_are_given_too_where_there_is_nothing_longer(chats: Chats) -> None:
    liaison = chats.phone(LIAISON)
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    resident.says("停水了")
    chats.passes()
    assert "停水了" in asks(chats, liaison, "全文")


def test_others_are_told_that_it_is_nothing_of_theirs(chats: Chats) -> None:
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    neighbour = chats.moves_in("李大爷", "A102", LIAISON)
    elsewhere = chats.phone("陈联络")
    resident.says(LONG)
    chats.passes()
    no = chats.newest()
    for other in (neighbour, elsewhere):
        got = asks(chats, other, f"全文 #{no}")
        assert "第0句" not in got
        assert "没有" in got


def test_words_that_only_begin_so_are_words(chats: Chats) -> None:
    resident = chats.moves_in("王秀兰", "A101", LIAISON)
    assert re.search(r"#\d+", resident.says("全文如下，请看") or "")


@given(
    text=st.text(max_size=3000) | st.text("长话。\n，👩‍👩‍👦é ", max_size=3000),
    limit=st.integers(40, 2000),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_parted_texts_are_the_text(text: str, limit: int) -> None:
    made = parts(text, limit)
    assert all(0 < weight(piece) <= limit for piece in made)
    assert squeezed("".join(made)) == squeezed(text)
    assert text.startswith(beginning(text, limit))
