"""One line of the result and how the lines are laid out. Knows nothing of what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What was measured, the figure with its unit, and the ratio that counts."""

    what: str
    figure: str
    beside: str = ""


def laid_out(lines: Sequence[Line]) -> str:
    what = max(len(line.what) for line in lines)
    figure = max(len(line.figure) for line in lines)
    rows = (f"{one.what:<{what}}  {one.figure:>{figure}}  {one.beside}" for one in lines)
    return "\n".join(row.rstrip() for row in rows)
