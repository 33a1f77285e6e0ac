"""The same again with years behind it: closed issues by the million, with ten history entries each.

Knows what is measured twice. A part of `make bench` only where it is asked for: making the rows
takes minutes.
"""

import time
from pathlib import Path
from typing import Final

from bot.bootstrap import utc_now
from tests.bench import deliveries, escalations, messages, waiting
from tests.bench.ground import Ground, tell
from tests.bench.table import Line

CLOSED: Final = 1_000_000
_ENTRIES: Final = 10
_DUE: Final = 30_000
_MESSAGES: Final = 1_000


def with_years_behind(ground: Ground, folder: Path, closed: int = CLOSED) -> list[Line]:
    """Each rate on the empty database, then with all that behind it."""
    url = ground.settings.database_url or ""
    before = _rates(ground)
    tell(f"{closed} closed issues, {closed * _ENTRIES} history entries ...")
    began = time.monotonic()
    waiting.lie_behind(url, closed, utc_now(), history=_ENTRIES)
    waiting.settle(url)
    tell(f"... took {time.monotonic() - began:.0f} s; the same again ...")
    behind = f"{closed / 1e6:g} m closed, {closed * _ENTRIES / 1e6:g} m entries behind"
    return [
        *(
            Line(f"{what}, {behind}", f"{later:.0f} /s", f"{later / empty:.0%} of {empty:.0f} /s")
            for (what, later), empty in zip(_rates(ground).items(), before.values(), strict=True)
        ),
        *escalations.in_a_stream(ground, folder),
    ]


def _rates(ground: Ground) -> dict[str, float]:
    """Of each path, so many a second."""
    desk = messages.received_by_the_desk(ground, ground.residents(_MESSAGES))
    _, steps = escalations.at_once(ground, _DUE)
    _, pushes = deliveries.to_a_slow_wechat(ground)
    return {"messages, one thread": desk, "escalations": steps, "pushes": pushes}
