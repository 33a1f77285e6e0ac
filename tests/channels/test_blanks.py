"""What is written into a template's blanks: taken by WeChat's own rules, and telling nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.blanks import Blanks
from bot.core.announcement import Announcement
from bot.core.outcome import Refused, TryLater
from bot.simulator import noticefields
from bot.wechat.console import Template
from bot.wechat.errors import AnswerLost, Declined, NotTaken, WeChatError
from bot.wechat.template_fields import fitted
from bot.wording import load

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WORDING = load(Path(__file__).parents[2] / "config" / "wording.toml", None, lambda: NOW)
ANNOUNCED = Announcement(3, NOW, 12, more=True, place="3号楼2单元")
CONTENT = "{{first.DATA}}\n编号：{{character_string1.DATA}}\n地点：{{thing3.DATA}}{{remark.DATA}}"

announcements = st.builds(
    Announcement,
    count=st.integers(1, 10**6),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    no=st.none() | st.integers(1, 10**9),
    more=st.booleans(),
    place=st.none() | st.text(max_size=60),
)
# Nothing of ours is a sum, a telephone, a letter or a sign: templates that ask for one do not suit.
KINDS = sorted(noticefields.FORMS.keys() - {"amount", "phone_number", "letter", "symbol"})
names = st.lists(
    st.builds(lambda kind, number: f"{kind}{number}", st.sampled_from(KINDS), st.integers(1, 3)),
    unique=True,
)


def blanks(listed: Callable[[], Sequence[Template]]) -> Blanks:
    return Blanks("T1", listed, WORDING)


def test_each_kind_has_its_sentence() -> None:
    names = ("thing1", "thing2", "thing3", "character_string4", "number5", "time6", "date7", "x8")
    assert WORDING.announce(names, ANNOUNCED) == {
        "thing1": "3条新消息（#12等），回任意字查看",
        "thing2": "3号楼2单元",
        "thing3": "3号楼2单元",
        "character_string4": "#12",
        "number5": "3",
        "time6": "2026年11月23日 10:00",
        "date7": "2026年11月23日",
        "x8": "3条新消息",
    }


@given(names=names, announcement=announcements)
def test_wechat_takes_it_whatever_the_template_asks_for(
    names: list[str], announcement: Announcement
) -> None:
    template = noticefields.Template("T1", "t", {name: name for name in names})
    assert isinstance(template.read(fitted(WORDING.announce(names, announcement))), list)


def test_the_fields_are_asked_for_once_and_those_that_are_gone_left_out() -> None:
    asked: list[int] = []

    def listed() -> list[Template]:
        asked.append(1)
        return [Template("T0", "", ""), Template("T1", "提醒", CONTENT)]

    ours = blanks(listed)
    for _ in range(3):
        assert ours.filled(ANNOUNCED) == {
            "character_string1": "#12",
            "thing3": "3条新消息（#12等），回任意字查看",
        }
    assert asked == [1]


@pytest.mark.parametrize(
    ("error", "kind", "about"),
    [
        (NotTaken("no connection"), TryLater, None),
        (Declined(-1, "busy"), TryLater, None),
        (Declined(40164, "not on the list"), Refused, "account"),
    ],
)
def test_where_nothing_can_be_asked_now_nothing_is_sent_and_nobody_is_blamed(
    error: WeChatError, kind: type, about: str | None
) -> None:
    asked: list[int] = []

    def listed() -> list[Template]:
        asked.append(1)
        raise error

    ours = blanks(listed)
    for _ in range(2):
        found = ours.filled(ANNOUNCED)
        assert isinstance(found, kind)
        assert getattr(found, "about", None) == about
    assert asked == [1]  # nor is WeChat asked by everybody at once


@pytest.mark.parametrize(
    "error", [AnswerLost("without a list"), Declined(None, "HTTP 404"), Declined(48001, "no")]
)
def test_where_there_is_no_list_the_usual_ones_are_tried(error: WeChatError) -> None:
    def listed() -> list[Template]:
        raise error

    assert blanks(listed).filled(ANNOUNCED) == {
        "thing1": "3条新消息（#12等），回任意字查看",
        "time2": "2026年11月23日 10:00",
        "character_string3": "#12",
    }


def test_a_list_whose_answer_was_lost_is_asked_for_again() -> None:
    answers = [AnswerLost("lost"), None]

    def listed() -> list[Template]:
        if lost := answers.pop(0):
            raise lost
        return [Template("T1", "提醒", CONTENT)]

    assert blanks(listed).filled(ANNOUNCED) == {
        "character_string1": "#12",
        "thing3": "3条新消息（#12等），回任意字查看",
    }


def test_a_template_that_is_not_there_is_a_setting_to_mend() -> None:
    found = blanks(list).filled(ANNOUNCED)
    assert isinstance(found, Refused)
    assert found.about == "service"
