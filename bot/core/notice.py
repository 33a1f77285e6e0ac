"""What every notice is: facts under a kind, said by somebody else. Knows none of them."""

import re
from dataclasses import dataclass
from typing import ClassVar

NEW = 0  # as `no`: the number of the issue or request that the same decision opens

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Notice:
    """Base of all: `kind` is the class's name in snake_case, `AskVerdict` → "ask_verdict"."""

    kind: ClassVar[str] = "notice"

    def __init_subclass__(cls) -> None:
        cls.kind = _CAPITAL.sub("_", cls.__name__).lower()
