"""The same again with years behind it: a million closed issues, ten million history entries.

Knows what is measured twice. A part of `make bench` only where it is asked for: making the rows
takes minutes.
"""

from pathlib import Path
from typing import Final

from bot.bootstrap import utc_now
from tests.bench import deliveries, escalations, waiting
from tests.bench.ground import Ground, tell
from tests.bench.table import Line

_CLOSED: Final = 1_000_000
_ENTRIES: Final = 10
_DUE: Final = 30_000


def with_years_behind(ground: Ground, folder: Path) -> list[Line]:
    """Each rate on the empty database, then with all that behind it."""
    url = ground.settings.database_url or ""
    _, steps = escalations.at_once(ground, _DUE)
    _, pushes = deliveries.to_a_slow_wechat(ground)
    tell(f"{_CLOSED} closed issues, {_CLOSED * _ENTRIES} history entries ...")
    waiting.lie_behind(url, _CLOSED, utc_now(), history=_ENTRIES)
    waiting.settle(url)
    tell("the same again ...")
    _, steps_later = escalations.at_once(ground, _DUE)
    _, pushes_later = deliveries.to_a_slow_wechat(ground)
    behind = f"{_CLOSED / 1e6:.0f} m closed, {_CLOSED * _ENTRIES / 1e6:.0f} m entries behind"
    return [
        _beside(f"escalations, {behind}", steps_later, steps),
        _beside(f"pushes, {behind}", pushes_later, pushes),
        *escalations.in_a_stream(ground, folder),
    ]


def _beside(what: str, later: float, empty: float) -> Line:
    return Line(what, f"{later:.0f} /s", f"{later / empty:.0%} of {empty:.0f} /s on the empty one")
