"""The whole: how soon a word reaches the other phone, and what everything together weighs.

Knows phones, processes and /proc. Runs at leisure, nothing else going on.
"""

import os
import time
from pathlib import Path
from typing import Final

from tests.bench.ground import Ground
from tests.bench.table import Line
from tests.stories.district import PATIENT, running
from tests.stories.stage import a_run

_WORDS: Final = 60
_QUOTA: Final = 4
_KB: Final = 1024


def from_phone_to_phone(ground: Ground, folder: Path) -> list[Line]:
    """A resident's message accepted → on the liaison's phone, one at a time."""
    waits = []
    redis_url, each = ground.settings.redis_url or "", ground.settings.web_processes
    with running(ground.sample_url, redis_url, folder, PATIENT, web_processes=each) as here:
        liaison = here.joins(here.liaison)
        resident = here.moves_in("王秀兰", liaison, here.rooms[0])
        for at in range(_WORDS):
            if at % _QUOTA == 0:
                liaison.says("待办")
            resident.says(f"说第{at}句。")
            began = time.monotonic()
            liaison.hears(f"说第{at}句。")
            waits.append(time.monotonic() - began)
    waits.sort()
    figure = f"{waits[len(waits) // 2] * 1000:.0f} ms"
    return [Line("accepted → on the liaison's phone", figure, f"p99 {waits[-1] * 1000:.0f} ms")]


def at_rest(folder: Path) -> list[Line]:
    """`make run` with everything installed: until it can be used, and its memory then."""
    began = time.monotonic()
    with a_run(folder, PATIENT):
        ready = time.monotonic() - began
        processes = _below(os.getpid())
        kilobytes = sum(_share_of(pid) for pid in processes)
    return [
        Line("make run, until it answers", f"{ready:.1f} s"),
        Line("  its memory", f"{kilobytes // _KB} MB", f"{len(processes)} processes, PSS"),
    ]


def _below(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found[1:]


def _share_of(pid: int) -> int:
    """Kilobytes, what is shared counted in parts; 0 for one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
