"""Times as people type them (contract §4: 3天, 12月1日, 2026-12-01), and the words behind them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dates import Until, read
from bot.core.workdays import Duration

TODAY = date(2026, 11, 23)  # a Monday


def day(month: int, number: int, year: int = 2026) -> Until:
    return Until(day=date(year, month, number))


def days(number: int) -> Until:
    return Until(wait=Duration(days=number))


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("3天", days(3)),
        ("３天", days(3)),
        ("三天", days(3)),
        ("两天", days(2)),
        ("十天", days(10)),
        ("十五天", days(15)),
        ("二十一天", days(21)),
        ("3 天", days(3)),
        ("3天后", days(3)),
        ("3日内", days(3)),
        ("12月1日", day(12, 1)),
        ("到12月1日", day(12, 1)),
        ("延到12月1号", day(12, 1)),
        ("十二月一日", day(12, 1)),
        ("12.1", day(12, 1)),
        ("12/1", day(12, 1)),
        ("12-1", day(12, 1)),
        ("2026-12-01", day(12, 1)),
        ("２０２６－１２－０１", day(12, 1)),
        ("2026年12月1日", day(12, 1)),
        ("2026/12/1", day(12, 1)),
        ("20261201", day(12, 1)),
        ("26年12月1日", day(12, 1)),
        ("明年1月5日", day(1, 5, 2027)),
        ("明年十二月一号前", day(12, 1, 2027)),
        ("48小时", Until(wait=Duration(days=2))),
        ("24个小时内", Until(wait=Duration(days=1))),
        ("30小时", Until(wait=Duration(time=timedelta(hours=30)))),
        ("11月23日", day(11, 23)),
        ("1月5日", day(1, 5, 2027)),
        ("2月29日", day(2, 29, 2028)),
        ("今天", day(11, 23)),
        ("明天", day(11, 24)),
        ("明日", day(11, 24)),
        ("后天", day(11, 25)),
        ("後天", day(11, 25)),
        ("大后天", day(11, 26)),
        ("周五", day(11, 27)),
        ("周五前", day(11, 27)),
        ("週五", day(11, 27)),
        ("星期一", day(11, 23)),
        ("周日", day(11, 29)),
        ("周末", day(11, 29)),
        ("下周五", day(12, 4)),
        ("下个星期三", day(12, 2)),
        ("下周", day(12, 6)),
        ("本周", day(11, 29)),
        ("一周", day(11, 30)),
        ("2周", day(12, 7)),
        ("两个星期", day(12, 7)),
        ("一个月", day(12, 23)),
        ("月底", day(11, 30)),
        ("下月底", day(12, 31)),
        ("30号", day(11, 30)),
        ("5号", day(12, 5)),
        ("3个工作日", Until(workdays=3)),
        ("2小时", Until(wait=Duration(time=timedelta(hours=2)))),
        ("两个半小时", Until(wait=Duration(time=timedelta(hours=2.5)))),
        ("30分钟", Until(wait=Duration(time=timedelta(minutes=30)))),
        ("明天下午3点", Until(day=date(2026, 11, 24), at=timedelta(hours=15))),
        ("明天下午三点半", Until(day=date(2026, 11, 24), at=timedelta(hours=15.5))),
        ("明天15:30", Until(day=date(2026, 11, 24), at=timedelta(hours=15.5))),
        ("明天上午", Until(day=date(2026, 11, 24), at=timedelta(hours=12))),
        ("今晚", Until(day=TODAY, at=timedelta(hours=21))),
        ("明早8点", Until(day=date(2026, 11, 24), at=timedelta(hours=8))),
        ("下午5点", Until(day=TODAY, at=timedelta(hours=17))),
        ("12月1日 中午12点", Until(day=date(2026, 12, 1), at=timedelta(hours=12))),
    ],
)
def test_a_time_is_read(typed: str, until: Until) -> None:
    assert read(typed, TODAY) == (until, "")
    assert read(f"{typed} 等配件", TODAY) == (until, "等配件")
    assert read(f" {typed}，等配件，要3天。", TODAY) == (until, "等配件，要3天。")


@pytest.mark.parametrize(
    "words", ["周五前要等配件到货", "明天来修", "3天后到货", "12月1日配件才到", "三天才能好"]
)
def test_words_that_run_on_keep_the_time_in_them(words: str) -> None:
    found = read(words, TODAY)
    assert found is not None
    assert found[1] == words


@pytest.mark.parametrize(
    "words",
    ["等配件", "", "配件3天到", "再说", "12月", "3", "12", "第3天", "一直等", "3.5天", "天天"],
)
def test_no_time_is_no_time(words: str) -> None:
    assert read(words, TODAY) is None


@pytest.mark.parametrize(
    "typed", ["2月30日", "13月1日", "2026-02-29", "明天25点", "32号", "0天", "0个工作日", "0月3日"]
)
def test_a_day_that_is_none_is_an_error(typed: str) -> None:
    with pytest.raises(ValueError):
        read(typed, TODAY)


@given(st.text(max_size=30) | st.from_regex(r"[0-9一二十月日天号周下点:/.-]{1,12}", fullmatch=True))
def test_anything_may_be_typed(words: str) -> None:
    try:
        found = read(words, TODAY)
    except (ValueError, OverflowError):
        return
    if found is not None:
        until, rest = found
        assert (until.wait is not None) + (until.workdays > 0) + (until.day is not None) == 1
        assert rest in words
