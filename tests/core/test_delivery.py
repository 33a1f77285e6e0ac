"""What becomes of a notice after its attempts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.delivery import (
    FIRST_GAP,
    LONGEST_GAP,
    MENDING_TAKES,
    ONCE_FOR,
    About,
    Delivery,
    Try,
    Verdict,
    gap,
    verdict,
)
from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PERSON, MESSAGE, SERVICE, ACCOUNT = (
    Refused(about, about) for about in ("person", "message", "service", "account")
)


def tries(*outcomes: Outcome) -> list[Try]:
    return [Try(channel, outcome) for channel, outcome in zip("abc", outcomes, strict=False)]


@pytest.mark.parametrize(
    ("outcomes", "became"),
    [
        ((), Verdict(Delivery.PENDING, next_at=NOW)),
        ((Sent(),), Verdict(Delivery.SENT, "a")),
        ((PERSON, Sent()), Verdict(Delivery.SENT, "b")),
        ((Unknown("lost"),), Verdict(Delivery.UNKNOWN, "a", why="lost")),
        ((PERSON, Unknown("lost")), Verdict(Delivery.UNKNOWN, "b", why="lost")),
        (
            (TryLater("busy", 9 * SECOND),),
            Verdict(Delivery.PENDING, next_at=NOW + 9 * SECOND, why="busy"),
        ),
        ((PERSON,), Verdict(Delivery.STUCK, why="person", refused=About.PERSON)),
        ((MESSAGE,), Verdict(Delivery.STUCK, why="message", refused=About.MESSAGE)),
        ((SERVICE,), Verdict(Delivery.STUCK, why="service", refused=About.SERVICE)),
        ((MESSAGE, PERSON), Verdict(Delivery.STUCK, why="message; person", refused=About.MESSAGE)),
        ((PERSON, SERVICE), Verdict(Delivery.STUCK, why="person; service", refused=About.PERSON)),
        (
            (PERSON, ACCOUNT),
            Verdict(
                Delivery.PENDING,
                next_at=NOW + MENDING_TAKES,
                why="person; account",
                refused=About.ACCOUNT,
            ),
        ),
    ],
)
def test_the_last_word_decides(outcomes: tuple[Outcome, ...], became: Verdict) -> None:
    assert verdict(tries(*outcomes), 1, NOW) == became


def test_the_wait_is_the_longer_of_what_wechat_asks_and_what_we_take() -> None:
    short, day = TryLater("busy", SECOND), TryLater("quota", timedelta(days=1))
    assert verdict(tries(short), 3, NOW).next_at == NOW + 4 * FIRST_GAP
    assert verdict(tries(day), 3, NOW).next_at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "became"),
    [
        (NOW - ONCE_FOR + SECOND, Delivery.PENDING),
        (NOW - ONCE_FOR, Delivery.UNKNOWN),
        (NOW + timedelta(hours=1), Delivery.UNKNOWN),  # by a clock that was ahead
    ],
)
def test_a_push_goes_again_only_while_the_platform_surely_tells_repeats_apart(
    since: datetime, became: Delivery
) -> None:
    lost = Try("template", Unknown("lost"), at=NOW, once=True)
    assert verdict([lost], 2, NOW, {"template": since}).state is became


@given(st.integers(min_value=0, max_value=10**6))
def test_waits_grow_to_an_hour_and_no_further(attempts: int) -> None:
    assert FIRST_GAP <= gap(attempts) <= gap(attempts + 1) <= LONGEST_GAP
    assert gap(max(attempts, 12)) == LONGEST_GAP
