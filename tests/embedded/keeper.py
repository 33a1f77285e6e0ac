"""A program that runs the embedded servers until it is told to stop, for tests to be rough with.

    python -m tests.embedded.keeper DATA_DIR [run|borrow]

Prints one JSON line with the addresses, or with the `error`, and waits for its input to end.
"""

import json
import sys
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from bot.embedded import Running, ServersError, borrow, start


def main(data_dir: str, how: str = "run") -> int:
    try:
        with had(Path(data_dir), how) as running:
            say(asdict(running.addresses))
            sys.stdin.read()
    except ServersError as error:
        say({"error": str(error)})
        return 1
    return 0


def had(data_dir: Path, how: str) -> AbstractContextManager[Running]:
    return borrow(data_dir) if how == "borrow" else start(data_dir)


def say(words: dict[str, str | None]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
