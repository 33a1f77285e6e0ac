"""The tiers file: what it means, what a key left out means, and one clear line for each mistake."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.ladder import Evening
from bot.core.workdays import Days, Duration, Span, WallClock, WorkingClock
from config.tiers import TiersError, read_ladder

CONFIG = Path(__file__).parent.parent / "config"
BARE = "\n".join(
    f'[[tier]]\nkey = "{key}"' for key in ("liaison", "grid", "community", "subdistrict")
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tiers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_we_ship_is_what_keys_left_out_mean(tmp_path: Path) -> None:
    assert read_ladder(CONFIG / "tiers.toml") == read_ladder(written(tmp_path, BARE))


def test_the_file_we_ship_is_the_contracts() -> None:
    ladder = read_ladder(CONFIG / "tiers.toml")
    assert [(t.key, t.level, t.name) for t in ladder.tiers] == [
        ("liaison", None, "联络员"),
        ("grid", "网格", "网格"),
        ("community", "社区", "社区"),
        ("subdistrict", "街道", "街道"),
    ]
    answers = [Duration.parse(text) for text in ("2h", "4h", "1d", "3d")]
    assert [tier.answer_within for tier in ladder.tiers] == answers
    handling = [Duration.parse(text) for text in ("2d", "3d", "5d", "15d")]
    assert [tier.handle_within for tier in ladder.tiers] == handling
    extending = [Duration.parse(text) for text in ("7d", "7d", "10d", "15d")]
    assert [tier.extend_by for tier in ladder.tiers] == extending
    assert {tier.extend_times for tier in ladder.tiers} == {2}
    office = WorkingClock(Days.WORKDAYS, (Span.parse("08:30-12:00"), Span.parse("13:30-17:30")))
    assert ladder.top.clock == office
    assert ladder.first.clock == WorkingClock(Days.ALL, (Span.parse("08:00-20:00"),))
    assert ladder.tick.total_seconds() == 5
    assert ladder.close_after == Duration(days=3)
    assert ladder.remind == (Duration(days=1), Duration(days=2))
    assert ladder.urgent_answer_within.total_seconds() == 900
    assert ladder.urgent_tell_tiers == 3
    assert ladder.evening == Evening(timedelta(hours=17), timedelta(hours=8, minutes=30))


def test_the_fast_file_has_the_same_tiers_on_the_wall_clock() -> None:
    usual, fast = read_ladder(CONFIG / "tiers.toml"), read_ladder(CONFIG / "tiers-fast.toml")
    assert [(t.key, t.level, t.name) for t in fast.tiers] == [
        (t.key, t.level, t.name) for t in usual.tiers
    ]
    assert {tier.clock for tier in fast.tiers} == {WallClock()}
    assert max(tier.answer_within.plain for tier in fast.tiers).total_seconds() <= 60
    assert len(fast.remind) == 2


def test_a_tier_left_out_does_not_exist(tmp_path: Path) -> None:
    ladder = read_ladder(written(tmp_path, '[[tier]]\nkey = "grid"\n[[tier]]\nkey = "community"'))
    assert [tier.key for tier in ladder.tiers] == ["grid", "community"]
    assert ladder.own is None


def test_a_tier_with_a_key_of_its_own_takes_the_values_of_its_level(tmp_path: Path) -> None:
    ladder = read_ladder(written(tmp_path, '[[tier]]\nkey = "house"\nlevel = "楼"'))
    house = ladder.first
    assert (house.name, house.level) == ("house", "楼")
    assert house.answer_within == Duration.parse("4h")


def test_a_wall_clock_needs_no_hours_and_minds_none(tmp_path: Path) -> None:
    text = '[[tier]]\nkey = "liaison"\nclock = "wall"\nhours = []\nanswer_within = "3s"'
    assert read_ladder(written(tmp_path, text)).first.clock == WallClock()


def test_shortening_the_silence_drops_the_reminders_that_no_longer_fit(tmp_path: Path) -> None:
    assert read_ladder(written(tmp_path, '[closing]\nafter = "30s"\n' + BARE)).remind == ()
    assert len(read_ladder(written(tmp_path, '[closing]\nafter = "36h"\n' + BARE)).remind) == 1


def test_urgent_days_are_plain_time(tmp_path: Path) -> None:
    ladder = read_ladder(written(tmp_path, '[urgent]\nanswer_within = "1d"\n' + BARE))
    assert ladder.urgent_answer_within.total_seconds() == 24 * 3600


def test_ticks_may_be_a_fraction_of_a_second(tmp_path: Path) -> None:
    ladder = read_ladder(written(tmp_path, '[clock]\ntick = "0.5s"\n' + BARE))
    assert ladder.tick.total_seconds() == 0.5


LIAISON = '[[tier]]\nkey = "liaison"\n'
MISTAKES = [
    ("", "top level tier", "at least one"),
    ("[[tier]\n", "TOML", "correct that line"),
    ("tick = 1\n" + BARE, "top level tick", "clock"),
    ("[clock]\ntick = 5\n" + BARE, "[clock] tick", "text in quotes"),
    ('[clock]\ntick = "5 s"\n' + BARE, "[clock] tick", "5 s"),
    ('[clock]\ntick = "0.05s"\n' + BARE, "[clock] tick", "0.1s"),
    ('[clock]\ntick = "1d"\n' + BARE, "[clock] tick", "1h"),
    ('[clock]\ntack = "1s"\n' + BARE, "[clock] tack", "tick"),
    ('clock = "5s"\n' + BARE, "top level clock", "[clock]"),
    ('[closing]\nafter = "3w"\n' + BARE, "[closing] after", "3d"),
    ('[quiet]\nhours = ["22-8"]\n' + BARE, "[quiet] hours", "08:00-20:00"),
    ('[closing]\nremind = "1d"\n' + BARE, "[closing] remind", "list"),
    ('[closing]\nremind = ["1d", "3d"]\n' + BARE, "[closing] remind", "shorter"),
    ('[evening]\nask_at = "25:00"\n' + BARE, "[evening] ask_at", "17:00"),
    ("[evening]\ntell_at = 8\n" + BARE, "[evening] tell_at", "text in quotes"),
    ('[urgent]\nanswer_within = "0m"\n' + BARE, "[urgent] answer_within", "more than nothing"),
    ("[urgent]\ntell_tiers = 0\n" + BARE, "[urgent] tell_tiers", "whole number"),
    ("[urgent]\ntell_tiers = true\n" + BARE, "[urgent] tell_tiers", "whole number"),
    ('[tier]\nkey = "grid"', "top level tier", "two brackets"),
    ("tier = [1]", "top level tier", "two brackets"),
    ('[[tier]]\nname = "x"', "[[tier]] 1 key", "missing"),
    ('[[tier]]\nkey = "网格"', "[[tier]] 1 key", "lower-case"),
    (LIAISON + LIAISON, "[[tier]] 2 key", "twice"),
    (LIAISON + 'color = "red"', "[[tier]] 1 color", "remove"),
    (LIAISON + 'name = ""', "[[tier]] 1 name", "text in quotes"),
    (LIAISON + 'level = "门"', "[[tier]] 1 level", "楼"),
    (LIAISON + 'answer_within = "0h"', "[[tier]] 1 answer_within", "more than nothing"),
    (LIAISON + 'handle_within = "soon"', "[[tier]] 1 handle_within", "2h"),
    (LIAISON + 'extend_by = "long"', "[[tier]] 1 extend_by", "2h"),
    (LIAISON + "extend_times = -1", "[[tier]] 1 extend_times", "from 0"),
    (LIAISON + 'clock = "sun"', "[[tier]] 1 clock", "wall"),
    (LIAISON + 'days = "weekdays"', "[[tier]] 1 days", "workdays"),
    (LIAISON + 'hours = "08:00-20:00"', "[[tier]] 1 hours", "list"),
    (LIAISON + "hours = []", "[[tier]] 1 hours", "08:00-20:00"),
    (LIAISON + 'hours = ["8-20"]', "[[tier]] 1 hours", "08:00-20:00"),
    (LIAISON + 'hours = ["13:30-17:30", "08:30-12:00"]', "[[tier]] 1 hours", "order"),
    (LIAISON + 'hours = ["08:30-12:00", "11:30-17:30"]', "[[tier]] 1 hours", "overlap"),
    (LIAISON + '[[tier]]\nkey = "own"', "[[tier]] 2 level", "lowest"),
    ('[[tier]]\nkey = "community"\n[[tier]]\nkey = "grid"', "[[tier]] 2 level", "bottom up"),
    (
        '[[tier]]\nkey = "grid"\n[[tier]]\nkey = "second"\nlevel = "网格"',
        "[[tier]] 2 level",
        "already",
    ),
]


@pytest.mark.parametrize(("text", "place", "remedy"), MISTAKES)
def test_each_mistake_is_one_line_with_its_place_and_remedy(
    tmp_path: Path, text: str, place: str, remedy: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TiersError) as found:
        read_ladder(path)
    line = str(found.value)
    assert line.startswith(f"TIERS_FILE {path}: ")
    assert place in line
    assert remedy in line
    assert line.isprintable()


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"key = \xff")
    for name in ("missing.toml", "latin.toml", "."):
        with pytest.raises(TiersError, match=r"^[^\n]+$"):
            read_ladder(tmp_path / name)
