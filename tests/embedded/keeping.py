"""Another process that has the servers, run by whom and as the test likes."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from config.settings import ROOT


class Keeper:
    """tests/embedded/keeper.py at work; leaving it kills it, `end` lets it stop its servers."""

    def __init__(
        self,
        data_dir: Path,
        how: str = "run",
        *,
        program: str = sys.executable,
        variables: Mapping[str, str] | None = None,
        user: tuple[int, int] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            [program, "-m", "tests.embedded.keeper", str(data_dir), how],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
        )

    def hear(self) -> dict[str, Any]:
        """Its addresses, once it has the servers, or its `error`."""
        assert self.process.stdout is not None
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said

    def let_go(self) -> None:
        """Let it stop its servers, without waiting for that."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.stdin = None

    def end(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
