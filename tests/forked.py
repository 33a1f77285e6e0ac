"""Programs of ours without their start: forked off a process that has loaded what they import.

A start is a second and more of reading modules; tests that are about something else pay it once.
What comes after is the program's own: a process with its own environment, output and exit code.
Knows how such a process is made. Must not know what the program does.
"""

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from bot.embedded.launch import die_with
from config.settings import ROOT

# Nothing that a program runs as its own main module, which would be there twice, and no Prometheus
# client, which looks as it is loaded where the processes of one web count together.
_LOADED: Final = (
    *(f"bot.commands.{name}" for name in ("calendar", "dealing", "doctor", "ledger", "phones")),
    *("bot.commands.processes", "bot.commands.roster", "bot.commands.web"),
    *("bot.flow", "numpy", "ortools.graph.python.min_cost_flow"),
    *("flask", "bot.wechat.callback", "workers.jobs", "workers.listening", __name__),
)
_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(list(_LOADED))


class Forked:
    """`python -m module arguments`, begun at once; what it says is appended to the two files.

    It has a group of its own and does not outlive the tests, whatever becomes of them. Asked and
    told as subprocess.Popen is.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        errors: Path,
    ) -> None:
        given = (module, list(arguments), dict(environment), output, errors)
        self._process: BaseProcess = _CONTEXT.Process(target=_become, args=given)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise TimeoutError("it does not end")
        return code

    def terminate(self) -> None:
        self._process.terminate()


def _become(
    module: str, arguments: list[str], environment: dict[str, str], output: Path, errors: Path
) -> None:
    os.setsid()
    die_with(os.getppid(), signal.SIGTERM)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    for path, stream in ((output, 1), (errors, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, stream)
        os.close(opened)
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)
