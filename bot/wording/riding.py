"""What waits for a person and may ride on a reply, as it is said now.

Knows that what waited long may be over, or be said by a later notice as well; not how much a reply
holds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.late import Late, repeated
from bot.core.notices import Notice


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that may ride on a reply; `doubtful`: it may have arrived already. `late`: what
    it takes to say it anew, as `Late.of` reads it."""

    id: int
    text: str
    doubtful: bool
    late: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Rider:
    """One text, and the notices that it says."""

    ids: tuple[int, ...]
    text: str
    doubtful: bool


def riding(waiting: Sequence[Waiting], say: Callable[[Notice], str]) -> Iterator[Rider]:
    """What is said of these, in order. What is over is left to be withdrawn."""
    late = {one.id: Late.of(one.late) for one in waiting if one.late}
    passed = repeated((one.id, late.get(one.id)) for one in waiting)
    for one in waiting:
        found = late.get(one.id)
        if found is None:
            yield Rider((one.id,), one.text, one.doubtful)
        elif one.id not in passed and (notice := found.anew()) is not None:
            same = [id_ for id_ in passed if _about(late[id_]) == found.about]
            yield Rider((*same, one.id), say(notice), one.doubtful)


def _about(late: Late | None) -> object:
    return late.about if late else None
