"""The wording file: a sentence for every notice, no hole in it, no word of ours, never too long."""

import inspect
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import wording
from bot.core import notices
from bot.core.carrying import Saying, is_long
from bot.core.commands import COMMANDS, Who
from bot.core.deals import Why
from bot.core.issue import Happened, State, Verdict
from bot.core.notices import Contact, Home, Line, Notice
from bot.core.people import Named
from bot.wording import REPLY_BYTES, WordingError, load, when

SHIPPED = Path(__file__).parents[1] / "config" / "wording.toml"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LINE = Line(7, "waiting", "水管漏了" * 40, "1号楼1单元101", Named("王芳", "联络员"), NOW, "网格")
NEWCOMER = notices.Newcomer(8, "1号楼1单元101", "王秀兰" * 9)
HOME = Home("1号楼1单元101", "王芳", "13800000000", 2)
NOT_NOTICES = {"line", "again", "announcement", "estimated", "piece", "opening"}

WORDS = st.text(max_size=60) | st.sampled_from(["{no}", "{0}", "{", "}}", "%s", "长" * 3000])
MOMENTS = st.integers(-4000, 4000).map(lambda hours: NOW + timedelta(hours=hours))
FOLLOWED = ("followed", "covered", "returned", "left")
ITEMS = (
    *(Line, Home, Saying, notices.Newcomer, notices.Cover, notices.Share),
    *(notices.Away, notices.PlanLine, notices.UnitLine, notices.Lacking),
)
# Fields whose values are ours, with the values they may take.
CLOSED_SETS = {
    ("NotYours", "who"): [str(who) for who in Who if who is not Who.ANYONE],
    ("NotYours", "instead"): ["", "danger", "higher"],
    ("NothingFor", "word"): [
        *(
            "催办",
            "没解决",
            "满意",
            "基本满意",
            "不满意",
            "接单",
            "办结",
            "上报",
            "延期",
            "紧急",
            "转办",
            "认识",
            "不认识",
        ),
        *("进度", "待办", "全文", "覆盖", "分配"),
    ],
    ("WordsMissing", "word"): ["新问题", "我要反映", "找社区", "办结", "延期", "转办"],
    ("NotNow", "state"): [str(state) for state in State],
    ("Continued", "state"): [str(State.WAITING), str(State.IN_HAND), str(State.RESOLVED)],
    ("Line", "state"): [str(s) for s in State if s is not State.WITHDRAWN],
    ("Assigned", "why"): [
        *("opened", "climbed", "unfinished", "gone", "reported", "reopened", "urgent", "moved"),
        *("handed", "handed_three"),
        *FOLLOWED,
    ],
    ("DoneByOther", "did"): [
        *(str(Happened.ANSWERED), str(Happened.ACCEPTED), str(Happened.RESOLVED)),
        *(str(Happened.EXTENDED), str(Happened.HANDED_OVER)),
    ],
    ("HandWhom", "why"): ["nobody", "several", "away", "theirs"],
    ("Thanked", "verdict"): [str(verdict) for verdict in Verdict],
    ("VerdictTold", "verdict"): [str(verdict) for verdict in Verdict],
    ("Saying", "who"): ["you", "resident", "staff", ""],
    ("Saying", "piece"): ["", "coming", "lost"],
    ("ClaimRefused", "why"): ["wrong", "expired", "taken"],
    ("LeaveHow", "why"): ["missing", "unread", "past", "far"],
    ("NameMissing", "word"): ["停用", "启用", "指派"],
    ("GiveHow", "word"): ["指派", "取消指派"],
    ("GiveRefused", "why"): ["full", "elsewhere", "stopped"],
    ("PlanLine", "why"): [*(str(why) for why in Why), "stopped", "exempt", "gone"],
}


def kinds() -> list[type[Notice]]:
    return [
        found
        for _, found in inspect.getmembers(notices, inspect.isclass)
        if issubclass(found, Notice) and found is not Notice
    ]


