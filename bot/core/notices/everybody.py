"""What anybody who speaks may be told. Facts, no sentence, no channel."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.core.carrying import Saying
from bot.core.notice import Notice
from bot.core.notices.joining import Newcomer
from bot.core.people import Named


@dataclass(frozen=True, slots=True)
class Line:
    """One issue in a list."""

    no: int
    state: str
    words: str
    where: str = ""
    holder: Named | None = None
    due_at: datetime | None = None  # None: closed
    next_tier: str | None = None


@dataclass(frozen=True, slots=True)
class Greeted(Notice):
    pass


@dataclass(frozen=True, slots=True)
class KeptForNow(Notice):
    """Kept, but nobody is in the roster yet who could be given it."""


@dataclass(frozen=True, slots=True)
class Help(Notice):
    resident: bool = True
    bound: bool = False
    liaison: bool = False
    staff: bool = False


@dataclass(frozen=True, slots=True)
class NotYours(Notice):
    """A command for others: `word` is what was typed, `who` may use it. `instead`: what the speaker
    may have wanted by it: "danger", "higher" or ""."""

    word: str
    who: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class NoSuch(Notice):
    """#no is nothing this person can act on; the others are what they can."""

    no: int
    lines: tuple[Line, ...] = ()
    requests: tuple[Newcomer, ...] = ()


@dataclass(frozen=True, slots=True)
class NothingFor(Notice):
    """The command `word` has nothing it could be about now; `kept`: the words behind it are, for
    the asking."""

    word: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class IsOver(Notice):
    """#no, which they typed, is an own issue that was closed; `again`: it can still go on. `kept`:
    the words beside the number are, for a new one."""

    no: int
    closed_on: date
    again: bool
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Which(Notice):
    """The command `word` could be about several, issues or joining requests. `answer`: a number
    alone carries it out; `kept`: with the words beside it."""

    word: str
    lines: tuple[Line, ...] = ()
    requests: tuple[Newcomer, ...] = ()
    answer: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class WordsMissing(Notice):
    """The command `word` needs words behind it; `example` shows how."""

    word: str
    example: str


@dataclass(frozen=True, slots=True)
class RunTogether(Notice):
    """Words that begin with the command `word`, but without a space behind it, so that they were
    words; `spaced` is how it would be heard."""

    word: str
    spaced: str


@dataclass(frozen=True, slots=True)
class NotNow(Notice):
    """#no is not in a state for `word`: `state` says where it stands."""

    no: int
    word: str
    state: str


@dataclass(frozen=True, slots=True)
class LastPush(Notice):
    """At the end of the last message that WeChat allows until the person acts. `left` more wait
    beside the `carried` before these words; `place` where they are about, "" for several."""

    carried: int
    place: str
    left: int


@dataclass(frozen=True, slots=True)
class Whole(Notice):
    """What was said in #no, in full."""

    no: int
    where: str
    sayings: tuple[Saying, ...]
    left: int = 0  # messages more, for the next time
