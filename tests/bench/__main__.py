"""`python -m tests.bench`: prints a small table. Nothing is asserted; see the package's words."""

import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import logs
from bot.embedded import start
from tests.bench import damage, dealing, deliveries, escalations, messages, quota, whole
from tests.bench.ground import a_ground, tell
from tests.bench.table import Line, laid_out


def main() -> None:
    logs.set_up("ERROR")
    logging.disable(logging.WARNING)
    lines: list[Line] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        tell("the whole at rest ...")
        lines += whole.at_rest(_new(folder / "run"))
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
            lines += escalations.at_once(ground)
            tell("pushes ...")
            lines += deliveries.to_a_slow_wechat(ground)
            lines += quota.under_quota(ground)
            tell("damaged posts ...")
            lines += damage.damaged(ground)
        tell("dealing ...")
        lines += dealing.dealt(_new(folder / "dealing"))
    sys.stdout.write(laid_out(lines) + "\n")


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
