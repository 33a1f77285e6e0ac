"""Platform facts 0.1 and 0.2 as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.simulator.quota import Across, Act, Ledger, Repeat, Standing

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("act", "count", "lasts"),
    [
        (Act.MESSAGE, 5, timedelta(hours=48)),
        (Act.MENU, 3, timedelta(minutes=1)),
        (Act.FOLLOW, 3, timedelta(minutes=1)),
        (Act.SCAN, 3, timedelta(minutes=1)),
    ],
)
def test_each_act_gives_its_allowance_for_its_time(act: Act, count: int, lasts: timedelta) -> None:
    ledger = Ledger()
    assert ledger.standing(START) is Standing.CLOSED
    ledger.acted(act, START)
    assert ledger.left(START) == count
    for _ in range(count):
        assert ledger.standing(START) is Standing.OPEN
        ledger.spend(START)
    assert ledger.standing(START) is Standing.USED_UP
    assert ledger.standing(START + lasts - timedelta(seconds=1)) is Standing.USED_UP
    assert ledger.standing(START + lasts) is Standing.CLOSED


@pytest.mark.parametrize(
    ("repeat", "left"), [(Repeat.RESET, 5), (Repeat.ADD, 9)], ids=["reset", "add"]
)
def test_a_second_message_resets_or_adds(repeat: Repeat, left: int) -> None:
    ledger = Ledger(repeat=repeat)
    ledger.acted(Act.MESSAGE, START)
    ledger.spend(START)
    ledger.acted(Act.MESSAGE, START)
    assert ledger.left(START) == left


@pytest.mark.parametrize(("across", "left", "after"), [(Across.MAX, 5, 4), (Across.SUM, 8, 7)])
def test_two_kinds_of_act_count_singly_or_together(across: Across, left: int, after: int) -> None:
    ledger = Ledger(across=across)
    ledger.acted(Act.MESSAGE, START)
    ledger.acted(Act.MENU, START)
    assert ledger.left(START) == left
    ledger.spend(START)
    assert ledger.left(START) == after
    assert ledger.left(START + timedelta(minutes=1)) == (4 if across is Across.MAX else 5)


def test_leaving_ends_every_allowance() -> None:
    ledger = Ledger()
    ledger.acted(Act.MESSAGE, START)
    ledger.forget()
    assert ledger.standing(START) is Standing.CLOSED
