"""What WeChat still lets us push to a person: counted from what they did and what was pushed.

Knows WeChat's allowances (shared platform notes 0.1, 0.2); not codes, rows or channels' insides.
The count errs on the side of less: a push that the platform would refuse costs the person time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.messages import Kind, Said


class Act(StrEnum):
    """What a person did that lets us push."""

    WORDS = "words"
    MENU = "menu"  # a menu below the chat, or a line of one in it, though that comes as text
    FOLLOW = "follow"
    SCAN = "scan"


ALLOWED: Final[Mapping[Act, tuple[int, timedelta]]] = {
    Act.WORDS: (5, timedelta(hours=48)),
    Act.MENU: (3, timedelta(minutes=1)),
    Act.FOLLOW: (3, timedelta(minutes=1)),
    Act.SCAN: (3, timedelta(minutes=1)),
}
"""How many messages, and for how long. Source: WeChat's customer-service messages, 2023-06."""

LONGEST: Final = max(lasts for _, lasts in ALLOWED.values())
CHAT: Final = "chat"
"""The channel that these allowances are for."""

_KINDS: Final = {Kind.MENU: Act.MENU, Kind.FOLLOW: Act.FOLLOW, Kind.SCAN: Act.SCAN}
# Between WeChat's clock and ours, and between an act and its arrival here: a refusal that came
# so soon after an act may have been an answer to the time before it.
_APART: Final = timedelta(seconds=30)


# A push is on its way for a while, and WeChat tells the moment of an act in whole seconds.
EARLY: Final = timedelta(seconds=2)
"""So much before its end an allowance counts as over."""


class Repeat(StrEnum):
    """What the same act does a second time; WeChat does not say which."""

    RESET = "reset"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One attempt: how many messages of it went out or may have."""

    at: datetime
    messages: int = 1


@dataclass(frozen=True, slots=True)
class Consented:
    """A yes to notices of one template: `remaining` how many more; `lasting` whether it is good for
    any number, None while nothing has shown it."""

    remaining: int
    lasting: bool | None = None

    @property
    def holds(self) -> bool:
        """Whether one may be sent. WeChat does not tell which kind a yes was: after the first
        notice a second one finds out."""
        return self.remaining > 0 or self.lasting is not False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one person.

    `wrote`: when they last sent words, in any order; `touched`: the last of their lesser acts;
    both None or empty where nothing was ever noted. `chat`: messages in the chat of the last
    LONGEST. `refused_by`: when a channel last said that it cannot reach them. `doubted`: since when
    a channel's answers have been lost, where the last was. `consents` by template.
    """

    wrote: tuple[datetime, ...] | None = None
    touched: tuple[Act, datetime] | None = None
    chat: tuple[Pushed, ...] = ()
    refused_by: Mapping[str, datetime] = field(default_factory=dict)
    doubted: Mapping[str, datetime] = field(default_factory=dict)
    consents: Mapping[str, Consented] = field(default_factory=dict)


def granted_by(said: Said) -> Act | None:
    """What allows pushes in this act, None where nothing does."""
    if said.by_platform:
        return None
    if said.tapped:
        return Act.MENU
    return Act.WORDS if said.is_words else _KINDS.get(said.kind)


def left(known: Known, now: datetime, repeat: Repeat = Repeat.RESET) -> int | None:
    """How many messages may still be pushed into the chat now.

    None where nothing was ever noted of the person: then WeChat has to be asked. What several
    kinds of act allow is not added up: the most that one of them allows counts.
    """
    if refused(known, CHAT):
        return 0
    if known.wrote is None and known.touched is None:
        return None
    wrote = sorted(known.wrote or ())
    counts = [_left(Act.WORDS, wrote[-1:] if repeat is Repeat.RESET else wrote, known, now)]
    if known.touched:
        act, at = known.touched
        counts.append(_left(act, [at], known, now))
    return max(counts)


def refused(known: Known, channel: str) -> bool:
    """Whether this channel has said that it cannot reach them, and they did nothing since."""
    at = known.refused_by.get(channel)
    acts = [*(known.wrote or ()), *([known.touched[1]] if known.touched else [])]
    return at is not None and all(act + _APART < at for act in acts)


@dataclass
class _Grant:
    """An allowance: `rest` messages from `at` until `until`."""

    at: datetime
    until: datetime
    rest: int


def _left(act: Act, moments: Iterable[datetime], known: Known, now: datetime) -> int:
    """Of what this act allowed at those moments, taken from the oldest first as WeChat does."""
    count, lasts = ALLOWED[act]
    refused_at = known.refused_by.get(CHAT)
    grants = [_Grant(at, at + lasts - EARLY, count) for at in moments]
    if refused_at:
        grants = [grant for grant in grants if grant.at + _APART >= refused_at]
    for push in sorted(known.chat, key=lambda one: one.at):
        _take(push, grants)
    return sum(grant.rest for grant in grants if now < grant.until)


def _take(push: Pushed, grants: Iterable[_Grant]) -> None:
    wanted = push.messages
    for grant in grants:
        if grant.at <= push.at < grant.until:
            taken = min(wanted, grant.rest)
            grant.rest -= taken
            wanted -= taken
