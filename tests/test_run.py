"""`make run` as a whole, with real processes: what it refuses, starts, keeps and leaves."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.embedded.processes import free_port
from config.settings import MUST_BE, ROOT

READY = "is running"


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """An environment in which everything is free and nothing else is set."""
    inherited = {name: value for name, value in os.environ.items() if name not in MUST_BE}
    ports = {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    unset = {"DATABASE_URL": "", "REDIS_URL": "", "LOG_LEVEL": "INFO", "SAMPLE": "1"}
    return {**inherited, **unset, **ports, "DATA_DIR": str(tmp_path / "数据 data")}


@pytest.fixture
def unloaded(given: dict[str, str]) -> dict[str, str]:
    """The same without the sample, which takes a while to load."""
    return {**given, "SAMPLE": "0"}


def refused(given: Mapping[str, str], **settings: str) -> str:
    """What a run with these settings says on stderr, having ended with 1."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.run"],
        cwd=ROOT,
        env={**given, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


class Run:
    """A `make run` under way, and what it has said."""

    def __init__(self, given: Mapping[str, str], log: Path) -> None:
        self.given, self.log = given, log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.run"],
                cwd=ROOT,
                env=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def wait_until_ready(self) -> None:
        since = time.monotonic()
        while READY not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < since + 60, self.said()
            time.sleep(0.05)

    def below(self) -> list[int]:
        """The processes it started, and theirs."""
        parents = dict(living())
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found[1:]

    def issues(self) -> Any:
        """A command beside it, which finds its servers through DATA_DIR."""
        words = [sys.executable, "-m", "bot", "issues", "--json"]
        out = subprocess.run(words, cwd=ROOT, env=self.given, capture_output=True, check=True)
        return json.loads(out.stdout)


@contextmanager
def running(given: Mapping[str, str], log: Path) -> Iterator[Run]:
    run = Run(given, log)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.terminate()
        run.process.wait(60)


def living() -> list[tuple[int, int]]:
    """Process ids with their parents', without the dead that nobody has buried yet."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, check=True)
    rows = [line.split() for line in table.stdout.decode().splitlines()]
    return [(int(pid), int(parent)) for pid, parent, state in rows if not state.startswith("Z")]


def still_alive(pids: list[int]) -> list[int]:
    """Those of `pids` that are there after a while in which they may end."""
    deadline = time.monotonic() + 20
    while (alive := [pid for pid, _ in living() if pid in pids]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


def health(given: Mapping[str, str]) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{given['PORT']}/health", timeout=5) as answer:
        return json.load(answer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "LOUD"),
        ("PORT", "eight thousand"),
        ("WECHAT_AES_KEY", "short"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("TIERS_FILE", "/nowhere.toml"),
    ],
)
def test_a_senseless_setting_is_one_line(given: dict[str, str], name: str, value: str) -> None:
    assert name in refused(given, **{name: value})


def test_a_taken_port_is_one_line(given: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        assert f"SIMULATOR_PORT {taken}" in refused(given, SIMULATOR_PORT=taken)
        assert f" PORT {taken}" in refused(given, PORT=taken)


def test_one_port_for_both_is_one_line(given: dict[str, str]) -> None:
    assert "PORT and SIMULATOR_PORT" in refused(given, SIMULATOR_PORT=given["PORT"])


def test_a_data_folder_out_of_reach_is_one_line(given: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "DATA_DIR" in refused(given, DATA_DIR=str(tmp_path / "file" / "data"))


def test_a_wrong_tiers_file_is_one_line(given: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "tiers.toml").write_text('[clock]\ntick = "soon"\n[[tier]]\nkey = "grid"\n')
    line = refused(given, TIERS_FILE=str(tmp_path / "tiers.toml"))
    assert "TIERS_FILE" in line
    assert "tick" in line


def test_a_named_wechat_without_its_keys_is_one_line(given: dict[str, str]) -> None:
    line = refused(given, WECHAT_API_URL="http://127.0.0.1:9", WECHAT_TOKEN="abc")
    assert "WECHAT_APPID is missing" in line
    assert "WECHAT_TOKEN" not in line


def test_a_database_that_is_away_is_told_and_nothing_stays(given: dict[str, str]) -> None:
    url = f"postgresql://me:S3cret@127.0.0.1:{free_port()}/x"
    line = refused(given, DATABASE_URL=url)
    assert "migrate` failed" in line
    assert "S3cret" not in line


def test_it_starts_keeps_and_stops_everything(given: dict[str, str], tmp_path: Path) -> None:
    with running(given, tmp_path / "first.log") as first:
        first.wait_until_ready()
        assert health(given)["ok"] is True
        assert f"http://127.0.0.1:{given['SIMULATOR_PORT']}/" in first.said()
        assert first.issues() == []
        started = first.below()
        assert len(started) > 6
        os.killpg(first.process.pid, signal.SIGINT)  # as Ctrl-C does
        assert first.process.wait(60) == 0
        assert still_alive(started) == []

    with running(given, tmp_path / "second.log") as second:
        second.wait_until_ready()
        assert "152" not in second.said().partition(READY)[0]  # no sample a second time
        started = second.below()
        second.process.send_signal(signal.SIGHUP)
        assert second.process.wait(60) == 0
        assert still_alive(started) == []


def test_killed_outright_it_leaves_nobody_and_starts_again(
    unloaded: dict[str, str], tmp_path: Path
) -> None:
    with running(unloaded, tmp_path / "first.log") as first:
        first.wait_until_ready()
        started = first.below()
        first.process.kill()
        first.process.wait(60)
        assert still_alive(started) == []
    with running(unloaded, tmp_path / "second.log") as second:
        second.wait_until_ready()
        assert health(unloaded)["ok"] is True
        second.process.terminate()
        assert second.process.wait(60) == 0


def test_a_part_that_dies_stops_everything_and_is_named(
    unloaded: dict[str, str], tmp_path: Path
) -> None:
    with running(unloaded, tmp_path / "run.log") as run:
        run.wait_until_ready()
        started = run.below()
        clock = next(pid for pid in started if b"workers.clock" in words_of(pid))
        os.kill(clock, signal.SIGKILL)
        assert run.process.wait(60) == 1
        assert "clock ended (SIGKILL) by itself" in run.said()
        assert still_alive(started) == []


def test_nobody_listening_to_it_does_not_stop_it(unloaded: dict[str, str]) -> None:
    words = ["sh", "-c", 'exec "$0" -m bot.run >&- 2>&-', sys.executable]
    with subprocess.Popen(words, cwd=ROOT, env=unloaded) as unheard:
        deadline = time.monotonic() + 60
        while not answers(unloaded) and time.monotonic() < deadline:
            assert unheard.poll() is None
            time.sleep(0.1)
        assert health(unloaded)["ok"] is True
        unheard.terminate()
        assert unheard.wait(60) == 0


def answers(given: Mapping[str, str]) -> bool:
    try:
        return bool(health(given)["ok"])
    except OSError:
        return False


def words_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
