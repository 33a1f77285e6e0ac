"""Becomes another program: as whom it runs and that it dies with its parent.

Started as a script by path, so it imports the standard library only, and nothing of ours.

    python -I -S launch.py PARENT_PID SIGNAL IDENTITY PROGRAM [ARGUMENT...]

IDENTITY is one of
    plain             whoever we are
    inside:UID:GID    a user namespace in which we carry that uid and gid: PostgreSQL no longer
                      sees root, while files keep their owner and folders closed to others stay
                      reachable, so nobody's permissions change
    user:UID:GID      that user, for good (root only)
or two of them joined by `+`, taken in that order.

When PARENT_PID's thread that started us ends, the kernel sends SIGNAL (prctl(2),
PR_SET_PDEATHSIG). It is asked for last, because a change of credentials takes it back.
PROGRAM `probe` checks instead, printing nothing: exit 0 when every ARGUMENT of the form `x:PATH`
can be executed and every `w:PATH` can be written and entered by the identity.
"""

import ctypes
import os
import sys
from typing import NoReturn

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
LIBC = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> NoReturn:
    parent, signal_number, identity, program, *rest = arguments
    become(identity)
    if program == "probe":
        sys.exit(0 if all(reachable(wish) for wish in rest) else 1)
    die_with(int(parent), int(signal_number))
    os.execv(program, [program, *rest])  # noqa: S606 - no shell is wanted


def become(identity: str) -> None:
    """Take the identity; raises OSError where the kernel or our rights do not allow it."""
    for part in identity.split("+"):
        take(part)


def take(identity: str) -> None:
    kind, _, numbers = identity.partition(":")
    if kind == "plain":
        return
    uid, gid = (int(number) for number in numbers.split(":"))
    if kind == "inside":
        enter_namespace(uid, gid)
    else:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        # Or /proc/self stays root's, and what may follow cannot write its maps (proc(5)).
        prctl(PR_SET_DUMPABLE, 1)


def enter_namespace(uid: int, gid: int) -> None:
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # The order is the kernel's: a gid map of one's own needs setgroups denied (user_namespaces(7)).
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"{uid} {outer_uid} 1")
    write("/proc/self/gid_map", f"{gid} {outer_gid} 1")


def write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)


def die_with(parent: int, signal_number: int) -> None:
    prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:  # it was gone before we asked
        sys.exit(1)


def prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        LIBC.prctl(option, value, 0, 0, 0)


def reachable(wish: str) -> bool:
    kind, _, path = wish.partition(":")
    return os.access(path, os.X_OK if kind == "x" else os.W_OK | os.X_OK)


if __name__ == "__main__":
    main(sys.argv[1:])
