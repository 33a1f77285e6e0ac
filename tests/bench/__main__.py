"""`python -m tests.bench [--behind]`: prints a small table. Nothing is asserted; see the package's
words. `--behind` measures what years of rows cost instead, which takes minutes."""

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import logs
from bot.embedded import start
from tests.bench import (
    behind,
    damage,
    dealing,
    deliveries,
    escalations,
    messages,
    quota,
    rosters,
    whole,
)
from tests.bench.ground import a_ground, tell
from tests.bench.table import Line, laid_out


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--behind", action="store_true", help="with a million closed issues")
    logs.set_up("ERROR")
    logging.disable(logging.WARNING)
    measured = _with_years_behind if asked.parse_args().behind else _everything
    with TemporaryDirectory() as name:
        lines = measured(Path(name))
    sys.stdout.write(laid_out(lines) + "\n")


def _everything(folder: Path) -> list[Line]:
    tell("the whole at rest ...")
    lines = whole.at_rest(_new(folder / "run"))
    with (
        start(_new(folder / "servers")) as servers,
        a_ground(servers.database_url, servers.redis_url, _new(folder / "ground")) as ground,
    ):
        tell("from phone to phone ...")
        lines += whole.from_phone_to_phone(ground, _new(folder / "district"))
        tell("messages ...")
        lines += messages.in_process(ground)
        lines += messages.over_http(ground, _new(folder / "web"))
        tell("escalations ...")
        lines += escalations.at_once(ground)[0]
        lines += escalations.in_a_stream(ground, _new(folder / "stream"))
        tell("pushes ...")
        lines += deliveries.to_a_slow_wechat(ground)[0]
        lines += quota.under_quota(ground)
        tell("rosters ...")
        lines += rosters.loaded(ground, _new(folder / "rosters"))
        tell("damaged posts ...")
        lines += damage.damaged(ground)
    tell("dealing ...")
    return lines + dealing.dealt(_new(folder / "dealing"))


def _with_years_behind(folder: Path) -> list[Line]:
    with (
        start(_new(folder / "servers")) as servers,
        a_ground(servers.database_url, servers.redis_url, _new(folder / "ground")) as ground,
    ):
        return behind.with_years_behind(ground, _new(folder / "stream"))


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
