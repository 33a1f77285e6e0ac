"""What a rule may know about one thing that was said: read by `bot.store.facts`, decided on here.

Knows no database.
"""

from dataclasses import dataclass

from bot.core.carrying import Spoken, in_words
from bot.core.commands import Command, Typed, Who, asks_nothing, is_courtesy
from bot.core.decision import Attach, Change, Keep, SetPerson
from bot.core.issue import Issue, may_act
from bot.core.messages import Kind, Said
from bot.core.notices import NEW, Contact, Home
from bot.core.people import (
    Awaiting,
    Community,
    Invite,
    JoinRequest,
    Listed,
    Past,
    Person,
    Place,
    ShownPlan,
)
from bot.core.standing import Terms


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything read for one `Said`.

    `own`: the speaker's issues, open or closed within seven days, the one last spoken in first.
    `past`: the one they typed the number of, where it was closed before that.
    `theirs`: open issues the speaker serves, those they hold first; `more` says the list was cut.
    `fallback`: where the words of somebody without household or door go.
    `left`: where a good code was typed, what stays with people who are not there, at the places of
    whose code it is; `asked` those who wait to be known in the households that are theirs.
    `found`: households that fit an address just typed; `choices` those offered before as 甲 乙 丙.
    `unreached`: where 待办 was asked by staff, those below them whom nothing reaches.
    `spoken`: where the whole was asked for, what was said in these issues, the oldest first.
    `listed`: liaisons of a name just typed; `communities`: those that the speaker's units are in
    or over; `plan`: the one that waits for their 确认.
    `fresh`: a number drawn for what is likely to be opened.
    """

    me: Person
    own: tuple[Issue, ...] = ()
    past: Past | None = None
    theirs: tuple[Issue, ...] = ()
    more: bool = False
    requests: tuple[JoinRequest, ...] = ()
    fallback: Place | None = None
    found: tuple[Place, ...] = ()
    choices: tuple[Place, ...] = ()
    invite: Invite | None = None
    left: tuple[Issue, ...] = ()
    asked: tuple[JoinRequest, ...] = ()
    homes: tuple[Home, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    listed: tuple[Listed, ...] = ()
    communities: tuple[Community, ...] = ()
    plan: ShownPlan | None = None
    unreached: tuple[Contact, ...] = ()
    fresh: int | None = None

    @property
    def own_open(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.own if issue.is_open)

    @property
    def served(self) -> tuple[Issue, ...]:
        """Those of `theirs` that the speaker may really act on: the reader only preselects."""
        return tuple(issue for issue in self.theirs if issue.is_open and may_act(self.me, issue))


@dataclass(frozen=True, slots=True)
class Words:
    """Words to be put into an issue: just said, or kept from a moment ago (`kept`)."""

    id: str
    text: str
    said: Said | None = None

    @property
    def is_courtesy(self) -> bool:
        """Thanks, a greeting, a sticker; a picture or a place never is, whatever stands for it."""
        return self._typed and is_courtesy(self.text)

    @property
    def asks_nothing(self) -> bool:
        """A courtesy or a plain assent of the resident's, which nobody has to answer."""
        return self._typed and asks_nothing(self.text)

    @property
    def _typed(self) -> bool:
        return self.said is None or self.said.kind is Kind.TEXT

    def stored(self, no: int | None, author_id: int, terms: Terms) -> Change:
        """The change that puts them into issue `no`."""
        if self.said is None:
            if no is None:
                raise ValueError("words that were kept already need no keeping")
            return Attach(self.id, no)
        return Keep(
            id=self.id,
            no=no,
            author_id=author_id,
            kind=str(self.said.kind),
            text=self.text,
            carried=self.said.carried,
            at=terms.now,
        )


def id_of(words: Words | None) -> str | None:
    """The message a history entry points to, if words came with the deed."""
    return words.id if words else None


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing said, read, with the facts and terms to decide it by: what every rule takes."""

    said: Said
    typed: Typed
    facts: Facts
    terms: Terms

    @property
    def me(self) -> Person:
        return self.facts.me

    @property
    def no(self) -> int:
        """The number of what this opens; NEW where none was drawn."""
        return self.facts.fresh or NEW

    @property
    def nothing_awaited(self) -> tuple[SetPerson, ...]:
        """The change after which no earlier question is open any more, if one was."""
        return (SetPerson(self.me.id, {"awaiting": None}),) if self.me.awaiting else ()

    def may(self, command: Command) -> bool:
        """Whether it is the speaker's to use."""
        match command.who:
            case Who.ANYONE:
                return True
            case Who.SERVES:
                return self.me.serves
            case Who.LIAISON:
                return self.me.is_liaison
            case Who.STAFF:
                return bool(self.me.posts)

    def words(self, text: str) -> Words:
        return Words(self.said.key, in_words(self.said, text), self.said)

    @property
    def awaiting(self) -> Awaiting | None:
        """What an earlier question left open, if it is still in time."""
        waiting = self.me.awaiting
        return waiting if waiting and waiting.until > self.terms.now else None
