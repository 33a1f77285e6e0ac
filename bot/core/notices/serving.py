"""What those who serve are told of issues. Facts, no sentence, no channel."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.core.notice import Notice
from bot.core.notices.everybody import Line
from bot.core.notices.joining import Contact, Newcomer
from bot.core.people import Named


@dataclass(frozen=True, slots=True)
class Assigned(Notice):
    """An issue is theirs, or their tier's; `added`: what was said beside the step to them."""

    no: int
    where: str
    pending: bool
    words: str
    due_at: datetime
    why: str  # opened, climbed, unfinished, gone, reported, reopened, moved, handed, urgent …
    mine: bool
    holder: Named
    added: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class SaidMore(Notice):
    """The resident's further words; `due_at`: when they must be answered, where a clock runs."""

    no: int
    where: str
    words: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UrgedToYou(Notice):
    no: int
    where: str
    words: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ToldAgain(Notice):
    """To the top, each time its own time runs out."""

    no: int
    where: str
    words: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NotDoneToday(Notice):
    """To the holder in the evening: it came today; is it done, or who tells the resident why?"""

    no: int
    where: str
    words: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NotExplained(Notice):
    """To the tier above, the next morning: not done on the day it came, and nobody said why."""

    no: int
    where: str
    words: str
    holder: Named
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DoneByOther(Notice):
    """To the holder: somebody else answered, took or resolved it; `did` is the history kind."""

    no: int
    by: Named
    did: str
    words: str


@dataclass(frozen=True, slots=True)
class VerdictTold(Notice):
    no: int
    where: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RelayConfirmed(Notice):
    """`noted`: filed by the speaker, so that there is nobody here to carry the words to."""

    no: int
    to: str
    joined: bool
    resolved: bool = False
    noted: bool = False


@dataclass(frozen=True, slots=True)
class WhichConversation(Notice):
    """Plain words that several conversations could be meant by; nothing was sent."""

    lines: tuple[Line, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class AskOwn(Notice):
    """Plain words with no conversation open: a report of their own? The words are kept."""


@dataclass(frozen=True, slots=True)
class TakenInHand(Notice):
    """`holder`: who holds it all the same, where that is not the speaker."""

    no: int
    to: str
    due_at: datetime
    holder: Named | None = None


@dataclass(frozen=True, slots=True)
class ResolvedNoted(Notice):
    no: int
    to: str


@dataclass(frozen=True, slots=True)
class ExtendedNoted(Notice):
    """`left`: how often it may be put off again on this tier; `noted`: filed by the speaker, so
    that there is nobody here to tell."""

    no: int
    to: str
    due_at: datetime
    left: int
    noted: bool = False


@dataclass(frozen=True, slots=True)
class NotSoFar(Notice):
    """延期 beyond what the tier allows, or until a time that is over (`past`)."""

    no: int
    latest: datetime
    past: bool = False


@dataclass(frozen=True, slots=True)
class NotSoOften(Notice):
    """延期 more often than the tier allows; `due_at` stays."""

    no: int
    times: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HandedNoted(Notice):
    """`tier`: the one that decides now, after three hand-overs that nobody took. `above`: somebody
    is there to have it next."""

    no: int
    to: str
    holder: Named
    tier: str = ""
    above: bool = True


@dataclass(frozen=True, slots=True)
class HandWhom(Notice):
    """转办 to nobody who could have it: `why` nobody (of this tier), several, away, theirs;
    `options`: whom it could go to."""

    no: int
    typed: str
    why: str
    tier: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UrgentNoted(Notice):
    """`already`: it was urgent before."""

    no: int
    to: str
    holder: Named
    due_at: datetime
    already: bool = False


@dataclass(frozen=True, slots=True)
class EscalatedNoted(Notice):
    no: int
    tier: str
    holder: Named


@dataclass(frozen=True, slots=True)
class AlreadyAtTop(Notice):
    no: int


@dataclass(frozen=True, slots=True)
class AboveYou(Notice):
    """上报 by somebody whose tier has already passed it on."""

    no: int
    tier: str


@dataclass(frozen=True, slots=True)
class FileHow(Notice):
    typed: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToDo(Notice):
    """`unreached`: those below the speaker whom no channel reaches."""

    lines: tuple[Line, ...]
    requests: tuple[Newcomer, ...]
    more: bool
    unreached: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Morning(Notice):
    """What falls due today, by number and time; `more` are not listed. It is over by noon."""

    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class GapLine:
    day: date
    hours: str


@dataclass(frozen=True, slots=True)
class DutyGap(Notice):
    """To a unit: when, in the coming week, nobody is on duty there; `more` gaps are not named."""

    unit: str
    gaps: tuple[GapLine, ...]
    more: int = 0
