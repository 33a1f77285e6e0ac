"""What is said about who looks after whom: leave, cover, new liaisons, plans, what is lacking.

Facts under a kind, as in `notices`; the sentences stand in `config/wording.toml`. Lists of homes
are cut to what a phone shows, their number stands beside them.
"""

from dataclasses import dataclass
from datetime import date, datetime

from bot.core.notice import Notice
from bot.core.notices.joining import Contact
from bot.core.people import Named

Until = datetime | date
"""A day where the leave lasts to its end."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of something with this person, or in this unit."""

    name: str
    count: int


# --- leave and cover -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeaveHow(Notice):
    """`why`: missing, unread, past, far."""

    why: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class LeaveBegun(Notice):
    """`left` households are their grid's meanwhile, for nobody has room."""

    until: Until
    covered: tuple[Share, ...]
    left: int
    homes: int


@dataclass(frozen=True, slots=True)
class LeaveOver(Notice):
    """Back, at a word or by itself."""

    homes: int


@dataclass(frozen=True, slots=True)
class NotOnLeave(Notice):
    pass


@dataclass(frozen=True, slots=True)
class Cover:
    """Homes of one liaison; `name` None where they have none, `until` how long that one is away."""

    name: str | None
    until: Until | None
    doors: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class CoverBegun(Notice):
    """To who covers: whose households, and how long."""

    covers: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class CoverOver(Notice):
    """To who covered: these are theirs no more."""

    covers: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class NowCovered(Notice):
    """To a resident; `cover` None: their grid."""

    home: str
    liaison: Named
    until: Until
    cover: Named | None


@dataclass(frozen=True, slots=True)
class BackAgain(Notice):
    """To a resident: their own liaison is there again."""

    home: str
    liaison: Named


@dataclass(frozen=True, slots=True)
class GridHas(Notice):
    """To a grid: households that it looks after from now on."""

    covers: tuple[Cover, ...]


# --- another liaison --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewLiaison(Notice):
    """To a resident; `liaison` None: their grid. `cover` stands in until `until`."""

    home: str
    liaison: Contact | None
    cover: Named | None = None
    until: Until | None = None


@dataclass(frozen=True, slots=True)
class HouseholdsChanged(Notice):
    """To a liaison, in one message: what is theirs now, what is theirs no more and whose it is."""

    to: tuple[str, ...]
    gained: tuple[str, ...]
    gained_count: int
    lost: tuple[str, ...]
    lost_count: int


@dataclass(frozen=True, slots=True)
class ServesNow(Notice):
    """To a liaison whom staff stopped, whose households are `to` others, or who serves again."""

    serving: bool
    to: tuple[str, ...] = ()


# --- to staff -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DealingBusy(Notice):
    """Somebody else is changing the same at this moment."""


@dataclass(frozen=True, slots=True)
class NameMissing(Notice):
    word: str


@dataclass(frozen=True, slots=True)
class NobodyNamed(Notice):
    """No liaison of this name in what the speaker may decide on."""

    word: str
    typed: str


@dataclass(frozen=True, slots=True)
class WhichLiaison(Notice):
    """Several of one name; nothing was done. `options` is how to say each."""

    word: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServingAlready(Notice):
    name: str
    serving: bool


@dataclass(frozen=True, slots=True)
class ServingSet(Notice):
    """`moved` households have another liaison now; `uncovered` of them none."""

    name: str
    serving: bool
    moved: int
    uncovered: int


@dataclass(frozen=True, slots=True)
class GiveHow(Notice):
    """指派 or 取消指派 that names no household of the speaker's, or several."""

    word: str
    typed: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveRefused(Notice):
    """`why`: full, elsewhere, stopped, same."""

    why: str
    name: str
    home: str


@dataclass(frozen=True, slots=True)
class Given(Notice):
    home: str
    name: str
    before: str | None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Freed(Notice):
    home: str
    was_fixed: bool


@dataclass(frozen=True, slots=True)
class WhichCommunity(Notice):
    word: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """A liaison on leave: who covers, and how many households are left to their grid."""

    name: str
    until: Until
    shares: tuple[Share, ...]
    left: int


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Households that would go from one to another; `before` or `to` None: nobody."""

    doors: tuple[str, ...]
    count: int
    before: str | None
    to: str | None
    why: str


@dataclass(frozen=True, slots=True)
class PlanShown(Notice):
    """What 分配 would do. `more` lines are not shown; `mine`: the asker may say 确认."""

    lines: tuple[PlanLine, ...]
    more: int
    moved: int
    first: int
    uncovered: int
    mine: bool
    until: datetime
    away: tuple[Away, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanNothing(Notice):
    households: int
    uncovered: int


@dataclass(frozen=True, slots=True)
class PlanGone(Notice):
    """Shown too long ago, or never."""


@dataclass(frozen=True, slots=True)
class PlanStale(Notice):
    """The facts have changed since it was shown; nothing was done."""


@dataclass(frozen=True, slots=True)
class PlanDone(Notice):
    moved: int
    first: int
    uncovered: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """How one grid stands: `alone` says where the uncovered are, by door."""

    unit: str
    homes: int
    liaisons: int
    uncovered: int
    alone: tuple[Share, ...]
    under: tuple[Share, ...]
    over: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Lacking:
    """So many further liaisons in this community at least, and where."""

    unit: str
    liaisons: int
    wants: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class CoverageShown(Notice):
    homes: int
    covered: int
    lines: tuple[UnitLine, ...]
    more: int
    lacking: tuple[Lacking, ...]
    away: tuple[Away, ...] = ()
