"""Plain words, with or without a number: the conversation they belong to, or which is asked.

Knows who is meant; what becomes of the words stands in `opening`, `reporting` and `serving`.
"""

from datetime import timedelta

from bot.core import commands, joining, reporting, serving
from bot.core.asking import ABOUT, keep_and_ask
from bot.core.decision import Decision, SetPerson
from bot.core.facts import Heard, Words
from bot.core.issue import Issue
from bot.core.notices import (
    AskOwn,
    Greeted,
    Line,
    NextGoes,
    NoSuch,
    RunTogether,
    WhichConversation,
)
from bot.core.opening import open_at_community, open_for_me
from bot.core.people import Awaiting
from bot.core.picking import line, lines, over

_SPACED = 12
NEXT_WORDS = timedelta(minutes=2)
"""A lone number, or a command word without its words, waits so long for them (contract §4)."""


def words(heard: Heard) -> Decision:
    waiting = heard.awaiting
    if waiting is not None:
        answered = _awaited(heard, waiting)
        if answered is not None:
            return answered
    named = _named_issue(heard)
    if named is not None:
        return _to_named(heard, named)
    if heard.me.serves:
        return _from_server(heard) + _written_together(heard)
    return _from_resident(heard)


def _written_together(heard: Heard) -> Decision:
    """请假三天 is words (contract §4); what was meant by it may be something else."""
    found = commands.run_together(heard.said.text) if heard.typed.command is None else None
    if found is None or not found[1] or not heard.may(found[0]):
        return Decision()
    word, rest = found[0].word, found[1][:_SPACED]
    return Decision(replies=(RunTogether(word, f"{word} {rest}"),))


def _awaited(heard: Heard, waiting: Awaiting) -> Decision | None:
    """The words that a lone number, a bare command or an offer of homes waited for, or the number
    that a command did."""
    if waiting.kind == "bind":
        return joining.choose(heard, waiting)
    if waiting.kind == ABOUT:
        return reporting.carried_out(heard, waiting)
    if heard.typed.no is not None and _named_issue(heard) is not None:
        return None
    words = heard.words(heard.said.text)
    if waiting.kind == "relay":
        issue = _known_issue(heard, waiting.no)
        return _speak_in(heard, issue, words) if issue else None
    if words.is_courtesy:
        return None
    match waiting.kind:
        case "new":
            return open_for_me(heard, words)
        case "community":
            return open_at_community(heard, words)
    return None


def _from_resident(heard: Heard) -> Decision:
    own_open = heard.facts.own_open
    closed = over(heard)
    if closed is not None and heard.typed.certain and not heard.typed.after:
        return Decision(replies=(closed,))
    # The number of what is over is no more than words, but that one may be meant all the same.
    hint = Decision(replies=(closed,) if closed else ())
    words = heard.words(heard.said.text)
    if own_open:
        return reporting.go_on(heard, own_open[0], words) + hint
    if words.asks_nothing:
        return Decision(replies=(Greeted(),))
    return open_for_me(heard, words) + hint


def _from_server(heard: Heard) -> Decision:
    """Plain words of a liaison or staff member: only where one conversation can be meant."""
    if heard.typed.certain and heard.typed.no is not None:
        known = _conversations(heard)
        return _ask_which(heard, heard.typed.after, known, NoSuch(heard.typed.no, _lines(heard)))
    meant = _conversations(heard)
    if len(meant) == 1 and not heard.facts.more:
        return _speak_in(heard, meant[0], heard.words(heard.said.text))
    if not meant:
        if heard.words(heard.said.text).is_courtesy:
            return Decision(replies=(Greeted(),))
        return keep_and_ask(heard, "own", heard.said.text, AskOwn())
    asked = WhichConversation(_lines(heard), heard.facts.more)
    return _ask_which(heard, heard.said.text, meant, asked)


def _conversations(heard: Heard) -> tuple[Issue, ...]:
    """Open issues not resolved that the speaker serves, and their own."""
    served = [issue for issue in heard.facts.served if issue.is_unresolved]
    numbers = {issue.no for issue in served}
    own = [
        issue for issue in heard.facts.own_open if issue.is_unresolved and issue.no not in numbers
    ]
    return (*served, *own)


def _lines(heard: Heard) -> tuple[Line, ...]:
    return lines(_conversations(heard), heard.me)


def _ask_which(
    heard: Heard, text: str, known: tuple[Issue, ...], question: WhichConversation | NoSuch
) -> Decision:
    if not known or not text:
        return Decision(replies=(question,))
    return keep_and_ask(heard, "which", text, question)


# --- a number, with or without words ----------------------------------------------------------


def _named_issue(heard: Heard) -> Issue | None:
    return _known_issue(heard, heard.typed.no) if heard.typed.command is None else None


def _known_issue(heard: Heard, no: int | None) -> Issue | None:
    """The open issue `no`, where the speaker may act on it or it is their own."""
    known = (*heard.facts.served, *heard.facts.own_open)
    return next((issue for issue in known if issue.no == no), None)


def _to_named(heard: Heard, issue: Issue) -> Decision:
    if heard.typed.after:
        return _speak_in(heard, issue, heard.words(heard.typed.after))
    waiting = heard.awaiting
    next_goes = Awaiting("relay", heard.terms.now + NEXT_WORDS, no=issue.no)
    following = Decision((SetPerson(heard.me.id, {"awaiting": next_goes}),))
    if waiting is not None and waiting.kind == "which" and waiting.message_id:
        kept = Words(waiting.message_id, waiting.words)
        return _speak_in(heard, issue, kept) + following
    to = _served_where(heard, issue)
    return following + Decision(replies=(NextGoes(issue.no, to),))


def _served_where(heard: Heard, issue: Issue) -> str:
    return line(issue, heard.me).where or f"{issue.holder_post}{issue.holder_name}"


def _speak_in(heard: Heard, issue: Issue, words: Words) -> Decision:
    """Words into one issue: its resident's to the holder, the others' to the resident."""
    if any(issue.no == served.no for served in heard.facts.served):
        return serving.relay(heard, issue, words)
    return reporting.go_on(heard, issue, words)
