"""`python -m tests.bench [PART | --behind [CLOSED]]`: prints a small table. Nothing is asserted;
see the package's words. A part is measured alone; `--behind` measures what years of rows cost
instead, which takes minutes."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot import logs
from bot.embedded import start
from tests.bench import (
    behind,
    damage,
    dealing,
    deliveries,
    escalations,
    messages,
    quota,
    rosters,
    whole,
)
from tests.bench.ground import Ground, a_ground, tell
from tests.bench.table import Line, laid_out

_Part = Callable[[Ground, Path], list[Line]]


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("part", nargs="?", choices=_PARTS, help="only this")
    asked.add_argument(
        "--behind",
        type=int,
        nargs="?",
        const=behind.CLOSED,
        metavar="CLOSED",
        help="with so many closed issues, a million unless said otherwise",
    )
    logs.set_up("ERROR")
    logging.disable(logging.WARNING)
    chosen = asked.parse_args()
    with TemporaryDirectory() as name:
        lines = _measured(Path(name), chosen.part, chosen.behind)
    sys.stdout.write(laid_out(lines) + "\n")


def _measured(folder: Path, part: str | None, closed: int | None) -> list[Line]:
    if closed:
        years = partial(_with_years_behind, closed=closed)
        return _on_a_ground(folder, {"behind": years})
    if part:
        return _on_a_ground(folder, {part: _PARTS[part]})
    tell("the whole at rest ...")
    lines = whole.at_rest(_new(folder / "run")) + _on_a_ground(folder, _PARTS)
    tell("dealing ...")
    return lines + dealing.dealt(_new(folder / "dealing"))


def _on_a_ground(folder: Path, parts: Mapping[str, _Part]) -> list[Line]:
    lines = list[Line]()
    with (
        start(_new(folder / "servers")) as servers,
        a_ground(servers.database_url, servers.redis_url, _new(folder / "ground")) as ground,
    ):
        for name, part in parts.items():
            tell(f"{name} ...")
            lines += part(ground, folder)
    return lines


def _phones(ground: Ground, folder: Path) -> list[Line]:
    return whole.from_phone_to_phone(ground, _new(folder / "district"))


def _messages(ground: Ground, folder: Path) -> list[Line]:
    return messages.in_process(ground) + messages.over_http(ground, _new(folder / "web"))


def _escalations(ground: Ground, folder: Path) -> list[Line]:
    at_once = escalations.at_once(ground)[0]
    return at_once + escalations.in_a_stream(ground, _new(folder / "stream"))


def _pushes(ground: Ground, _: Path) -> list[Line]:
    return deliveries.to_a_slow_wechat(ground)[0] + quota.under_quota(ground)


def _rosters(ground: Ground, folder: Path) -> list[Line]:
    return rosters.loaded(ground, _new(folder / "rosters"))


def _damage(ground: Ground, _: Path) -> list[Line]:
    return damage.damaged(ground)


def _with_years_behind(ground: Ground, folder: Path, closed: int) -> list[Line]:
    return behind.with_years_behind(ground, _new(folder / "stream"), closed)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


_PARTS: Final[Mapping[str, _Part]] = {
    "phones": _phones,
    "messages": _messages,
    "escalations": _escalations,
    "pushes": _pushes,
    "rosters": _rosters,
    "damage": _damage,
}


if __name__ == "__main__":
    main()
