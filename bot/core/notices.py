"""Everything the service says of its own accord: facts, no sentence, no channel.

One frozen class a notice; `config/wording.toml` has the sentence under the class's `kind`.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.core.carrying import Saying
from bot.core.notice import NEW as NEW
from bot.core.notice import Notice as Notice
from bot.core.notice import kind_of as kind_of
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


# --- to whoever speaks -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcome(Notice):
    """After following or scanning: what is known of where they live; `pending`: not yet known."""

    pending: bool = False
    door: str | None = None
    home: str | None = None


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
    """A command for others: `word` is what was typed, `who` may use it."""

    word: str
    who: str


@dataclass(frozen=True, slots=True)
class NoSuch(Notice):
    """#no is nothing this person can act on; `others` are what they can."""

    no: int
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class NothingFor(Notice):
    """The command `word` has nothing it could be about now."""

    word: str


@dataclass(frozen=True, slots=True)
class Which(Notice):
    """The command `word` could be about several."""

    word: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class WordsMissing(Notice):
    """The command `word` needs words behind it; `example` shows how."""

    word: str
    example: str


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


# --- residents --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened(Notice):
    no: int
    holder: Named
    due_at: datetime
    tier: str
    next_tier: str | None
    bound: bool
    there: bool = True


@dataclass(frozen=True, slots=True)
class Continued(Notice):
    no: int
    holder: Named
    due_at: datetime
    state: str
    others: tuple[int, ...] = ()
    solo: bool = True


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
class StillAtTop(Notice):
    no: int
    holder: Named
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Relayed(Notice):
    """To the resident: what one who serves says."""

    no: int
    by: Named
    words: str


@dataclass(frozen=True, slots=True)
class Accepted(Notice):
    no: int
    by: Named
    due_at: datetime


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


@dataclass(frozen=True, slots=True)
class Urged(Notice):
    no: int
    holder: Named
    due_at: datetime
    told: bool


@dataclass(frozen=True, slots=True)
class Progress(Notice):
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """One whom a resident may turn to; `phone` None where it is not theirs to know."""

    who: Named
    phone: str | None


@dataclass(frozen=True, slots=True)
class MyLiaison(Notice):
    home: str
    pending: bool
    liaison: Contact | None
    above: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class NoHomeYet(Notice):
    door: str | None


@dataclass(frozen=True, slots=True)
class BindHow(Notice):
    door: str | None


@dataclass(frozen=True, slots=True)
class BindNotFound(Notice):
    typed: str
    door: str | None


@dataclass(frozen=True, slots=True)
class BindWhich(Notice):
    """Several homes match; `options` are addresses, offered as 甲 乙 丙."""

    options: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class BindAlready(Notice):
    home: str
    pending: bool


@dataclass(frozen=True, slots=True)
class BindAsked(Notice):
    """`asked` is who is to say 认识; None: nobody is there yet."""

    home: str
    asked: Named | None
    moved: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognised(Notice):
    home: str
    liaison: Contact | None


@dataclass(frozen=True, slots=True)
class NotRecognised(Notice):
    home: str


# --- those who serve ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assigned(Notice):
    """An issue is theirs, or their tier's; `added`: what was said beside the step to them."""

    no: int
    where: str
    pending: bool
    words: str
    due_at: datetime
    why: str  # opened, climbed, reported, reopened, moved
    mine: bool
    holder: Named
    added: str = ""


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
class JoinAsked(Notice):
    no: int
    home: str
    introduced_as: str | None
    after_silence: bool = False


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
    no: int
    to: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ResolvedNoted(Notice):
    no: int
    to: str


@dataclass(frozen=True, slots=True)
class ExtendedNoted(Notice):
    """`left`: how often it may be put off again on this tier."""

    no: int
    to: str
    due_at: datetime
    left: int


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
    lines: tuple[Line, ...]
    requests: tuple[Line, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Home:
    """A household in a liaison's list."""

    address: str
    contact: str | None
    phone: str | None
    joined: int


@dataclass(frozen=True, slots=True)
class MyHouseholds(Notice):
    homes: tuple[Home, ...]


@dataclass(frozen=True, slots=True)
class RecognisedNoted(Notice):
    no: int
    home: str
    known: bool


@dataclass(frozen=True, slots=True)
class Joined(Notice):
    """After 认领: as what and where; `held` issues already wait for them."""

    name: str
    posts: tuple[str, ...]
    held: int


@dataclass(frozen=True, slots=True)
class ClaimHow(Notice):
    pass


@dataclass(frozen=True, slots=True)
class ClaimRefused(Notice):
    """`why`: wrong, expired, used, taken (this WeChat already belongs to another in the roster)."""

    why: str
    left: int = 0


@dataclass(frozen=True, slots=True)
class ClaimLocked(Notice):
    until: datetime


@dataclass(frozen=True, slots=True)
class ClaimAlready(Notice):
    name: str


@dataclass(frozen=True, slots=True)
class Whole(Notice):
    """What was said in #no, in full."""

    no: int
    where: str
    sayings: tuple[Saying, ...]
    left: int = 0  # messages more, for the next time
