"""Delivery by all channels against the pretend WeChat: who gets what by which, and what stays."""

from collections.abc import Iterator

import pytest

from bot.commands.findings import Level
from bot.commands.push_words import checks
from bot.simulator.phones import Phone
from bot.simulator.quota import Across
from bot.simulator.quota import Repeat as QuotaRepeat
from bot.store.push_faults import PushFault, push_faults
from bot.wechat.client import CHAT, TEMPLATE
from tests.conftest import NewTown
from tests.workers.street import LIAISON, Street, a_street, notices, pushed

STUCK = ("stuck", None, False)
ANNOUNCED = ("sent", "template", True)


@pytest.fixture
def street(new_town: NewTown, fresh_redis: str) -> Iterator[Street]:
    with a_street(new_town, fresh_redis, public_url="https://bot.example.cn") as street:
        yield street


def use_up(street: Street, phone: Phone) -> None:
    while phone.quota_left:
        street.tells(phone.openid, f"占用{phone.quota_left}")
        street.deliver()


def test_the_chat_is_used_as_far_as_it_goes_and_then_wechat_is_not_even_asked(
    street: Street,
) -> None:
    phone = street.phone(LIAISON)
    ids = []
    for number in range(7):
        ids.append(street.tells(LIAISON, f"第{number}条"))
        street.deliver()
    assert [street.state(one) for one in ids] == [("sent", "chat", False)] * 5 + [ANNOUNCED] * 2
    *usual, last = pushed(phone)[-5:]
    assert usual == [f"第{number}条" for number in range(4)]
    assert last.startswith("第4条")
    assert "回复任意一个字" in last
    assert street.platform.counts[CHAT] == 5
    assert len(notices(phone)) == 2


@pytest.mark.parametrize(
    ("ours", "theirs", "pushed_by_chat"),
    [("reset", "reset", 5), ("add", "add", 10), ("reset", "add", 5)],
)
def test_further_words_reset_or_add_to_what_may_be_pushed(
    new_town: NewTown, fresh_redis: str, ours: str, theirs: str, pushed_by_chat: int
) -> None:
    with a_street(new_town, fresh_redis, wechat_allowance=ours) as street:
        street.platform.count_quota(QuotaRepeat(theirs), Across.MAX)
        street.wind(hours=49)  # since they joined, which their phone knows nothing of
        phone = street.phone(LIAISON)
        street.wind(minutes=5)
        phone.says("待办")
        ids = []
        for number in range(11):
            ids.append(street.tells(LIAISON, f"第{number}条"))
            street.deliver()
        by_chat = [("sent", "chat", False)] * pushed_by_chat
        assert [street.state(one) for one in ids] == by_chat + [ANNOUNCED] * (11 - pushed_by_chat)
        assert street.platform.counts[CHAT] == pushed_by_chat  # none was refused


def test_what_the_last_message_has_no_room_for_is_read_with_the_next_reply(
    street: Street,
) -> None:
    phone = street.phone(LIAISON)
    while phone.quota_left > 1:
        street.tells(LIAISON, "占用")
        street.deliver()
    texts = [f"{number}" + "水" * 200 for number in range(5)]
    ids = [street.tells(LIAISON, text) for text in texts]
    street.deliver()
    last = pushed(phone)[-1]
    assert "还有2条新消息" in last
    assert [text in last for text in texts] == [True] * 3 + [False] * 2
    assert [street.state(one) for one in ids] == [("sent", "chat", False)] * 3 + [
        ("sent", "chat", True)
    ] * 2
    assert not notices(phone)
    reply = phone.says("待办") or ""
    assert reply.index(texts[3]) < reply.index(texts[4])
    assert [street.state(one) for one in ids] == [("sent", "chat", False)] * 5


