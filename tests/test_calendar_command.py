"""`calendar load` and `calendar show` as operators meet them: files, output, exit codes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.commands import holiday_file
from bot.commands.doctor import calendar_check
from bot.commands.findings import Level
from bot.commands.trouble import WrongFileError
from bot.core.workdays import CHINA, Calendar
from tests.test_commands import Run, command, document, one_line


@pytest.fixture
def url(fresh_database: Callable[[], str]) -> str:
    return fresh_database()


@pytest.fixture
def bot(url: str, fresh_redis: str, tmp_path: Path) -> Run:
    return command(url, fresh_redis, tmp_path)


def a_day(date: str = "2027-01-01", *, off: Any = True, name: Any = "元旦") -> dict[str, Any]:
    return {"name": name, "date": date, "isOffDay": off}


YEAR = {
    "$schema": "https://raw.githubusercontent.com/NateScarlet/holiday-cn/master/schema.json",
    "$id": "https://raw.githubusercontent.com/NateScarlet/holiday-cn/master/2027.json",
    "year": 2027,
    "papers": ["https://www.gov.cn/zhengce/content/2026-11/04/content_1.htm"],
    "days": [a_day(), a_day("2027-01-02"), a_day("2027-01-03"), a_day("2027-01-10", off=False)],
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], Path]:
    def write(content: Any) -> Path:
        path = tmp_path / "2027.json"
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(raw)
        return path

    return write


def test_a_year_is_loaded_once_and_shown(bot: Run, file: Callable[[Any], Path]) -> None:
    before = document(bot("calendar", "show", "--year", "2027", "--json"))
    assert before == {"year": 2027, "known": False, "horizon": "2026-12-31", "days": []}
    assert "暂估" in bot("calendar", "show", "--year", "2027").stdout
    loaded = bot("calendar", "load", file(YEAR))
    assert loaded.returncode == 0
    assert "2027 年：放假 3 天，调休上班 1 天，已装入。" in loaded.stdout
    assert "放假安排到 2027-12-31" in loaded.stdout
    assert "没有变化" in bot("calendar", "load", file(YEAR)).stdout
    shown = bot("calendar", "show", "--year", "2027").stdout
    assert "2027-01-10  周日  上班" in shown
    assert document(bot("calendar", "show", "--year", "2027", "--json"))["days"] == YEAR["days"]


def test_what_is_shown_can_be_loaded_again(bot: Run, file: Callable[[Any], Path]) -> None:
    of_2026 = document(bot("calendar", "show", "--year", "2026", "--json"))
    assert len(of_2026["days"]) == 39
    again = document(bot("calendar", "load", file(of_2026), "--json"))
    assert again == {
        "years": [{"year": 2026, "off": 33, "worked": 6, "changed": False}],
        "horizon": "2026-12-31",
        "moved": 0,
    }


def test_without_a_year_this_one_is_shown(bot: Run) -> None:
    this = datetime.now(UTC).astimezone(CHINA).year
    assert document(bot("calendar", "show", "--json"))["year"] in (this, this + 1)


@pytest.mark.parametrize(
    "content",
    [
        [YEAR],
        YEAR["days"],
        {"2027": YEAR},
        {"2027": YEAR["days"]},
        {"days": YEAR["days"]},
        {**YEAR, "year": 2027.0},
        b"\xef\xbb\xbf" + json.dumps(YEAR).encode(),
        {**YEAR, "days": [*YEAR["days"], a_day("2026-12-31")]},  # type: ignore[misc]
    ],
)
def test_it_may_come_in_several_forms(file: Callable[[Any], Path], content: Any) -> None:
    (year,) = holiday_file.read(file(content))
    assert year.year == 2027
    assert (year.off, year.worked) in ((3, 1), (4, 1))


def test_several_years_may_stand_in_one_file(bot: Run, file: Callable[[Any], Path]) -> None:
    later = {"year": 2028, "days": [a_day("2028-01-03")]}
    loaded = document(bot("calendar", "load", file([later, YEAR]), "--json"))
    assert [one["year"] for one in loaded["years"]] == [2027, 2028]
    assert loaded["horizon"] == "2028-12-31"


def test_a_year_after_a_gap_is_kept_and_said_to_wait(bot: Run, file: Callable[[Any], Path]) -> None:
    loaded = bot("calendar", "load", file({"year": 2029, "days": [a_day("2029-01-01")]}))
    assert "2027 年还没有装" in loaded.stdout
    assert "放假安排到 2026-12-31" in loaded.stdout


WRONG: list[tuple[Any, str]] = [
    (b"", "JSON"),
    (b"{", "JSON"),
    ("[元旦]".encode("gbk"), "UTF-8"),
    (b"[" * 200_000, "不像放假安排"),
    (b" " * 1_000_001, "太大"),
    (5, "holiday-cn"),
    (None, "holiday-cn"),
    ({}, "holiday-cn"),
    ({"code": 0, "holiday": {}}, "holiday-cn"),
    ([], "还没有公布"),
    ({**YEAR, "days": []}, "还没有公布"),
    ({**YEAR, "days": {}}, '"days"'),
    ({**YEAR, "year": "2027"}, '"year"'),
    ({**YEAR, "year": True}, '"year"'),
    ({**YEAR, "year": 27}, '"year"'),
    ({"year": 2026, "days": [a_day("2027-02-01")]}, "2027-02-01"),
    ({"days": [a_day(), a_day("2028-01-01")]}, '"year"'),
    ([YEAR, YEAR], "两次"),
    ([YEAR, 5], '"days"'),
    ({**YEAR, "days": [a_day(), "2027-01-02"]}, "第 2 天"),
    ({**YEAR, "days": [a_day("2027-02-29")]}, '"date"'),
    ({**YEAR, "days": [a_day("20270101")]}, '"date"'),
    ({**YEAR, "days": [a_day("2027-1-1")]}, '"date"'),
    ({**YEAR, "days": [{"name": "元旦", "isOffDay": True}]}, '"date"'),
    ({**YEAR, "days": [a_day("2027-05-01", off=1)]}, '"isOffDay"'),
    ({**YEAR, "days": [a_day("2027-05-01", off="false")]}, '"isOffDay"'),
    ({**YEAR, "days": [{"name": "元旦", "date": "2027-01-01"}]}, '"isOffDay"'),
    ({**YEAR, "days": [a_day(name=None)]}, '"name"'),
    ({**YEAR, "days": [a_day(name="元\0旦")]}, '"name"'),
    ({**YEAR, "days": [a_day(), a_day(off=False)]}, "又说放假又说上班"),
]


@pytest.mark.parametrize(("content", "named"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_refused_whole(
    file: Callable[[Any], Path], content: Any, named: str
) -> None:
    with pytest.raises(WrongFileError) as refused:
        holiday_file.read(file(content))
    assert named in refused.value.message
    assert "什么都没有改动" in refused.value.message
    assert "2027.json" in refused.value.message


def test_a_wrong_file_changes_nothing_and_is_told_in_one_line(
    bot: Run, file: Callable[[Any], Path], tmp_path: Path
) -> None:
    wrong = {**YEAR, "days": [a_day(), a_day("2027-13-01")]}
    for path in (file([YEAR, {**wrong, "year": 2028}]), tmp_path / "missing.json", tmp_path):
        refused = bot("calendar", "load", path)
        assert refused.returncode == 2
        assert str(path) in one_line(refused)
        assert not refused.stdout
    assert not document(bot("calendar", "show", "--year", "2027", "--json"))["known"]


def test_without_a_database_it_is_told_in_one_line(
    fresh_redis: str, tmp_path: Path, file: Callable[[Any], Path]
) -> None:
    away = command("postgresql://nobody@127.0.0.1:1/none", fresh_redis, tmp_path)
    for words in (("show",), ("load", file(YEAR))):
        done = away("calendar", *words)
        assert done.returncode == 1
        assert "DATABASE_URL" in one_line(done)


def test_an_unmigrated_database_is_told_in_one_line(bot: Run, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("drop table calendar_days, calendar_years")
    assert "migrate" in one_line(bot("calendar", "show"))


def test_the_doctor_knows_what_was_loaded(bot: Run, file: Callable[[Any], Path]) -> None:
    this = datetime.now(UTC).astimezone(CHINA).year
    for year in range(2027, this + 3):
        whole = {"year": year, "days": [a_day(f"{year}-01-01")]}
        assert bot("calendar", "load", file(whole)).returncode == 0
    checks = {one["name"]: one for one in document(bot("doctor", "--json"))["checks"]}
    assert checks["calendar"]["level"] == "ok"
    assert str(max(2026, this + 2)) in checks["calendar"]["text"]


@pytest.mark.parametrize(
    ("before", "level"), [(46, Level.OK), (45, Level.WARN), (0, Level.WARN), (-400, Level.WARN)]
)
def test_the_doctor_warns_from_45_days_before_the_horizon(before: int, level: Level) -> None:
    horizon = datetime(2026, 12, 31, 23, 59, tzinfo=CHINA)
    check = calendar_check(Calendar(horizon=horizon.date()), horizon - timedelta(days=before))
    assert check.level is level
    assert ("calendar load" in check.text) is (level is Level.WARN)


def test_a_calendar_without_any_year_is_warned_of() -> None:
    assert calendar_check(Calendar(), datetime.now(UTC)).level is Level.WARN
