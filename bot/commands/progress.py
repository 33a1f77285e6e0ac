"""How far a long command has come, on stderr: a bar that moves, or a line now and then where nobody
looks at a terminal. What is over soon says nothing.

Knows how long the steps of a load take beside each other. Must not know what is done in them.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO

from bot.desk.rosters import Step, Told

_WIDTH: Final = 30
_REDRAWN: Final = 0.1  # seconds
_TOLD: Final = 5.0  # seconds, where there is no terminal
_NAMES: Final[Mapping[Step, str]] = {
    Step.READING: "读取表格",
    Step.CHECKING: "核对每一行",
    Step.WRITING: "写入",
    Step.DEALING: "分户",
}
# Of a whole load: 200,000 households, a quarter of a minute.
_SHARES: Final[Mapping[Step, float]] = {
    Step.READING: 0.35,
    Step.CHECKING: 0.25,
    Step.WRITING: 0.2,
    Step.DEALING: 0.2,
}


@dataclass
class Bar:
    """Call it as often as there is something to say; it draws no more often than is of use."""

    out: TextIO
    told_at: float = field(default_factory=time.monotonic)

    def __call__(self, step: Step, part: float) -> None:
        now = time.monotonic()
        if now - self.told_at < (_REDRAWN if self.out.isatty() else _TOLD):
            return
        self.told_at = now
        self._tell(step, _whole(step, part))

    def _tell(self, step: Step, whole: float) -> None:
        words = f"{whole:4.0%} {_NAMES[step]}"
        if self.out.isatty():
            full = round(whole * _WIDTH)
            self.out.write(f"\r\033[K[{'#' * full}{'-' * (_WIDTH - full)}]{words}")
        else:
            self.out.write(f"{words.strip()}\n")
        self.out.flush()

    def end(self) -> None:
        if self.out.isatty():
            self.out.write("\r\033[K")
            self.out.flush()


def _whole(step: Step, part: float) -> float:
    steps = list(Step)
    before = sum(_SHARES[one] for one in steps[: steps.index(step)])
    return min(1.0, before + _SHARES[step] * part)


@contextmanager
def shown() -> Iterator[Told]:
    """Give what is yielded to `load_roster`; the bar is gone at the end, whatever came of it."""
    bar = Bar(sys.stderr)
    try:
        yield bar
    finally:
        bar.end()
