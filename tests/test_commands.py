"""The commands as operators and programs meet them: output, JSON, exit codes, one-line trouble."""

import csv
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import psycopg
import pytest

from bot import excel
from bot.commands.printing import table
from bot.core.roster import LiaisonRow, Roster
from bot.core.roster.rows import parse
from bot.core.roster.sheets import sheets_of
from tests.conftest import create_database, drop_database
from tests.forked import Forked

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "config" / "sample" / "roster.xlsx"
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Way = Callable[[list[str], dict[str, str]], Done]


def by_itself(words: list[str], environment: dict[str, str]) -> Done:
    """`python -m bot …` from its very start."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def loaded_before(words: list[str], environment: dict[str, str]) -> Done:
    """The same in a process that need not read its modules first."""
    with TemporaryDirectory() as folder:
        output, errors = (Path(folder) / name for name in ("output", "errors"))
        code = Forked("bot", words, environment, output, errors).wait(60)
        said = (output.read_text("utf-8"), errors.read_text("utf-8"))
    return subprocess.CompletedProcess(words, code, *said)


def command(url: str | None, redis_url: str, tmp_path: Path, way: Way = loaded_before) -> Run:
    """A command with nothing of our environment but what it needs."""
    surroundings = {
        "PATH": os.environ["PATH"],
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path / "data"),
        **({"DATABASE_URL": url} if url else {}),
    }

    def run(*words: str | Path, **more: str) -> Done:
        return way([str(word) for word in words], surroundings | more)

    return run


@pytest.fixture
def url(fresh_database: Callable[[], str]) -> str:
    return fresh_database()


@pytest.fixture
def loaded_url(database_url: str, sample_template: str) -> Iterator[str]:
    """A database that holds the sample."""
    url = create_database(database_url, template=sample_template)
    yield url
    drop_database(database_url, url)


@pytest.fixture
def bot(url: str, fresh_redis: str, tmp_path: Path) -> Run:
    return command(url, fresh_redis, tmp_path)


@pytest.fixture
def loaded(loaded_url: str, fresh_redis: str, tmp_path: Path) -> Run:
    return command(loaded_url, fresh_redis, tmp_path)


def document(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


def test_a_roster_goes_in_once_and_comes_out_again(bot: Run, tmp_path: Path) -> None:
    checked = bot("roster", "check", SAMPLE)
    assert checked.returncode == 0
    assert "住户新增 152" in checked.stdout
    first = bot("roster", "load", SAMPLE)
    assert first.returncode == 0
    assert "已覆盖 148 户，未覆盖 4 户" in first.stdout
    assert bot("roster", "load", SAMPLE).stdout == "没有变化。\n"
    assert bot("roster", "export", tmp_path / "out.xlsx").returncode == 0
    again = document(bot("roster", "load", tmp_path / "out.xlsx", "--json"))
    assert again["ok"]
    assert not any(again["plan"]["households"].values())


@pytest.mark.parametrize(
    ("words", "code"),
    [(("roster", "check", SAMPLE), 0), (("assign", "--dry-run", "--json"), 0), (("issue", "7"), 1)],
)
def test_started_by_itself_a_command_says_the_same(
    loaded: Run, loaded_url: str, redis_url: str, tmp_path: Path, words: tuple[str], code: int
) -> None:
    done = command(loaded_url, redis_url, tmp_path, by_itself)(*words)
    again = loaded(*words)
    assert done.returncode == again.returncode == code
    assert (done.stdout, done.stderr) == (again.stdout, again.stderr)
    assert done.stdout or done.stderr


def test_a_workbook_that_cannot_be_written_is_one_line(loaded: Run, tmp_path: Path) -> None:
    done = loaded("roster", "export", tmp_path / "nowhere" / "out.xlsx")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "out.xlsx" in done.stderr


def test_wrong_rows_are_all_named_and_the_file_is_refused_whole(bot: Run, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(SAMPLE)
    book["住户"]["B3"] = "NOWHERE"
    book["联络员"]["B4"] = "123"
    book.save(tmp_path / "wrong.xlsx")
    refused = bot("roster", "load", tmp_path / "wrong.xlsx")
    assert refused.returncode == 2
    assert len(refused.stdout.splitlines()) == 2
    assert "「住户」第 3 行“单位编号”" in refused.stdout
    assert "「联络员」第 4 行“电话”" in refused.stdout
    errors = document(bot("roster", "check", tmp_path / "wrong.xlsx", "--json"), 2)["errors"]
    assert [(one["sheet"], one["row"], one["column"]) for one in errors] == [
        ("住户", 3, "单位编号"),
        ("联络员", 4, "电话"),
    ]
    assert document(bot("assign", "--dry-run", "--json"))["households"] == 0


def test_a_file_that_retires_many_needs_to_be_meant(loaded: Run, tmp_path: Path) -> None:
    sample = parse(excel.read(SAMPLE))
    assert isinstance(sample, Roster)
    less = replace(sample, households=sample.households[60:])
    excel.write(tmp_path / "less.xlsx", sheets_of(less))
    refused = loaded("roster", "load", tmp_path / "less.xlsx")
    assert refused.returncode == 2
    assert "--retire" in one_line(refused)
    assert loaded("roster", "load", tmp_path / "less.xlsx", "--retire").returncode == 0
    assert document(loaded("assign", "--dry-run", "--json"))["households"] == 92


def test_what_is_no_workbook_is_refused_in_one_line(bot: Run, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("户号,单位编号\n", "utf-8")
    for file in (tmp_path / "missing.xlsx", tmp_path / "text.xlsx", tmp_path):
        refused = bot("roster", "load", file)
        assert refused.returncode == 2
        assert str(file) in one_line(refused)


def test_invites_are_a_table_that_a_spreadsheet_cannot_run(
    bot: Run, url: str, tmp_path: Path
) -> None:
    sample = parse(excel.read(SAMPLE))
    assert isinstance(sample, Roster)
    odd: LiaisonRow = replace(sample.liaisons[0], name="=1+1")
    households = tuple(replace(home, contact=None, phone=None) for home in sample.households)
    roster = replace(sample, households=households, liaisons=(odd, *sample.liaisons[1:]))
    excel.write(tmp_path / "odd.xlsx", sheets_of(roster))
    assert bot("roster", "load", tmp_path / "odd.xlsx").returncode == 0
    file = tmp_path / "invites.csv"
    assert bot("invites", "--csv", file).returncode == 0
    first = file.read_bytes()
    assert first.startswith(b"\xef\xbb\xbfname,phone,role,unit,code")
    assert file.stat().st_mode & 0o077 == 0
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert rows[0]["name"] == "'=1+1"
    with psycopg.connect(url) as connection:
        stored = connection.execute("select code from invites").fetchall()
    assert {row["code"] for row in rows} == {code for (code,) in stored}
    assert bot("invites", "--csv", file).returncode == 0
    assert file.read_bytes() == first


def test_assign_tells_programs_all_of_the_contract(loaded: Run) -> None:
    dealt = document(loaded("assign", "--json"))
    assert set(dealt) == {
        "households", "liaisons", "assigned", "deal", "uncovered", "under", "over", "moved",
        "lacking", "cost",
    }  # fmt: skip
    assert dealt["assigned"] == len(dealt["deal"]) == dealt["households"] - len(dealt["uncovered"])
    assert set(dealt["deal"][0]["liaison"]) == {"name", "phone"}
    assert dealt["moved"] == []
    [lack] = dealt["lacking"]
    assert (lack["unit"], lack["liaisons"]) == ("LY02", 1)
    assert [(one["unit"].startswith("LY02"), one["liaisons"]) for one in lack["where"]] == [
        (True, 1)
    ]
    for kind in ("grids", "doors"):
        assert sum(one["uncovered"] for one in lack[kind]) == len(dealt["uncovered"])
    assert set(dealt["cost"]) == {"uncovered", "shortfall", "moved", "distance"}


def test_assign_says_who_moved_and_why(loaded: Run, loaded_url: str) -> None:
    with psycopg.connect(loaded_url) as connection:
        connection.execute("update liaisons set status = '停用' where id = 1")
    planned = document(loaded("assign", "--dry-run", "--json"))
    assert {move["from"]["name"] for move in planned["moved"]} == {"王秀英"}
    assert {move["why"] for move in planned["moved"]} == {"原联络员不再在岗"}
    with psycopg.connect(loaded_url) as connection:
        connection.execute("update liaisons set leave_until = '2099-12-01' where id = 2")
    assert "联络员请假至2099-" in loaded("assign", "--dry-run").stdout
    done = loaded("assign")
    assert "王秀英 → " in done.stdout
    assert document(loaded("assign", "--json"))["moved"] == []


def test_the_ledger_speaks_the_contract_s_json(loaded: Run, loaded_url: str) -> None:
    assert document(loaded("issues", "--json")) == []
    with psycopg.connect(loaded_url) as connection:
        connection.execute(
            "insert into issues (no, resident_id, household_id, unit_id, state, tier, opened_tier,"
            " place, holder_id, holder_role, opened_at, due_at, said_at)"
            " select 7, 1, household.id, household.unit_id, 'waiting', 'liaison', 'liaison', 0, 1,"
            " 'liaison', now(), now() + interval '2 hours', now()"
            " from households household order by id limit 1"
        )
        connection.execute(
            "insert into history (issue_no, at, kind, by_id, tier)"
            " values (7, now(), 'opened', 1, 'liaison')"
        )
    (entry,) = document(loaded("issues", "--open", "--json"))
    whole = document(loaded("issue", "#7", "--json"))
    assert {name: whole[name] for name in entry} == entry
    assert set(whole) - set(entry) == {"history", "notices"}
    assert set(entry) == {
        "no", "state", "tier", "urgent", "category", "household", "unit", "holder", "opened_at",
        "due_at", "answered_at", "resolved_at", "closed_at", "verdict", "due_estimated",
    }  # fmt: skip
    assert datetime.fromisoformat(entry["due_at"]).utcoffset() is not None
    assert set(whole["history"][0]) == {"at", "kind", "by", "tier", "text"}
    assert "#7" in loaded("issues").stdout
    assert "提出" in loaded("issue", "7").stdout


@pytest.mark.parametrize("number", ["7", "abc", "99999999999999999999"])
def test_an_issue_that_is_not_there_is_told_kindly(bot: Run, number: str) -> None:
    done = bot("issue", number)
    assert done.returncode == 1
    assert number in one_line(done)


def test_doctor_finds_a_fresh_system_unbroken(loaded: Run) -> None:
    found = document(loaded("doctor", "--json"))
    assert found["ok"] is True
    levels = {check["name"]: check["level"] for check in found["checks"]}
    assert levels["database"] == levels["redis"] == levels["promises"] == "ok"
    assert levels["clock"] == levels["wechat"] == "warn"
    assert "注意" in loaded("doctor").stdout


def test_doctor_names_what_is_broken(bot: Run, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("insert into beats values ('clock', now() - interval '1 hour')")
    found = document(bot("doctor", "--json", REDIS_URL="redis://127.0.0.1:1/0"), 1)
    assert not found["ok"]
    failed = {check["name"] for check in found["checks"] if check["level"] == "fail"}
    assert failed == {"clock", "redis"}
    found = document(bot("doctor", "--json", PORT="many"), 1)
    assert [check["name"] for check in found["checks"]] == ["settings"]


def test_the_database_s_troubles_are_one_line_each(
    url: str, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    server, _, _ = url.rpartition("/")
    addresses = {
        "postgresql://127.0.0.1:1/none": "连不上",
        f"{server}/no_such_database": "没有这个库",
        database_url: "python -m bot migrate",
    }
    for address, words in addresses.items():
        done = command(address, redis_url, tmp_path)("issues", "--json")
        assert done.returncode == 1
        assert done.stdout == ""
        assert words in one_line(done)


def test_a_wrong_setting_is_one_line_that_names_it(bot: Run) -> None:
    done = bot("issues", LOG_LEVEL="loud")
    assert done.returncode == 1
    assert "LOG_LEVEL" in one_line(done)
    done = bot("web")
    assert done.returncode == 1
    assert "WECHAT_TOKEN" in one_line(done)


def test_the_web_process_has_its_port_alone_and_ends_when_asked(
    bot: Run, url: str, redis_url: str, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "PORT": str(port),
        "WECHAT_TOKEN": "token",
        "WECHAT_APPID": "wx0",
        "WECHAT_SECRET": "secret",
        "WECHAT_AES_KEY": "a" * 43,
    }
    servers = {"DATABASE_URL": url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "data")}
    web = subprocess.Popen(
        [sys.executable, "-m", "bot", "web"],
        env={"PATH": os.environ["PATH"], **servers, **given},
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    try:
        assert answer(port) == 200
        second = bot("web", **given)
        assert second.returncode == 1
        assert f"PORT {port}" in one_line(second)
        web.terminate()
        _, said = web.communicate(timeout=20)
    finally:
        web.kill()
        web.wait()
    assert web.returncode == 0
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["web_starts"]


def answer(port: int) -> int:
    """The status of the front page, once there is somebody to give it."""
    deadline = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        finally:
            connection.close()


def test_the_sample_and_its_phones_are_there_once(bot: Run, tmp_path: Path) -> None:
    file = tmp_path / "phones.json"
    assert bot("phones", file).returncode == 0
    assert json.loads(file.read_text("utf-8")) == []
    assert bot("sample").stdout.startswith("已载入")
    assert "没有载入" in bot("sample").stdout
    assert bot("phones", file).returncode == 0
    people = {one["key"]: one for one in json.loads(file.read_text("utf-8"))}
    assert list(people) == [
        "resident1", "resident2", "liaison", "grid", "community", "subdistrict",
    ]  # fmt: skip
    assert people["resident1"]["scene"] == people["resident2"]["scene"] == "door-LY01-B1-D1"
    claim = people["grid"]["setup"][-1]["text"]
    assert claim.startswith("认领 ")
    assert claim in people["grid"]["note"]


def test_migrate_is_safe_twice_and_our_own_servers_are_found(
    redis_url: str, tmp_path: Path
) -> None:
    bot = command(None, redis_url, tmp_path)
    assert [bot("migrate").returncode for _ in range(2)] == [0, 0]
    assert bot("issues").stdout == "还没有诉求。\n"


def test_tables_stand_in_columns_whatever_the_script() -> None:
    assert table(("编号", "who"), [("1", "王"), ("22", "x")]) == "编号  who\n1     王\n22    x"
