"""How fast time runs out in a story, as a tiers file says it.

Knows the keys of the file. Must not know what is told in the time.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.workdays import CHINA

_TIERS: Final = (
    *(("liaison", "", "联络员"), ("grid", "网格", "网格")),
    *(("community", "社区", "社区"), ("subdistrict", "街道", "街道")),
)
_WALL, _WORKING = 'clock = "wall"', 'clock = "working"\ndays = "all"\nhours = ["00:00-24:00"]'


@dataclass(frozen=True)
class Pace:
    """`at_night`: it is night now and for an hour to come, and tiers do not work round the clock.
    Else they do: a wall clock knows no quiet hours."""

    answer: str = "10m"
    answer_above: str | None = None  # the tiers above the liaison, where they have another
    handle: str = "20m"
    closes: str = "30m"
    reminds: tuple[str, ...] = ("10m", "20m")
    urgent: str = "15m"
    at_night: bool = False

    def tiers(self) -> str:
        """A tiers file with the usual four tiers."""
        return "".join(
            (
                '[clock]\ntick = "0.5s"\n',
                f'[closing]\nafter = "{self.closes}"\nremind = {json.dumps(self.reminds)}\n',
                f'[urgent]\nanswer_within = "{self.urgent}"\n',
                f"[quiet]\nhours = {json.dumps(self._night())}\n",
                *(self._tier(*one) for one in _TIERS),
            )
        )

    def _tier(self, key: str, level: str, name: str) -> str:
        served_by = f'level = "{level}"\n' if level else ""
        answer = (level and self.answer_above) or self.answer
        return (
            f'[[tier]]\nkey = "{key}"\n{served_by}name = "{name}"\n'
            f"{_WORKING if self.at_night else _WALL}\n"
            f'answer_within = "{answer}"\nhandle_within = "{self.handle}"\n'
        )

    def _night(self) -> list[str]:
        if not self.at_night:
            return []
        hour, now = timedelta(hours=1), datetime.now(UTC).astimezone(CHINA)
        return [f"{now - hour:%H:%M}-{now + hour:%H:%M}"]


PATIENT: Final = Pace()
WAITS: Final = timedelta(minutes=10)
"""How long a tier of PATIENT may take to answer."""
HASTY_S: Final = 2
HASTY: Final = Pace(answer=f"{HASTY_S}s")
ONE_STEP: Final = Pace(answer="1s", answer_above="10m")
NIGHT: Final = Pace(answer="6h", handle="12h", at_night=True)
