"""Which PORT the operator meant, when honcho has put its own there.

`honcho start` gives every process a PORT: the operator's, or 5000 where they set none. The
service's default is 8000, so honcho's own 5000 has to be told from an operator's. Knows honcho's
way only; does not check whether a port makes sense.
"""

import os
from pathlib import Path

from honcho import environ

HONCHO_DEFAULT = 5000
OUR_DEFAULT = 8000
HIGHEST_COPY = 99  # honcho counts up by one a copy of a process and by 100 a kind of process


def operators_port(env_file: Path | None) -> int | None:
    """The port to use in place of honcho's own default, or None where PORT is to be believed."""
    given = os.environ.get("PORT", "")
    if "HONCHO_PROCESS_NAME" not in os.environ or not given.isdecimal():
        return None
    copy = int(given) - HONCHO_DEFAULT
    if not 0 <= copy <= HIGHEST_COPY or _in_file(env_file) or _given_to_honcho():
        return None
    return OUR_DEFAULT + copy


def _in_file(env_file: Path | None) -> bool:
    try:
        return env_file is not None and "PORT" in environ.parse(env_file.read_text("utf-8"))
    except OSError:
        return False


def _given_to_honcho() -> bool:
    """Whether the environment or the command line of the honcho above us names a port."""
    pid = os.getppid()
    while pid > 1:
        surroundings = _words(pid, "environ")
        if not any(word.startswith("HONCHO_PROCESS_NAME=") for word in surroundings):
            flags = _words(pid, "cmdline")
            return any(word.startswith("PORT=") for word in surroundings) or any(
                word.startswith(("-p", "--port")) for word in flags
            )
        pid = _parent(pid)
    return False


def _words(pid: int, name: str) -> list[str]:
    try:
        raw = Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return []  # no /proc here, or not ours to read: then 5000 is taken for honcho's
    return raw.decode("utf-8", "replace").split("\0")


def _parent(pid: int) -> int:
    for line in _words(pid, "status")[:1]:
        for entry in line.splitlines():
            if entry.startswith("PPid:"):
                return int(entry.removeprefix("PPid:"))
    return 0
