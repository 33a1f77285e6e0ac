"""What `doctor` says of the duty roster: units with gaps in the coming week.

Knows the sentences for operators; not how a gap is found.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.commands.findings import Check, Level
from bot.core.duty import Gap

_SHOWN: Final = 3


def check(found: Mapping[str, Sequence[Gap]]) -> Check:
    """`found`: the gaps of each unit, by its name."""
    if not found:
        return Check("duty", Level.OK, "未来一周的值班没有空档。")
    words = "；".join(
        f"{unit} {'、'.join(f'{gap.day} {gap.hours}' for gap in gaps[:_SHOWN])}"
        + (f" 等 {len(gaps)} 段" if len(gaps) > _SHOWN else "")
        for unit, gaps in list(found.items())[:_SHOWN]
    )
    more = f"等 {len(found)} 个单位" if len(found) > _SHOWN else ""
    text = f"未来一周值班有空档：{words}{more}。空档里按花名册的顺序派给人；请补好“值班”表再 load。"
    return Check("duty", Level.WARN, text)
