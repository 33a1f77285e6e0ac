"""What people's acts leave behind of what may be pushed to them, and who counts it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.messages import Consent, Ending, Kind, Report, Said
from bot.core.reach import Act, Consented, Known, Pushed, left
from bot.desk.receive import receive
from bot.desk.rosters import make_invites
from bot.store import allowances, claims
from bot.store.engine import transaction
from tests.conftest import NewTown
from tests.town import Town

WHO = "王联络"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
TEMPLATE = "T1"


def acts(town: Town, kind: Kind, who: str = WHO, **held: Any) -> None:
    said = Said(next(town.keys), who, "gh", kind, "待办", town.watch.at)
    receive(town.bot, replace(said, **held))


def known(town: Town, who: str = WHO) -> Known:
    person = town.one("select id from people where openid = %(who)s", who=who)["id"]
    with transaction(town.bot.engine) as connection:
        return allowances.of(connection, [person], town.watch.at)[person]


def reached(town: Town, who: str = WHO) -> Mapping[str, Any]:
    return town.one(
        "select last_said_at, unreachable_since, unfollowed_at, wrote_at, touched, touched_at"
        " from people where openid = %(who)s",
        who=who,
    )


@pytest.mark.parametrize(
    ("kind", "held", "touched"),
    [
        (Kind.TEXT, {"tapped": True}, Act.MENU),
        (Kind.MENU, {"tapped": True}, Act.MENU),
        (Kind.FOLLOW, {}, Act.FOLLOW),
        (Kind.SCAN, {}, Act.SCAN),
    ],
)
def test_a_lesser_act_is_kept_beside_the_words(
    town: Town, kind: Kind, held: dict[str, Any], touched: Act
) -> None:
    wrote = known(town).wrote
    town.wind(minutes=5)
    acts(town, kind, **held)
    now = known(town)
    assert now.touched == (touched, town.watch.at)
    assert now.wrote == wrote


def test_words_are_kept_newest_first_and_no_more_than_ten(town: Town) -> None:
    for _ in range(12):
        town.wind(minutes=1)
        town.says(WHO, "待办")
    wrote = known(town).wrote or ()
    assert wrote == tuple(town.watch.at - n * MINUTE for n in range(10))


def test_who_leaves_takes_everything_along(town: Town) -> None:
    acts(town, Kind.SCAN)
    acts(town, Kind.UNFOLLOW)
    now = known(town)
    assert (now.wrote, now.touched) == ((), None)
    assert left(now, town.watch.at) == 0


def test_what_the_platform_tells_is_no_act_of_theirs(town: Town) -> None:
    town.rows("update people set unreachable_since = now(), unfollowed_at = now() returning id")
    before = reached(town)
    town.wind(minutes=5)
    acts(town, Kind.EVENT, by_platform=True, reports=(Report("9", Ending.REFUSED, "x"),))
    assert reached(town) == before


def test_an_act_counts_from_when_it_was_done_not_from_when_it_came(town: Town) -> None:
    done = town.watch.at
    town.wind(hours=5)
    acts(town, Kind.TEXT, said_at=done)
    assert max(known(town).wrote or ()) == done + SECOND  # told in whole seconds
    # A clock of WeChat's ahead of ours gives nothing away either.
    acts(town, Kind.TEXT, said_at=town.watch.at + MINUTE)
    assert max(known(town).wrote or ()) == town.watch.at


def test_a_repeat_adds_nothing(town: Town) -> None:
    town.wind(minutes=1)
    town.says(WHO, "待办")
    before = known(town)
    town.wind(minutes=1)
    assert town.last
    receive(town.bot, town.last)
    assert known(town) == before


def test_what_was_allowed_and_agreed_to_goes_with_who_joins(new_town: NewTown) -> None:
    town = new_town(joined=False)
    town.says("微信", "您好")
    acts(town, Kind.EVENT, "微信", consents=(Consent(TEMPLATE, True, asked=True),))
    person = town.one("select id from people where openid = '微信'")["id"]
    town.rows(
        "insert into sends (person_id, at, channel, outcome, messages)"
        " values (%(p)s, %(at)s, 'chat', 'sent', 2) returning id",
        p=person,
        at=town.watch.at,
    )
    heir = town.one("select id from people where name = %(name)s", name=WHO)
    (code,) = (one.code for one in make_invites(town.bot) if one.name == WHO)
    town.says("微信", f"认领 {code}")
    now = known(town, "微信")
    assert now.wrote is not None
    assert len(now.wrote) == 2
    assert now.chat == (Pushed(town.watch.at, 2),)
    assert now.consents == {TEMPLATE: Consented(1)}
    with transaction(town.bot.engine) as connection:
        both = allowances.of(connection, [person, heir["id"]], town.watch.at)
    assert both[person] == both[heir["id"]] == now


@pytest.mark.parametrize(
    ("given", "became"),
    [
        ([Consent(TEMPLATE, True, asked=True)], Consented(1)),
        ([Consent(TEMPLATE, True, asked=True)] * 2, Consented(2)),
        ([Consent(TEMPLATE, False, asked=True)], None),
        ([Consent(TEMPLATE, True, asked=True), Consent(TEMPLATE, False, asked=True)], Consented(1)),
        (
            [Consent(TEMPLATE, True, asked=True), Consent(TEMPLATE, False, asked=False)],
            Consented(0, lasting=False),
        ),
        ([Consent(TEMPLATE, True, asked=False)], Consented(0)),
        (
            [Consent(TEMPLATE, False, asked=False), Consent(TEMPLATE, True, asked=True)],
            Consented(1),
        ),
    ],
)
def test_a_yes_is_one_more_and_a_no_in_the_settings_ends_it(
    town: Town, given: list[Consent], became: Consented | None
) -> None:
    for consent in given:
        acts(town, Kind.EVENT, consents=(consent,))
    assert known(town).consents.get(TEMPLATE) == became


def test_what_a_dead_sender_may_have_sent_is_counted(town: Town) -> None:
    town.binds("居民", "A101", WHO)
    town.opens("居民", "马桶堵了")
    with transaction(town.bot.engine) as connection:
        lease = timedelta()  # over at once
        say = town.bot.wording.say
        assert claims.claim(connection, town.watch.at, lease, lambda texts, _: len(texts), 9, say)
    town.watch.wind(2 * MINUTE)
    with transaction(town.bot.engine) as connection:
        assert claims.expire(connection, town.watch.at) == 1
    assert known(town).chat == (Pushed(town.watch.at),)


def test_what_was_pushed_by_a_clock_that_was_ahead_is_not_held_against_later_words(
    town: Town,
) -> None:
    town.watch.wind(60 * MINUTE)
    pushed(town, 5)
    town.watch.wind(-60 * MINUTE)
    town.says(WHO, "待办")
    assert left(known(town), town.watch.at) == 5
    pushed(town, 2)
    assert left(known(town), town.watch.at) == 3


def pushed(town: Town, messages: int) -> None:
    person = town.one("select id from people where openid = %(who)s", who=WHO)["id"]
    town.rows(
        "insert into sends (person_id, at, channel, outcome, messages)"
        " values (%(p)s, %(at)s, 'chat', 'sent', %(messages)s) returning id",
        p=person,
        at=town.watch.at,
        messages=messages,
    )
