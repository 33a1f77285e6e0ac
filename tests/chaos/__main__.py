"""`python -m tests.chaos [--seconds N] [--seed S]`: a table of what was done and what came of it.

Ends with 1 where anything was lost or doubled, or a promise is broken.
"""

import argparse
import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import logs
from bot.bootstrap import build
from bot.desk.sample import load_sample
from bot.embedded import start
from bot.store.migrations import migrate
from config.settings import load
from tests.chaos.run import Reckoning, chaos
from tests.conftest import create_database


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0, help="how long the mischief lasts")
    asked.add_argument("--seed", type=int, default=int(time.time()), help="which mischief")
    given = asked.parse_args()
    logs.set_up("ERROR")
    logging.disable(logging.WARNING)
    sys.stdout.write(f"seed {given.seed}, {given.seconds:.0f} s of mischief\n")
    sys.stdout.flush()
    with TemporaryDirectory() as name, start(Path(name) / "servers") as servers:
        url = create_database(servers.database_url, template="template0")
        migrate(url)
        bot = build(load(env_file=None, database_url=url, redis_url=servers.redis_url))
        load_sample(bot)
        bot.engine.dispose()
        bot.redis.close()
        found = chaos(url, servers.redis_url, Path(name), seconds=given.seconds, seed=given.seed)
    sys.stdout.write(told(found))
    return 1 if found.wrong else 0


def told(found: Reckoning) -> str:
    """The reckoning in lines."""
    sums, figures = found.balance, found.balance.figures
    lines = [
        *(f"{times:6}  {name}" for name, times in sorted(found.mischief.items())),
        f"messages: {sums.offered} offered, {sums.taken} accepted, {sums.recorded} recorded;"
        f" slowest answer {sums.slowest_s:.1f} s",
        f"issues: {figures['issues']}; steps: {figures['steps']}",
        f"notices: {figures['sent']} sent, {figures['unknown']} unknown, {figures['stuck']} stuck,"
        f" {figures['pending']} waiting for later",
        f"settled {found.settled_s:.1f} s after the last mischief",
        *found.wrong,
        "nothing lost, nothing doubled" if not found.wrong else f"{len(found.wrong)} things wrong",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
