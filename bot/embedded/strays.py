"""Server processes of an earlier start that are still in a data folder, and their removal.

Two servers on one folder would ruin it, so nobody starts before the last one is gone. Knows
/proc; where there is none it finds nothing and the servers' own lock files have to do. Call it
only while holding the folder's claim: it ends whatever it finds.
"""

import os
import signal
import time
from pathlib import Path

STEPS = ((signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0))


def remove_strays(folder: Path, program: str, *, grace_s: float) -> None:
    """End every process called `program` that works in `folder`.

    A stray whose parent just died is on its way out already: `grace_s` seconds are given for
    that, after which it is asked and then killed.
    """
    if gone(folder, program, grace_s):
        return
    for signal_number, seconds in STEPS:
        for pid in strays(folder, program):
            send(pid, signal_number)
        if gone(folder, program, seconds):
            return


def gone(folder: Path, program: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while strays(folder, program):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def strays(folder: Path, program: str) -> list[int]:
    """Ids of the processes whose program is called `program` and which work in `folder`."""
    try:
        place = folder.stat()
    except FileNotFoundError:
        return []
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            works_here = os.path.samestat((entry / "cwd").stat(), place)
            if works_here and (entry / "exe").readlink().name.split(" ")[0] == program:
                found.append(int(entry.name))
        except OSError:
            continue  # ended meanwhile, or not ours to look at
    return found


def send(pid: int, signal_number: signal.Signals) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return
