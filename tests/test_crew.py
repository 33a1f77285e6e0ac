"""The crew: parts start together, are heard, and none of them stays behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.crew import Crew, Part
from config.settings import ROOT

WAITS = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS}"
ENDS_SOON = "import sys; print('bye'); sys.exit(3)"
HOLDS_A_CREW = """
import sys, time
from pathlib import Path
from bot.crew import Crew, Part
Crew([Part("one", ("-c", sys.argv[1]))], {}, Path(sys.argv[2])).start()
time.sleep(60)
"""


@contextmanager
def crew_of(cwd: Path, **scripts: str) -> Iterator[Crew]:
    crew = Crew([Part(name, ("-c", script)) for name, script in scripts.items()], {}, cwd)
    crew.start()
    try:
        yield crew
    finally:
        crew.stop(grace_s=0.5)


def working_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").samefile(folder):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until_heard(capsys: pytest.CaptureFixture[str], words: str) -> str:
    heard, deadline = "", time.monotonic() + 20
    while words not in heard and time.monotonic() < deadline:
        time.sleep(0.02)
        heard += capsys.readouterr().out
    return heard


def test_what_a_part_says_is_printed_under_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with crew_of(tmp_path, web=WAITS, worker=WAITS):
        heard = wait_until_heard(capsys, "web    | here")
        heard += wait_until_heard(capsys, "worker | here") if "worker | here" not in heard else ""
    assert "web    | here" in heard
    assert "worker | here" in heard


def test_the_part_that_ends_by_itself_is_named_with_how(tmp_path: Path) -> None:
    with crew_of(tmp_path, web=WAITS, worker=ENDS_SOON) as crew:
        deadline = time.monotonic() + 20
        while (ended := crew.ended()) is None and time.monotonic() < deadline:
            time.sleep(0.02)
    assert ended is not None
    assert (ended.name, ended.how) == ("worker", "exit 3")


def test_stopping_ends_the_willing_and_kills_the_stubborn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with crew_of(tmp_path, web=WAITS, worker=STUBBORN) as crew:
        wait_until_heard(capsys, "worker | here")
        assert len(working_in(tmp_path)) == 2
        crew.stop(grace_s=0.5)
        assert working_in(tmp_path) == []
        ended = crew.ended()
        assert ended is not None
        assert ended.how in ("SIGTERM", "SIGKILL")


def test_parts_end_when_the_one_who_started_them_is_killed(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDS_A_CREW, WAITS, str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert b"here" in holder.stdout.readline()
        assert working_in(tmp_path) != []
        holder.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while working_in(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert working_in(tmp_path) == []
