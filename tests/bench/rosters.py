"""A workbook of 200,000 households, through the command as an operator runs it: seconds and memory.

Loaded into nothing, loaded again, and exported. Memory is the command's own at its peak.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from bot.core.roster.sheets import sheets_of
from bot.excel import write
from bot.store.migrations import migrate
from tests.bench.districts import district
from tests.bench.ground import Ground
from tests.bench.table import Line
from tests.conftest import create_database

_HOUSEHOLDS: Final = 200_000


def loaded(ground: Ground, folder: Path) -> list[Line]:
    """The workbook's rows are all its households and whoever serves them."""
    file = folder / "district.xlsx"
    roster = district(_HOUSEHOLDS)
    rows = sum(map(len, (roster.units, roster.households, roster.liaisons, roster.staff)))
    write(file, sheets_of(roster))
    url = create_database(ground.settings.database_url or "", template="template0")
    migrate(url)
    surroundings = ground.surroundings() | {"DATABASE_URL": url}
    return [
        _line(f"roster load, {rows} rows into nothing", ("load", file), surroundings),
        _line("  the same again", ("load", file), surroundings),
        _line("  roster export", ("export", folder / "out.xlsx"), surroundings),
    ]


def _line(what: str, words: tuple[str, Path], surroundings: dict[str, str]) -> Line:
    began = time.monotonic()
    command = subprocess.Popen(
        [sys.executable, "-m", "bot", "roster", *map(str, words)],
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(command.pid, 0)
    command.returncode = os.waitstatus_to_exitcode(status)
    if command.returncode:
        raise RuntimeError(f"roster {words[0]} ended with {command.returncode}")
    seconds = time.monotonic() - began
    memory = f"{used.ru_maxrss // 1024} MB, {used.ru_utime + used.ru_stime:.0f} s of its own"
    return Line(what, f"{seconds:.0f} s", memory)