def test_an_announcement_says_how_many_where_and_when_and_no_word_of_what(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.town.binds("住户", "A101", LIAISON)
    no = street.town.opens("住户", "马桶堵了")
    street.deliver()
    use_up(street, phone)
    street.wind(minutes=5)
    for words in ("马桶还堵着", "又满出来了"):
        street.town.says("住户", words)
    street.deliver()
    (card,) = notices(phone)
    assert "2条新消息" in card
    assert f"#{no}" in card
    assert "2026年11月23日 10:05" in card
    assert "马桶" not in card
    (bubble,) = (one for one in phone.screen if one.kind == "notice")
    assert bubble.more["url"] == "https://bot.example.cn"


def test_what_was_announced_is_read_with_the_next_reply_once(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    announced = [street.tells(LIAISON, text) for text in ("第一条", "第二条")]
    street.deliver()
    assert [street.state(one) for one in announced] == [ANNOUNCED] * 2
    assert len(notices(phone)) == 1
    reply = phone.says("待办") or ""
    assert reply.index("第一条") < reply.index("第二条")
    assert [street.state(one) for one in announced] == [("sent", "template", False)] * 2
    street.deliver()
    assert "第一条" not in (phone.says("待办") or "")
    assert not pushed(phone)


def test_what_the_reply_has_no_room_for_is_pushed_in_order(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    texts = [f"{number}" + "水" * 300 for number in range(5)]
    ids = [street.tells(LIAISON, text) for text in texts]
    street.deliver()
    assert [street.state(one) for one in ids] == [ANNOUNCED] * 5
    reply = phone.says("待办") or ""
    street.deliver()
    assert [text for text in texts if text in reply] == texts[:2]
    assert "\n\n".join(pushed(phone)) == "\n\n".join(texts[2:])
    assert {street.state(one)[1:] for one in ids} == {("template", False), ("chat", False)}


def test_a_window_of_a_minute_is_used_and_no_longer(street: Street) -> None:
    phone = street.platform.phone("新人", openid="新人")
    phone.follows()
    street.deliver()
    first = street.tells("新人", "一")
    street.deliver()
    street.wind(seconds=61)
    second = street.tells("新人", "二")
    street.deliver()
    assert street.state(first) == ("sent", "chat", False)
    assert street.state(second) == ANNOUNCED


def test_a_click_in_a_menu_opens_a_minute_not_two_days(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    phone.clicks("待办", "101")
    street.wind(minutes=2)
    late = street.tells(LIAISON, "过时")
    street.deliver()
    assert street.state(late) == ANNOUNCED
    assert street.platform.counts[CHAT] == 0


def test_who_left_gets_nothing_and_comes_back_with_a_clean_book(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(minutes=2)
    phone.unfollows()
    gone = street.tells(LIAISON, "走了")
    street.deliver()
    assert street.state(gone) == STUCK
    phone.follows()
    street.wind(minutes=2)
    again = street.tells(LIAISON, "回来")
    street.deliver()
    assert street.state(again) == ANNOUNCED


@pytest.mark.parametrize("code", [45015, 45047])
def test_wechats_own_word_corrects_the_book(street: Street, code: int) -> None:
    phone = street.phone(LIAISON)
    street.wind(minutes=1)
    street.platform.faults.errcode(code, openid=LIAISON)
    for text in ("一", "二", "三"):
        street.tells(LIAISON, text)
        street.deliver()
    assert street.platform.counts[CHAT] == 1
    assert len(notices(phone)) == 3
    assert "一" in (phone.says("待办") or "")
    fine = street.tells(LIAISON, "四")
    street.deliver()
    assert street.state(fine) == ("sent", "chat", False)


def test_who_blocks_templates_is_stuck_and_what_they_hold_goes_on(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.town.binds("住户", "A101", LIAISON)
    no = street.town.opens("住户", "马桶堵了")
    street.deliver()
    street.wind(hours=49)
    street.platform.notices.blocking.add(LIAISON)
    blocked = street.tells(LIAISON, "听得到吗", no)
    due = street.town.issue(no)["due_at"]
    street.deliver()
    street.becomes(blocked, *STUCK)
    assert "did not reach them" in street.notice(blocked)["why"]
    assert street.town.issue(no)["due_at"] <= due
    assert street.town.one("select unreachable_since from people where openid = '王联络'")[
        "unreachable_since"
    ]
    # Nobody who blocks is asked again for every notice.
    sent = street.platform.counts[TEMPLATE]
    street.tells(LIAISON, "还有")
    street.deliver()
    assert street.platform.counts[TEMPLATE] == sent
    assert "听得到吗" in (phone.says("待办") or "")


@pytest.mark.parametrize("spelling", ["failed:user block", "failed: user block"])
def test_both_spellings_of_a_block_are_one(street: Street, spelling: str) -> None:
    street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.notices.blocking.add(LIAISON)
    street.platform.notices.block_spelling = spelling
    blocked = street.tells(LIAISON, "听得到吗")
    street.becomes(blocked, *STUCK)


def test_trouble_of_the_platforms_own_is_tried_again_under_another_id(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.notices.fail_next = 1
    failed = street.tells(LIAISON, "听得到吗")
    street.deliver()
    street.becomes(failed, "pending", None, False)
    assert "system failed" in street.notice(failed)["why"]
    street.wind(seconds=30)
    street.deliver()
    street.becomes(failed, *ANNOUNCED)
    assert street.platform.counts[TEMPLATE] == 2
    assert notices(phone)


def test_a_lost_answer_of_a_template_is_asked_for_again_and_seen_once(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.faults.lose_answer(on=TEMPLATE)
    notice = street.tells(LIAISON, "听得到吗")
    street.deliver()
    assert street.state(notice) == ANNOUNCED
    assert street.platform.counts[TEMPLATE] == 2
    assert len(notices(phone)) == 1


def test_a_template_whose_answers_stay_lost_goes_again_while_wechat_tells_repeats_apart(
    street: Street,
) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.faults.lose_answer(on=TEMPLATE, times=2)
    notice = street.tells(LIAISON, "听得到吗")
    street.deliver()
    assert street.state(notice) == ("pending", None, False)
    street.wind(minutes=1)
    street.deliver()
    assert street.state(notice) == ANNOUNCED
    assert street.platform.counts[TEMPLATE] == 3
    assert len(notices(phone)) == 1


def test_a_template_is_in_doubt_once_wechat_may_have_forgotten_it(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.faults.lose_answer(on=TEMPLATE, times=99)
    notice = street.tells(LIAISON, "听得到吗")
    street.deliver()
    street.wind(minutes=8)
    street.deliver()
    assert street.state(notice)[0] == "pending"
    street.wind(minutes=1, seconds=30)
    street.deliver()
    assert street.state(notice) == ("unknown", "template", False)
    assert len(notices(phone)) == 1
    assert "可能已经收到过" in (phone.says("待办") or "")


def test_an_api_that_is_used_up_rests_and_the_next_channel_carries(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.platform.faults.errcode(45009, openid=LIAISON)
    for text in ("一", "二"):
        notice = street.tells(LIAISON, text)
        street.deliver()
        assert street.state(notice) == ANNOUNCED
    assert street.platform.counts[CHAT] == 1
    assert len(notices(phone)) == 2


def test_without_a_channel_that_can_it_waits_for_tomorrow(street: Street) -> None:
    street.phone(LIAISON)
    street.platform.faults.errcode(45009, openid=LIAISON)
    street.platform.faults.errcode(45009, openid=LIAISON, on=TEMPLATE)
    notice = street.tells(LIAISON, "一")
    street.deliver()
    row = street.notice(notice)
    assert row["state"] == "pending"
    assert row["next_at"] > street.town.watch.now()
    assert row["why"].count("45009") == 2


def test_a_template_that_is_not_the_accounts_says_so_and_is_not_sent(
    new_town: NewTown, fresh_redis: str
) -> None:
    with a_street(new_town, fresh_redis) as street:
        street.platform.notices.templates.clear()
        street.phone(LIAISON)
        street.wind(hours=49)
        notice = street.tells(LIAISON, "一")
        street.deliver()
        assert street.state(notice) == STUCK
        assert "is not the account's" in street.notice(notice)["why"]
        assert street.platform.counts[TEMPLATE] == 0
        assert [(one.channel, one.code) for one in faults(street)] == [("template", None)]
        (check,) = checks(faults(street))
        assert (check.name, check.level) == ("push_template", Level.FAIL)


def test_a_wrong_template_id_leaves_nobody_waiting(new_town: NewTown, fresh_redis: str) -> None:
    with a_street(new_town, fresh_redis) as street:
        phone = street.phone(LIAISON)
        street.town.binds("住户", "A101", LIAISON)
        no = street.town.opens("住户", "马桶堵了")
        street.deliver()
        street.platform.notices.templates.clear()
        street.wind(hours=49)
        due = street.town.issue(no)["due_at"]
        notice = street.tells(LIAISON, "还堵着", no)
        street.deliver()
        assert street.state(notice) == STUCK
        assert street.town.issue(no)["due_at"] <= due
        assert street.town.one("select unreachable_since from people where openid = '王联络'")[
            "unreachable_since"
        ]
        assert "还堵着" in (phone.says("待办") or "")


def test_one_refused_word_keeps_nothing_else_from_going_where_templates_are_wrong_too(
    street: Street,
) -> None:
    phone = street.phone(LIAISON)
    street.platform.notices.templates.clear()
    street.platform.faults.errcode(45168, openid=LIAISON)  # of the three together
    street.platform.faults.errcode(45168, openid=LIAISON)  # of the first alone
    ids = [street.tells(LIAISON, text) for text in ("一", "二", "三")]
    street.deliver()
    assert [street.state(one)[0] for one in ids] == ["stuck", "sent", "sent"]
    assert pushed(phone)[-2:] == ["二", "三"]
    assert not street.town.one("select unreachable_since from people where openid = '王联络'")[
        "unreachable_since"
    ]


@pytest.mark.parametrize("code", [40037, 47003, 45168])
def test_what_is_refused_in_an_announcement_is_the_templates_trouble(
    street: Street, code: int
) -> None:
    street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.faults.errcode(code, openid=LIAISON, on=TEMPLATE)
    notice = street.tells(LIAISON, "一")
    street.deliver()
    assert street.state(notice) == STUCK
    assert [(one.channel, one.code) for one in faults(street)] == [("template", code)]


def test_a_right_that_the_account_lacks_is_named_until_a_push_goes_out(street: Street) -> None:
    phone = street.phone(LIAISON)
    street.platform.faults.errcode(48001, openid=LIAISON)
    street.platform.faults.errcode(50002, openid=LIAISON, on=TEMPLATE)
    notice = street.tells(LIAISON, "一")
    street.deliver()
    row = street.notice(notice)
    assert row["state"] == "stuck"
    assert "48001" in row["why"]
    assert "50002" in row["why"]
    assert [(one.channel, one.code) for one in faults(street)] == [
        ("chat", 48001),
        ("template", 50002),
    ]
    assert {check.level for check in checks(faults(street))} == {Level.FAIL}
    assert "一" in (phone.says("待办") or "")
    street.tells(LIAISON, "二")
    street.deliver()
    assert [one.channel for one in faults(street)] == ["template"]


def faults(street: Street) -> tuple[PushFault, ...]:
    with street.bot.engine.connect() as connection:
        return push_faults(connection)
