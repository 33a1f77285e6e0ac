"""`python -m tests.workers.one_job JOB …`: one job of `workers.jobs`, done at SIGUSR1.

Everything that a worker has opened before its first job is open then.
"""

import signal
import sys

from bot.store.engine import transaction
from workers import jobs


def main(name: str, *arguments: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    bot = jobs.bot()
    bot.redis.ping()
    with transaction(bot.engine) as connection:
        connection.execute("select 1")
    sys.stdout.write("one_job_ready\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGUSR1})
    getattr(jobs, name)(*arguments)
    sys.stdout.write("one_job_done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
