"""Subscription notices against the pretend WeChat: who said yes, once or for good."""

from collections.abc import Callable, Iterator

import pytest

from bot.simulator.phones import Lasting, Phone
from bot.store.allowances import of
from bot.store.engine import transaction
from bot.wechat.client import SUBSCRIPTION, TEMPLATE
from tests.conftest import NewTown
from tests.workers.street import LIAISON, Street, a_street

STUCK = ("stuck", None, False)
SUBSCRIBED = ("sent", "subscription", True)


@pytest.fixture
def subscribed(new_town: NewTown, fresh_redis: str) -> Iterator[Callable[[Lasting], Street]]:
    """Call it for a street whose account has a subscription template of this kind."""
    made = []

    def make(lasting: Lasting) -> Street:
        made.append(a_street(new_town, fresh_redis, lasting=lasting))
        return made[-1].__enter__()

    yield make
    for one in made:
        one.__exit__(None, None, None)


def blocks_templates(street: Street) -> Phone:
    phone = street.phone(LIAISON)
    street.wind(hours=49)
    street.platform.faults.errcode(43004, on=TEMPLATE, times=99)
    return phone


def test_who_said_yes_once_gets_one_notice_and_is_then_out_of_reach(
    subscribed: Callable[[Lasting], Street],
) -> None:
    street = subscribed(Lasting.ONE_TIME)
    phone = blocks_templates(street)
    phone.consents(street.template(Lasting.ONE_TIME))
    first, second, third = "一", "二", "三"
    states = []
    for text in (first, second, third):
        notice = street.tells(LIAISON, text)
        street.deliver()
        states.append(street.state(notice))
    assert states == [SUBSCRIBED, STUCK, STUCK]
    # WeChat was asked once more to learn which kind the yes was, and then never again.
    assert street.platform.counts[SUBSCRIPTION] == 2
    assert consents(street) == [(0, False)]


def test_a_lasting_yes_goes_on(subscribed: Callable[[Lasting], Street]) -> None:
    street = subscribed(Lasting.LONG_TERM)
    phone = blocks_templates(street)
    street.platform.notices.busy_for = 0.0
    phone.consents(street.template(Lasting.LONG_TERM))
    for text in ("一", "二", "三"):
        notice = street.tells(LIAISON, text)
        street.deliver()
        assert street.state(notice) == SUBSCRIBED
    assert consents(street) == [(0, True)]
    phone.revokes(street.template(Lasting.LONG_TERM))
    assert consents(street) == [(0, False)]
    notice = street.tells(LIAISON, "四")
    street.deliver()
    assert street.state(notice) == STUCK
    assert street.platform.counts[SUBSCRIPTION] == 3


def test_without_a_yes_nobody_is_asked(subscribed: Callable[[Lasting], Street]) -> None:
    street = subscribed(Lasting.ONE_TIME)
    phone = blocks_templates(street)
    phone.consents(refusing=[street.template(Lasting.ONE_TIME)])
    notice = street.tells(LIAISON, "一")
    street.deliver()
    assert street.state(notice) == STUCK
    assert street.platform.counts[SUBSCRIPTION] == 0


def test_each_yes_is_one_more(subscribed: Callable[[Lasting], Street]) -> None:
    street = subscribed(Lasting.ONE_TIME)
    street.platform.notices.every_popup_told = True
    phone = blocks_templates(street)
    for _ in range(2):
        phone.consents(street.template(Lasting.ONE_TIME))
        street.wind(seconds=5)
    assert consents(street) == [(2, None)]


def test_a_subscription_that_was_refused_after_all_is_tried_no_more(
    subscribed: Callable[[Lasting], Street],
) -> None:
    street = subscribed(Lasting.LONG_TERM)
    phone = blocks_templates(street)
    phone.consents(street.template(Lasting.LONG_TERM))
    street.platform.notices.blocking.add(LIAISON)
    notice = street.tells(LIAISON, "一")
    street.becomes(notice, *STUCK)
    assert consents(street) == [(0, False)]


def consents(street: Street) -> list[tuple[int, bool | None]]:
    with transaction(street.bot.engine) as connection:
        (person,) = connection.execute("select id from people where openid = %s", [LIAISON])
        known = of(connection, [person["id"]], street.town.watch.now())[person["id"]]
    return [(one.remaining, one.lasting) for one in known.consents.values()]
