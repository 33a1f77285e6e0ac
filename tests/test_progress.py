"""The bar of a long load: it moves on a terminal, tells a line elsewhere, and goes in the end."""

import io
import re

import pytest

from bot.commands.progress import Bar
from bot.desk.rosters import Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STEPS = [(step, part) for step in Step for part in (0.0, 0.5, 1.0)]


@pytest.mark.parametrize("out", [Terminal(), io.StringIO()])
def test_it_only_ever_grows_and_names_the_step(out: io.StringIO) -> None:
    bar = Bar(out)
    for step, part in STEPS:
        bar.told_at -= 60  # as if the last was told a minute ago
        bar(step, part)
    bar.end()
    parts = [int(found) for found in re.findall(r"([0-9]+)%", out.getvalue())]
    assert parts == sorted(parts)
    assert (parts[0], parts[-1], len(parts)) == (0, 100, len(STEPS))
    for name in ("读取", "核对", "写入", "分户"):
        assert name in out.getvalue()


def test_a_terminal_is_left_as_it_was() -> None:
    out = Terminal()
    bar = Bar(out)
    bar.told_at -= 60
    bar(Step.READING, 0.5)
    bar.end()
    assert "\n" not in out.getvalue()
    assert out.getvalue().endswith("\r\033[K")


def test_what_is_over_soon_says_nothing_where_nobody_watches() -> None:
    out = io.StringIO()
    bar = Bar(out)
    for step, part in STEPS:
        bar(step, part)
    bar.end()
    assert out.getvalue() == ""
