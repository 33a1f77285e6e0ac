"""Talking to whoever started us, who may have closed the terminal or the pipe long since.

Knows the three standard streams. Does not know what is said.
"""

import os
import sys


def open_streams() -> None:
    """Open what of stdin, stdout and stderr we were started without, so that nothing else is
    opened under their numbers and filled with what we say."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def say(text: str) -> None:
    """Print `text` and a line's end; nothing where nobody can hear it."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        go_silent()


def complain(text: str) -> None:
    """The same on stderr."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        go_silent()


def go_silent() -> None:
    """From now on throw away what is said, also what is still buffered when we end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
