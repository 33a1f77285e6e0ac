"""What is handed to a channel, and what a channel is. Knows no channel by name."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from bot.core.announcement import Announcement
from bot.core.delivery import About, Try
from bot.core.outcome import Outcome, Refused
from bot.core.reach import Known

BETWEEN: Final = "\n\n"
"""Between notices that go together."""


@dataclass(frozen=True, slots=True)
class Push:
    """Notices on their way to one person.

    `texts` are their words, one a notice; `announcement` what can be said where words cannot be
    carried; `once` is the same for every attempt at the same notices; `known` is what is known
    of the person.
    """

    openid: str
    texts: tuple[str, ...]
    announcement: Announcement
    once: str
    known: Known = field(default_factory=Known)

    @property
    def text(self) -> str:
        """All their words."""
        return BETWEEN.join(self.texts)


def without_words(became: Outcome) -> Outcome:
    """An announcement holds nobody's words: what is refused in it is how its template is set up."""
    if isinstance(became, Refused) and became.about == About.MESSAGE:
        return replace(became, about=About.SERVICE)
    return became


class Channel(Protocol):
    """One way to push to a person."""

    @property
    def name(self) -> str:
        """As the contract's JSON calls it: "chat"."""

    def send(self, push: Push, now: datetime) -> Try:
        """One attempt, after a look at what is known of the person: where WeChat would refuse
        for sure it is not asked. Never an exception, never a repeat that could be seen."""
