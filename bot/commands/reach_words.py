"""What `doctor` says of people whom nothing reaches, and of notices that did not arrive for sure.

Knows the sentences for operators; not how it was found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.commands.findings import Check, Level
from bot.store.unreached import Unreached

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Who serves and is out of reach, and the issues whose notices are stuck or in doubt."""

    people: Sequence[Unreached]
    stuck: Sequence[int]
    unknown: Sequence[int]


def checks(found: OutOfReach) -> Iterator[Check]:
    """One line for people; one for the issues to look at."""
    if found.people:
        named = "、".join(f"{one.unit}{one.post}{one.name}" for one in found.people[:_SHOWN])
        more = "等" if len(found.people) > _SHOWN else ""
        words = (
            f"联系不上{named}{more}：手上的事已转给别人，"
            "请打电话，请他们给公众号回一个字（取消了关注的请重新关注）。"
        )
        yield Check("reach", Level.WARN, words)
    else:
        yield Check("reach", Level.OK, "已加入的联络员和工作人员都联系得上。")
    parts = [
        f"{what}：{_numbers(numbers)}"
        for what, numbers in (("送不到", found.stuck), ("不知是否送到", found.unknown))
        if numbers
    ]
    if parts:
        words = "；".join(parts) + "：用 python -m bot issue 编号 看是给谁的、什么话。"
        yield Check("notices_of", Level.WARN, words)


def _numbers(numbers: Sequence[int]) -> str:
    shown = "、".join(f"#{no}" for no in numbers[:_SHOWN])
    return f"{shown} 等" if len(numbers) > _SHOWN else shown
