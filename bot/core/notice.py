"""What every notice is: facts under a kind, said by somebody else. Knows none of them."""

import re
from dataclasses import dataclass
from functools import cache

NEW = 0  # as `no`: the number of the issue or request that the same decision opens

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Notice:
    """Base of all: `kind` is the class's name in snake_case."""

    @property
    def kind(self) -> str:
        return kind_of(type(self))


@cache
def kind_of(notice: type[Notice]) -> str:
    """`AskVerdict` → "ask_verdict"."""
    return _CAPITAL.sub("_", notice.__name__).lower()
