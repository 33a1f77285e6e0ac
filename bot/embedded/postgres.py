"""The embedded PostgreSQL: a cluster made once, then started directly and waited for.

Knows initdb's and postgres's options, their answers and signals. Does not know who is using it,
nor what is in the database.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bot.embedded.footing import Footing, find_footing
from bot.embedded.kept import kept
from bot.embedded.processes import (
    Server,
    ServersError,
    command,
    environment,
    free_port,
    last_line,
    opened_log,
    spawn,
    stop,
)
from bot.embedded.strays import remove_strays

NAME = "hulianwang"  # of the role and of the database
MAJOR = "18"
READY_WITHIN_S = 120.0  # after a crash it first replays what was not yet in its files
ATTEMPTS = 3  # somebody may take the free port before we do
# Fast shutdown; else immediate, which costs a recovery at the next start; else the hard way.
STOP = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))

INITDB = (
    f"--username={NAME}",
    "--encoding=UTF8",
    "--locale-provider=builtin",  # no locale of the machine is needed, or changes an index
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C",
    "--auth-local=reject",
    "--auth-host=scram-sha-256",
    "--no-instructions",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths may only be 107 bytes long
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "io_method": "sync",  # saves three processes
    "fsync": "on",
    "synchronous_commit": "on",
    "log_checkpoints": "off",
    # Nobody's words or names in the log: no statement, no DETAIL with a key's values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@contextmanager
def serving_postgres(
    data_dir: Path, *, choose: Callable[[Path], Footing] = find_footing
) -> Iterator[Server]:
    """Run PostgreSQL on the cluster of `data_dir`. Needs the folder's claim.

    Raises ServersError, after which nothing is left running.
    """
    log = data_dir / "postgres.log"
    password = kept(data_dir, "postgres_password", lambda: secrets.token_hex(24))
    footing = choose(data_dir)
    cluster = footing.home / "postgres"
    if not cluster.exists():
        make_cluster(footing, cluster, password, log)
    check_version(cluster)
    clear_the_way(cluster)
    process, url = started(footing, cluster, password, log)
    try:
        make_database(url)
        yield Server("PostgreSQL", url, process)
    finally:
        stop(process, *STOP)


def make_cluster(footing: Footing, cluster: Path, password: str, log: Path) -> None:
    """Make the cluster beside its place and move it there whole, so that half a one never is."""
    draft, password_file = cluster.with_name("postgres.new"), cluster.with_name("postgres.pass")
    shutil.rmtree(draft, ignore_errors=True)
    password_file.unlink(missing_ok=True)
    with os.fdopen(
        os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as file:
        file.write(password)
    if footing.owner:
        os.chown(password_file, *footing.owner)
    options = (*INITDB, f"--pgdata={draft}", f"--pwfile={password_file}")
    initdb = command(footing.binaries / "initdb", options, identity=footing.identity)
    with opened_log(log) as output:
        answer = subprocess.run(
            initdb, cwd=footing.home, env=environment(), stdout=output, stderr=output, check=False
        )
    password_file.unlink()
    if answer.returncode != 0:
        raise ServersError(f"PostgreSQL could not be set up: {last_line(log)} (see {log})")
    draft.rename(cluster)


def check_version(cluster: Path) -> None:
    try:
        found = (cluster / "PG_VERSION").read_text("ascii").strip()
    except OSError as error:
        reason = f"the database in {cluster} cannot be read: {error.strerror}"
        raise ServersError(f"{reason}; set another DATA_DIR") from error
    if found != MAJOR:
        reason = f"the database in {cluster} is of PostgreSQL {found}, we bring {MAJOR}"
        raise ServersError(f"{reason}: move it with pg_dump, or set another DATA_DIR")


def clear_the_way(cluster: Path) -> None:
    """Wait for, or end, what an earlier start left, and take away its lock file.

    PostgreSQL takes a lock file for valid when any process has the number in it by now. We know
    better: we hold the folder's claim and have looked for processes.
    """
    remove_strays(cluster, "postgres", grace_s=30.0)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def started(
    footing: Footing, cluster: Path, password: str, log: Path
) -> tuple[subprocess.Popen[bytes], str]:
    for _ in range(ATTEMPTS):
        port = free_port()
        url = f"postgresql://{NAME}:{password}@127.0.0.1:{port}/{NAME}"
        process = spawn(
            footing.binaries / "postgres",
            ["-D", str(cluster), "-p", str(port), *options()],
            cwd=footing.home,
            log=log,
            identity=footing.identity,
            dies_by=signal.SIGINT,
        )
        if up(process, url):
            return process, url
        if not any(word in last_line(log) for word in ("in use", "TCP/IP sockets")):
            break
    raise ServersError(f"the embedded PostgreSQL did not start: {last_line(log)} (see {log})")


def options() -> list[str]:
    return [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]


def up(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether it came to answer; where not, or we are interrupted, it is stopped."""
    answers = False
    try:
        answers = ready(process, url)
    finally:
        if not answers:
            stop(process, *STOP)
    return answers


def ready(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until it takes connections; False when it ended or never did."""
    deadline = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServersError(
                    "the embedded PostgreSQL does not take the password in DATA_DIR/secrets.json: "
                    "bring that file back, or set another DATA_DIR"
                ) from error
            time.sleep(0.02)  # not listening yet, or still starting up
        else:
            return True
    return False


def make_database(url: str) -> None:
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if known.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{NAME}"')
