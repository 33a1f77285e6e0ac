"""What is said of who belongs where: homes, liaisons, codes. Facts, no sentence, no channel."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.notice import Notice
from bot.core.people import Named


@dataclass(frozen=True, slots=True)
class Welcome(Notice):
    """After following or scanning: what is known of where they live; `pending`: not yet known."""

    pending: bool = False
    door: str | None = None
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One whom a resident may turn to; `phone` None where it is not theirs to know."""

    who: Named
    phone: str | None


@dataclass(frozen=True, slots=True)
class MyLiaison(Notice):
    """`away`: the liaison is not there, and nobody covers for them."""

    home: str
    pending: bool
    liaison: Contact | None
    above: tuple[Contact, ...]
    cover: Contact | None = None
    away: bool = False


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


@dataclass(frozen=True, slots=True)
class JoinAsked(Notice):
    no: int
    home: str
    introduced_as: str | None
    after_silence: bool = False


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A joining request in a list: who waits for 认识 or 不认识, and for which home."""

    no: int
    home: str
    introduced_as: str | None


@dataclass(frozen=True, slots=True)
class Home:
    """A household in a liaison's list; `away` is whose it is, where they only cover it."""

    address: str
    contact: str | None
    phone: str | None
    joined: int
    away: str | None = None


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
