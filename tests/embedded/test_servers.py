"""Start, stop, kill and share the embedded servers; what was written stays."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.embedded import ServersError, borrow, start
from bot.embedded.strays import remove_strays, send, strays
from tests.embedded.keeping import Keeper
from tests.embedded.kept_data import Counts, add_one, counts


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder behind closed parents, its name long, with a space and in Chinese."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / ("户联网 data " + "x" * 90)
    yield folder
    assert left_running(folder) == []


def left_running(data_dir: Path) -> list[int]:
    postgres = strays(data_dir / "postgres", "postgres")
    return postgres + strays(data_dir / "redis", "valkey-server")


def eventually_none_running(data_dir: Path) -> bool:
    deadline = time.monotonic() + 20
    while left_running(data_dir) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not left_running(data_dir)


def test_what_was_written_is_there_at_the_next_start(data_dir: Path) -> None:
    with start(data_dir) as running:
        add_one(running.database_url, running.redis_url)
    assert left_running(data_dir) == []
    with start(data_dir) as running:
        assert counts(running.database_url, running.redis_url) == Counts(rows=1, entries=1)


def test_nobody_else_may_read_what_lies_in_the_folder(data_dir: Path) -> None:
    with start(data_dir):
        open_to_others = [path for path in data_dir.rglob("*") if path.stat().st_mode & 0o077]
    assert data_dir.stat().st_mode & 0o777 == 0o711  # to pass, not to look
    assert open_to_others == []


def test_passwords_are_not_on_any_command_line(data_dir: Path) -> None:
    with start(data_dir) as running:
        lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in left_running(data_dir)]
        passwords = json.loads((data_dir / "secrets.json").read_text()).values()
        assert all(word in running.database_url + running.redis_url for word in passwords)
        assert len(lines) > 2
        assert not any(word in line for word in passwords for line in lines)


def test_after_killing_everything_the_data_are_there(data_dir: Path) -> None:
    with Keeper(data_dir) as keeper:
        addresses = keeper.hear()
        add_one(addresses["database_url"], addresses["redis_url"])
        for pid in [keeper.process.pid, *left_running(data_dir)]:
            send(pid, signal.SIGKILL)
    assert (data_dir / "postgres" / "postmaster.pid").exists()
    with start(data_dir) as running:
        assert counts(running.database_url, running.redis_url) == Counts(rows=1, entries=1)


def test_a_lock_file_whose_number_another_process_has_by_now_does_not_matter(
    data_dir: Path,
) -> None:
    with start(data_dir) as running:
        add_one(running.database_url, running.redis_url)
        lock = (data_dir / "postgres" / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"]) as bystander:
        body = lock.partition("\n")[2]
        (data_dir / "postgres" / "postmaster.pid").write_text(f"{bystander.pid}\n{body}")
        with start(data_dir) as running:
            assert counts(running.database_url, running.redis_url).rows == 1
        assert bystander.poll() is None
        bystander.kill()


def test_servers_end_when_the_one_who_started_them_is_killed(data_dir: Path) -> None:
    with Keeper(data_dir) as keeper:
        addresses = keeper.hear()
        add_one(addresses["database_url"], addresses["redis_url"])
        assert len(left_running(data_dir)) > 2
        os.kill(keeper.process.pid, signal.SIGKILL)
        assert eventually_none_running(data_dir)
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_start_right_after_the_kill_waits_for_what_is_on_its_way_out(data_dir: Path) -> None:
    with Keeper(data_dir) as keeper:
        addresses = keeper.hear()
        add_one(addresses["database_url"], addresses["redis_url"])
        os.kill(keeper.process.pid, signal.SIGKILL)
        with start(data_dir) as running:
            assert counts(running.database_url, running.redis_url) == Counts(rows=1, entries=1)


def test_a_server_that_does_not_end_by_itself_is_ended(data_dir: Path) -> None:
    with start(data_dir):
        pass
    program = data_dir / "redis" / "valkey-server"
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o700)
    with subprocess.Popen([program, "60"], cwd=data_dir / "redis") as stubborn:
        remove_strays(data_dir / "redis", "valkey-server", grace_s=0.1)
        assert stubborn.wait(5) == -signal.SIGQUIT


def test_a_second_start_is_refused_in_one_line(data_dir: Path) -> None:
    with start(data_dir) as running:
        with Keeper(data_dir) as second:
            line = second.hear()["error"]
            assert second.end() == 1
        assert line == (
            f"DATA_DIR {data_dir} is in use by another `make run`; stop it, or set another DATA_DIR"
        )
        add_one(running.database_url, running.redis_url)


def test_a_folder_that_cannot_be_made_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServersError) as caught:
        start(tmp_path / "file" / "data")
    assert str(caught.value).startswith(f"DATA_DIR {tmp_path / 'file' / 'data'}: Not a directory;")


def test_a_database_of_another_version_is_left_alone(data_dir: Path) -> None:
    with start(data_dir):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServersError, match="PostgreSQL 16, we bring 18"):
        start(data_dir)
    (data_dir / "postgres" / "PG_VERSION").write_text("18\n")
    with start(data_dir):
        pass


def test_a_lost_password_is_told_in_one_line(data_dir: Path) -> None:
    with start(data_dir):
        pass
    (data_dir / "secrets.json").unlink()
    with pytest.raises(ServersError, match=r"secrets\.json: bring that file back"):
        start(data_dir)


def test_only_what_is_asked_for_is_started(data_dir: Path) -> None:
    with start(data_dir, postgres=False) as running:
        assert running.redis_url.startswith("redis://")
        assert not (data_dir / "postgres").exists()
        with pytest.raises(ServersError, match="set its DATABASE_URL here"):
            running.database_url.encode()


def test_a_command_borrows_the_servers_of_a_run_and_leaves_them_running(data_dir: Path) -> None:
    with start(data_dir, wechat_api_url="http://127.0.0.1:8010") as running:
        with borrow(data_dir) as borrowed:
            assert borrowed.addresses == running.addresses
            add_one(borrowed.database_url, borrowed.redis_url)
        assert counts(running.database_url, running.redis_url) == Counts(rows=1, entries=1)


def test_a_command_starts_the_servers_for_the_moment_where_none_run(data_dir: Path) -> None:
    with borrow(data_dir) as borrowed:
        add_one(borrowed.database_url, borrowed.redis_url)
    assert left_running(data_dir) == []


def test_a_second_command_shares_and_the_first_waits_for_it(data_dir: Path) -> None:
    with Keeper(data_dir, "borrow") as second:
        with borrow(data_dir) as first:
            shared = second.hear()
            assert first.database_url.startswith("postgresql://")
            ending = threading.Timer(0.5, second.process.communicate)
            ending.start()
            add_one(shared["database_url"], shared["redis_url"])
        # whichever of the two had the servers, both are through now or the other still has them
        ending.join()
        assert second.process.returncode == 0
    assert left_running(data_dir) == []


def test_many_commands_at_once_all_get_the_servers(data_dir: Path) -> None:
    with ExitStack() as all_of_them:
        keepers = [all_of_them.enter_context(Keeper(data_dir, "borrow")) for _ in range(4)]
        for keeper in keepers:
            addresses = keeper.hear()
            add_one(addresses["database_url"], addresses["redis_url"])
        for keeper in keepers:
            keeper.let_go()
        assert [keeper.end() for keeper in keepers] == [0, 0, 0, 0]
    with borrow(data_dir) as borrowed:
        assert counts(borrowed.database_url, borrowed.redis_url) == Counts(rows=4, entries=4)


def test_a_run_waits_for_a_command_that_has_the_folder(data_dir: Path) -> None:
    with Keeper(data_dir, "borrow") as command:
        command.hear()
        ending = threading.Timer(0.5, command.process.communicate)
        ending.start()
        with start(data_dir) as running:
            assert command.process.wait(10) == 0
            add_one(running.database_url, running.redis_url)
        ending.join()


def test_what_a_killed_run_announced_is_not_believed(data_dir: Path) -> None:
    with Keeper(data_dir) as keeper:
        keeper.hear()
        os.kill(keeper.process.pid, signal.SIGKILL)
        keeper.process.wait()
    assert (data_dir / "servers.json").exists()
    with borrow(data_dir) as borrowed:
        add_one(borrowed.database_url, borrowed.redis_url)
