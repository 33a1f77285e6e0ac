"""What residents are told of their issues. Facts, no sentence, no channel."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.notice import Notice
from bot.core.notices.everybody import Line
from bot.core.people import Named


@dataclass(frozen=True, slots=True)
class Opened(Notice):
    no: int
    holder: Named
    due_at: datetime
    tier: str
    next_tier: str | None
    bound: bool
    there: bool = True
    danger: bool = False
    filed: str = ""  # the home for which somebody else says it


@dataclass(frozen=True, slots=True)
class Continued(Notice):
    no: int
    holder: Named
    due_at: datetime
    state: str
    others: tuple[int, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class NextGoes(Notice):
    """#no alone: what is said next goes there. `to` names whom it reaches."""

    no: int
    to: str


@dataclass(frozen=True, slots=True)
class MovedUp(Notice):
    """To the resident: who has it now, by when, who is next."""

    no: int
    tier: str
    holder: Named
    due_at: datetime
    next_tier: str | None


@dataclass(frozen=True, slots=True)
class HandedOver(Notice):
    """To the resident: who has it now."""

    no: int
    holder: Named
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StillAtTop(Notice):
    """`reached`: somebody who serves there was told again."""

    no: int
    holder: Named
    due_at: datetime
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Relayed(Notice):
    """To the resident: what one who serves says."""

    no: int
    by: Named
    words: str


@dataclass(frozen=True, slots=True)
class Accepted(Notice):
    """`holder`: who holds it all the same, where that is not `by`."""

    no: int
    by: Named
    due_at: datetime
    holder: Named | None = None


@dataclass(frozen=True, slots=True)
class Extended(Notice):
    """To the resident: it cannot be done in time, until when and why."""

    no: int
    by: Named
    due_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class AskVerdict(Notice):
    no: int
    by: Named
    words: str


@dataclass(frozen=True, slots=True)
class VerdictReminder(Notice):
    no: int
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class ClosedBySilence(Notice):
    no: int


@dataclass(frozen=True, slots=True)
class Thanked(Notice):
    """The verdict is noted and the issue closed."""

    no: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Reopened(Notice):
    no: int
    tier: str
    holder: Named
    due_at: datetime
    next_tier: str | None
    danger: bool = False


@dataclass(frozen=True, slots=True)
class MadeUrgent(Notice):
    """To the resident: it is urgent now; and whom to ring where somebody is in danger."""

    no: int
    holder: Named
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Urged(Notice):
    no: int
    holder: Named
    due_at: datetime
    told: bool
    more: bool = False  # there were words with it, which the holder gets in any case


@dataclass(frozen=True, slots=True)
class Progress(Notice):
    lines: tuple[Line, ...]