def values(owner: type, name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Anything a field may hold."""
    ours = CLOSED_SETS.get((owner.__name__, name))
    if ours is not None:
        return st.sampled_from(ours)
    if get_origin(hint) in (UnionType, Union):
        return st.one_of(*(values(owner, name, part) for part in get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(values(owner, name, get_args(hint)[0]), max_size=8).map(tuple)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        type(None): st.none(),
        int: st.integers(0, 10**9),
        bool: st.booleans(),
        str: WORDS,
        datetime: MOMENTS,
        date: MOMENTS.map(datetime.date),
    }
    return plain[hint] if hint in plain else any_of(hint)


def any_of(owner: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(owner)
    return st.builds(
        owner,
        **{one.name: values(owner, one.name, hints[one.name]) for one in fields(owner)},
    )


@pytest.fixture(scope="module")
def shipped() -> wording.Wording:
    return load(SHIPPED, None, lambda: NOW)


def sections() -> dict[str, Any]:
    return tomllib.loads(SHIPPED.read_text("utf-8"))


def texts(section: dict[str, Any]) -> Iterator[str]:
    for value in section.values():
        if isinstance(value, dict):
            yield from texts(value)
        else:
            yield str(value)


def test_every_notice_has_a_section_and_every_section_a_notice() -> None:
    called = {found.kind for found in kinds()}
    assert called == set(sections()) - NOT_NOTICES


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_part_of_a_section_hangs_on_a_field(kind: type[Notice]) -> None:
    held = {one.name for one in fields(kind)}
    section = sections()[kind.kind]
    items = {one.name for item in ITEMS for one in fields(item)}
    for name in section:
        stem = name.removeprefix("if_").removeprefix("unless_").removeprefix("each_")
        stem = stem.removeprefix("join_")
        assert name == "text" or stem in held | items, name


@given(data=st.data())
def test_anything_can_be_said_and_nothing_of_ours_shows(
    shipped: wording.Wording, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(kinds()))
    notice = data.draw(any_of(kind))
    text = shipped.say(notice)
    said = [value for value in flat(notice) if isinstance(value, str)]
    # At either end of a text their blanks are cut.
    for words in sorted({*said, *(one.strip() for one in said)}, key=len, reverse=True):
        text = text.replace(words, "") if words else text
    for ours in (*State, *Happened, "liaison", "None", "True", "False", "datetime", "{", "}"):
        assert str(ours) not in text, (kind.__name__, text)


def flat(thing: Any) -> Iterator[Any]:
    if isinstance(thing, tuple):
        for one in thing:
            yield from flat(one)
    elif hasattr(thing, "__dataclass_fields__"):
        for one in fields(thing):
            value = getattr(thing, one.name)
            if (type(thing).__name__, one.name) not in CLOSED_SETS:
                yield from flat(value)
    else:
        yield thing
        if isinstance(thing, str) and len(thing) > 24:
            yield thing[:23] + "…"


@pytest.mark.parametrize(
    "who", [command.word for command in COMMANDS if command.who is not Who.ANYONE]
)
def test_a_refusal_names_the_word_and_who_may_use_it(shipped: wording.Wording, who: str) -> None:
    assert f"「{who}」" in shipped.say(notices.NotYours(who, "serves"))


@given(
    many=st.lists(st.builds(Line, st.integers(1, 10**9), st.just("waiting"), WORDS), max_size=8),
    waiting=st.lists(WORDS, max_size=6),
)
def test_a_reply_never_passes_the_limit(
    shipped: wording.Wording, many: list[Line], waiting: list[str]
) -> None:
    reply = notices.ToDo((*many, LINE), (NEWCOMER,) * 9, True)
    rides = [wording.Waiting(at, words, at % 2 == 0) for at, words in enumerate(waiting)]
    made = shipped.reply([reply], rides)
    text, taken = made.text, list(made.rode)
    assert text is not None
    assert all(len(one.encode()) <= REPLY_BYTES for one in (text, *made.rest))
    assert taken == list(range(len(taken)))
    for number in taken:
        assert waiting[number] in text


def test_long_words_are_shown_by_their_opening_and_how_to_see_the_rest(
    shipped: wording.Wording,
) -> None:
    text = shipped.say(notices.AskVerdict(7, Named("王芳", "联络员"), "长" * 3000))
    assert "全文 #7" in text
    assert 250 <= text.count("长") <= 300
    brief = shipped.say(notices.SaidMore(7, "101", "长" * 300))
    assert "全文" not in brief
    assert brief.count("长") == 300


def test_a_piece_says_how_to_see_it(shipped: wording.Wording) -> None:
    text = shipped.say(notices.SaidMore(7, "101", "[图片]"))
    assert "[图片]" in text
    assert "全文 #7" in text


@given(words=st.text(max_size=4000) | st.text("长话。\n，👩‍👩‍👦", max_size=4000))
def test_what_one_reply_does_not_hold_comes_after_it_and_nothing_is_lost(
    shipped: wording.Wording, words: str
) -> None:
    saying = Saying("resident", None, NOW, words, "")
    whole = notices.Whole(7, "101", (saying,))
    made = shipped.reply([whole], [])
    texts = [made.text or "", *made.rest]
    assert all(0 < len(text.encode("utf-8", "replace")) <= REPLY_BYTES for text in texts)
    assert "".join(words.split()) in "".join("".join(texts).split())
    if made.rest:
        assert is_long(words)


def test_a_list_shows_number_place_and_the_beginning_of_the_words(shipped: wording.Wording) -> None:
    text = shipped.say(notices.Progress((LINE,)))
    assert "#7" in text
    assert "水管漏了" in text
    assert "网格" in text
    assert "联络员王芳" in text
    assert len(text) < 120
    homes = shipped.say(notices.MyHouseholds((HOME,)))
    assert "13800000000" in homes


def test_who_finds_danger_in_what_was_called_done_is_told_whom_to_ring(
    shipped: wording.Wording,
) -> None:
    assert "119" in shipped.say(notices.NotNow(7, "紧急", "resolved"))
    assert shipped.say(notices.NotNow(7, "接单", "resolved")).endswith("不用接单。")


def test_choices_are_letters_never_digits(shipped: wording.Wording) -> None:
    text = shipped.say(notices.BindWhich(("三号楼", "四号楼"), False))
    assert [line[0] for line in text.splitlines()[1:]] == ["甲", "乙"]


def test_nobodys_phone_is_shown_as_nothing(shipped: wording.Wording) -> None:
    contact = Contact(Named("王芳", "联络员"), None)
    text = shipped.say(notices.MyLiaison("101", True, contact, ()))
    assert "联络员王芳" in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW + timedelta(hours=5), "今天15:00"),
        (NOW + timedelta(minutes=5), "今天10:05:00"),
        (NOW + timedelta(days=1), "明天10:00"),
        (NOW + timedelta(days=2), "11月25日10:00"),
        (NOW + timedelta(days=60), "2027年1月22日10:00"),
        (NOW + timedelta(hours=14), "明天00:00"),
    ],
)
def test_moments_are_said_as_people_say_them(moment: datetime, said: str) -> None:
    assert when(moment, NOW) == said


def test_a_file_of_ones_own_changes_only_what_it_names(tmp_path: Path) -> None:
    over = tmp_path / "own.toml"
    over.write_text('[greeted]\ntext = "侬好！"\n', encoding="utf-8")
    own = load(SHIPPED, over, lambda: NOW)
    assert own.say(notices.Greeted()) == "侬好！"
    assert "记下" in own.say(notices.KeptForNow())


@pytest.mark.parametrize("content", [b"[greeted", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named_in_one_line(
    tmp_path: Path, content: bytes | None
) -> None:
    over = tmp_path / "own.toml"
    if content is not None:
        over.write_bytes(content)
    with pytest.raises(WordingError, match=r"^WORDING_FILE .*own\.toml: .*$"):
        load(SHIPPED, over, lambda: NOW)


def test_no_sentence_is_empty() -> None:
    for name, section in sections().items():
        assert all(text.strip() for text in texts(section)), name
