"""Whoever starts the servers, and wherever the folder lies, PostgreSQL does not see root."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bot.embedded.footing import HOME, POINTER, Footing, find_footing, installed_binaries
from bot.embedded.postgres import serving_postgres
from bot.embedded.strays import strays
from config.settings import ROOT
from tests.embedded.keeping import Keeper
from tests.embedded.kept_data import Counts, add_one, counts

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user reaches, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def twice(data_dir: Path, uid: int, gid: int) -> str | None:
    """Start, write and stop, twice, as that user; the error they were told, if any."""
    for attempt in (1, 2):
        program = python_for(uid, gid)
        keeper = Keeper(data_dir, program=program, variables=variables(), user=(uid, gid))
        with keeper:
            said = keeper.hear()
            if "error" in said:
                return str(said["error"])
            add_one(said["database_url"], said["redis_url"])
            written = counts(said["database_url"], said["redis_url"])
            assert written == Counts(rows=attempt, entries=attempt)
            assert keeper.end() == 0
    return None


def python_for(uid: int, gid: int) -> str:
    """An interpreter of our version that the user may start and that finds our packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    words = ["-c", "import psycopg, bot.embedded"]
    for program in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            subprocess.run(
                [program, *words],
                check=True,
                cwd="/",
                env=variables(),
                stderr=subprocess.DEVNULL,
                user=uid,
                group=gid,
                extra_groups=[],
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return program
    pytest.skip("no interpreter with our packages that another user may start")


def variables() -> dict[str, str]:
    packages = [path for path in sys.path if path.endswith("site-packages")]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT), *packages])}


@as_root
def test_an_ordinary_user_runs_them_as_themselves(
    open_folder: Path, nobody: pwd.struct_passwd
) -> None:
    os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
    assert twice(open_folder / "data", nobody.pw_uid, nobody.pw_gid) is None
    assert (open_folder / "data" / "postgres").stat().st_uid == nobody.pw_uid


@as_root
def test_a_user_without_a_name_runs_them_too(open_folder: Path, nobody: pwd.struct_passwd) -> None:
    os.chown(open_folder, 54321, 54321)
    assert twice(open_folder / "data", 54321, 54321) is None


@as_root
def test_a_folder_one_may_not_write_is_named_in_one_line(
    open_folder: Path, nobody: pwd.struct_passwd
) -> None:
    error = twice(open_folder / "data", nobody.pw_uid, nobody.pw_gid)
    assert error is not None
    assert error.startswith(f"DATA_DIR {open_folder / 'data'}: Permission denied;")


@as_root
def test_root_runs_postgresql_as_the_owner_of_the_folder(
    open_folder: Path, nobody: pwd.struct_passwd
) -> None:
    (open_folder / "data").mkdir(mode=0o700)
    os.chown(open_folder / "data", nobody.pw_uid, nobody.pw_gid)
    footing = find_footing(open_folder / "data")
    assert footing.identity in (
        f"user:{nobody.pw_uid}:{nobody.pw_gid}",  # where that user reaches the binaries
        f"inside:{nobody.pw_uid}:{nobody.pw_gid}",
    )
    with serving_postgres(open_folder / "data") as server:
        assert rows_after_adding_one(server.url) == 1
    lies_in_itself = footing.home == open_folder / "data"
    assert lies_in_itself or not may_start_it(nobody.pw_uid)
    owner = (footing.home / "postgres").stat().st_uid
    assert owner == (nobody.pw_uid if footing.owner else 0)


@as_root
def test_root_serves_a_folder_whose_owner_has_no_name_here(
    open_folder: Path, nobody: pwd.struct_passwd
) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir(mode=0o700)
    os.chown(data_dir, 54321, 54321)
    assert twice(data_dir, 0, 0) is None
    if may_start_it(54321):
        assert (data_dir / "postgres").stat().st_uid == 54321
    else:
        assert (find_footing(data_dir).home / "postgres").stat().st_uid == nobody.pw_uid


def may_start_it(uid: int) -> bool:
    """Whether this user reaches PostgreSQL where it is installed: not where our folder, or one
    above it, is open to root alone."""
    words = [str(installed_binaries() / "postgres"), "--version"]
    try:
        subprocess.run(
            words, check=True, cwd="/", capture_output=True, user=uid, group=uid, extra_groups=[]
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@as_root
def test_where_namespaces_are_refused_nobody_runs_it_in_the_folder(
    open_folder: Path, nobody: pwd.struct_passwd
) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir(mode=0o711)
    with serving_postgres(data_dir) as server:  # while they are not yet refused
        assert rows_after_adding_one(server.url) == 1
    choose = partial(find_footing, namespaces=False, refuge=open_folder / "refuge")
    (open_folder / "refuge").mkdir()
    for expected in (2, 3):
        with serving_postgres(data_dir, choose=choose) as server:
            assert rows_after_adding_one(server.url) == expected
        assert (data_dir / HOME / "postgres").stat().st_uid == nobody.pw_uid
    assert strays(data_dir / HOME / "postgres", "postgres") == []


@as_root
def test_where_nobody_cannot_reach_the_folder_the_cluster_lies_in_the_refuge(
    tmp_path: Path, open_folder: Path, nobody: pwd.struct_passwd
) -> None:
    choose = partial(find_footing, namespaces=False, refuge=open_folder)
    for expected in (1, 2):
        with serving_postgres(tmp_path, choose=choose) as server:
            place = Path((tmp_path / POINTER).read_text())
            assert place.parent == open_folder
            assert (place / "postgres").stat().st_uid == nobody.pw_uid
            assert rows_after_adding_one(server.url) == expected
    assert strays(place / "postgres", "postgres") == []
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / HOME).exists()


@as_root
def test_a_forgotten_data_folder_never_leads_to_the_cluster_of_another(
    tmp_path: Path, open_folder: Path
) -> None:
    footings: list[Footing] = []
    for _ in range(2):
        footings.append(find_footing(tmp_path, namespaces=False, refuge=open_folder))
        (tmp_path / POINTER).unlink()
    assert footings[0].home != footings[1].home


@as_root
def test_root_changes_no_permissions_on_the_way(tmp_path: Path) -> None:
    parents = [tmp_path, *tmp_path.parents]
    before = [path.stat().st_mode for path in parents]
    with serving_postgres(tmp_path):
        pass
    assert [path.stat().st_mode for path in parents] == before


def rows_after_adding_one(url: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (said text)")
        connection.execute("INSERT INTO words VALUES ('电梯坏了')")
        row = connection.execute("SELECT count(*) FROM words").fetchone()
    assert row is not None
    return int(row[0])
