"""What one Said causes: greet, join, command, continue, open, relay, ask which.

Pure: from facts to a Decision. Knows who is meant; the deeds themselves stand in `opening`,
`reporting`, `serving` and `joining`.
"""

from collections.abc import Callable
from datetime import timedelta

from bot.core import (
    alarm,
    claiming,
    commands,
    extending,
    joining,
    leaving,
    lists,
    reporting,
    serving,
    staffing,
    turning,
    whole,
)
from bot.core.asking import keep_and_ask
from bot.core.commands import Command, Typed, Who, is_courtesy
from bot.core.decision import Decision, SetPerson
from bot.core.facts import Facts, Heard, Words
from bot.core.holding import kept_moving
from bot.core.issue import Issue, Verdict
from bot.core.messages import Kind, Said
from bot.core.notices import (
    AskOwn,
    FileHow,
    Greeted,
    Line,
    NextGoes,
    NoSuch,
    NotYours,
    RunTogether,
    WhichConversation,
    WordsMissing,
)
from bot.core.opening import open_at, open_at_community, open_for_me
from bot.core.people import Awaiting
from bot.core.picking import OFFERED, line, lines, over
from bot.core.quiet import rested
from bot.core.standing import Terms

# What residents may want who type the words of those who serve.
_INSTEAD = {commands.MAKE_URGENT: "danger", commands.ESCALATE: "higher"}
_SPACED = 12
# A lone number, or a command word without its words, waits so long for them (contract §4).
_NEXT_WORDS = timedelta(minutes=2)


def said(said: Said, facts: Facts, terms: Terms, typed: Typed | None = None) -> Decision:
    """All that follows from one thing said, its text `typed` where it was read before. NobodyYet
    where the roster is still empty."""
    heard = Heard(said, typed or commands.read(said.text), facts, terms)
    urgent = [issue.no for issue in (*facts.own, *facts.theirs) if issue.urgent]
    decision = rested(_follows(heard), terms, urgent)
    return kept_moving(decision, (*facts.own, *facts.theirs), terms)


def _follows(heard: Heard) -> Decision:
    match heard.said.kind:
        case Kind.FOLLOW | Kind.SCAN:
            return joining.greet(heard)
        case Kind.UNFOLLOW:
            return joining.leave(heard)
        case Kind.EVENT:
            return Decision()
        case Kind.MENU:
            return _command(heard) if heard.typed.command else lists.help_for(heard)
        case Kind.TEXT if not heard.said.text.strip():
            return Decision()
        case Kind.TEXT if heard.typed.command is not None:
            return _command(heard)
        case _:
            return _words(heard)


def _command(heard: Heard) -> Decision:
    command = heard.typed.command
    if command is None:
        return _words(heard)
    if not _may_use(heard, command):
        if _yields(heard, command):
            return _words(heard)
        return _not_yours(heard, command)
    return _no_longer_next(heard) + _DEEDS[command](heard)


def _not_yours(heard: Heard, command: Command) -> Decision:
    instead = _INSTEAD.get(command, "")
    return Decision(replies=(NotYours(heard.typed.text[:12], str(command.who), instead),))


def _no_longer_next(heard: Heard) -> Decision:
    """After a command the words that follow are no more the next behind a lone number: they may
    be meant for whom the command was about."""
    if heard.awaiting is None or heard.awaiting.kind != "relay":
        return Decision()
    return Decision((SetPerson(heard.me.id, {"awaiting": None}),))


def _yields(heard: Heard, command: Command) -> bool:
    """A resident's "紧急！楼道冒烟" is no command refused, but words."""
    typed = heard.typed
    return command.yields or (command.yields_words and not typed.certain and bool(typed.words))


def _may_use(heard: Heard, command: Command) -> bool:
    match command.who:
        case Who.ANYONE:
            return True
        case Who.SERVES:
            return heard.me.serves
        case Who.LIAISON:
            return heard.me.is_liaison
        case Who.STAFF:
            return bool(heard.me.posts)


# --- plain words ---------------------------------------------------------------------------


def _words(heard: Heard) -> Decision:
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
    if found is None or not found[1] or not _may_use(heard, found[0]):
        return Decision()
    word, rest = found[0].word, found[1][:_SPACED]
    return Decision(replies=(RunTogether(word, f"{word} {rest}"),))


def _awaited(heard: Heard, waiting: Awaiting) -> Decision | None:
    """The words that a lone number, a bare command or an offer of homes waited for."""
    if waiting.kind == "bind":
        return joining.choose(heard, waiting)
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
    next_goes = Awaiting("relay", heard.terms.now + _NEXT_WORDS, no=issue.no)
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


# --- commands that are a few lines ------------------------------------------------------------


def _new_issue(heard: Heard) -> Decision:
    """新问题 and, for those who serve, 我要反映: an own issue although others are open."""
    text = _argument(heard)
    if text:
        return _unless_courtesy(text) or open_for_me(heard, heard.words(text))
    waiting = heard.awaiting
    if waiting is not None and waiting.kind == "own" and waiting.message_id:
        return open_for_me(heard, Words(waiting.message_id, waiting.words))
    return _wait_for_words(heard, "new")


def _to_community(heard: Heard) -> Decision:
    text = _argument(heard)
    if text:
        return _unless_courtesy(text) or open_at_community(heard, heard.words(text))
    return _wait_for_words(heard, "community")


def _another_liaison(heard: Heard) -> Decision:
    """换联络员 [why]: a wish is an issue of the grid's, whom alone it concerns; the liaison is not
    told and cannot look. It is decided by 指派, or answered why not."""
    home = heard.me.home
    if home is None:
        return lists.my_liaison(heard)
    words, start = heard.words(heard.said.text.strip()), heard.terms.at_level("网格")
    return open_at(heard, words, home, start, past_liaison=True)


def _unless_courtesy(text: str) -> Decision | None:
    """Thanks and greetings open no issue, whatever stands before them."""
    return Decision(replies=(Greeted(),)) if is_courtesy(text) else None


def _wait_for_words(heard: Heard, kind: str) -> Decision:
    word = heard.typed.command.word if heard.typed.command else ""
    waiting = Awaiting(kind, heard.terms.now + _NEXT_WORDS)
    return Decision(
        (SetPerson(heard.me.id, {"awaiting": waiting}),),
        replies=(WordsMissing(word, f"{word} 楼道灯不亮了"),),
    )


def _argument(heard: Heard) -> str:
    """All that stands behind the command word, digits too: `新问题 3号楼没水` names no issue."""
    return heard.typed.words


def _file_for(heard: Heard) -> Decision:
    """代录 <household> <words>."""
    found = [place for place in heard.facts.found if heard.me.role_at(place)]
    text = _without_address(heard.typed.words)
    if len(found) != 1 or not text:
        options = tuple(place.door for place in found[:OFFERED]) if len(found) > 1 else ()
        return Decision(replies=(FileHow(heard.typed.words[:40], options),))
    place = found[0]
    start = heard.terms.start_for(place)
    return open_at(heard, heard.words(text), place, start, filed_for=True)


def _without_address(text: str) -> str:
    """The words behind the first space: the household stands before it."""
    parts = text.split(maxsplit=1)
    return parts[1] if len(parts) == 2 else ""


_DEEDS: dict[Command, Callable[[Heard], Decision]] = {
    commands.BIND: joining.bind,
    commands.CLAIM: claiming.claim,
    commands.NEW_ISSUE: _new_issue,
    commands.TO_COMMUNITY: _to_community,
    commands.PROGRESS: reporting.progress,
    commands.MY_LIAISON: lists.my_liaison,
    commands.URGE: reporting.urge,
    commands.NOT_SOLVED: reporting.not_solved,
    commands.SATISFIED: lambda heard: reporting.judge(heard, Verdict.SATISFIED),
    commands.MOSTLY_SATISFIED: lambda heard: reporting.judge(heard, Verdict.MOSTLY),
    commands.DISSATISFIED: lambda heard: reporting.judge(heard, Verdict.DISSATISFIED),
    commands.HELP: lists.help_for,
    commands.KNOW: lambda heard: joining.know(heard, known=True),
    commands.DO_NOT_KNOW: lambda heard: joining.know(heard, known=False),
    commands.ACCEPT: serving.accept,
    commands.RESOLVE: serving.resolve,
    commands.EXTEND: extending.extend,
    commands.ESCALATE: serving.escalate,
    commands.HAND_OVER: turning.hand_over,
    commands.MAKE_URGENT: alarm.make_urgent,
    commands.FILE_FOR: _file_for,
    commands.TO_DO: lists.to_do,
    commands.MY_HOUSEHOLDS: lists.my_households,
    commands.OWN_ISSUE: _new_issue,
    commands.WHOLE: whole.whole,
    commands.OTHER_LIAISON: _another_liaison,
    commands.TAKE_LEAVE: leaving.take_leave,
    commands.END_LEAVE: leaving.come_back,
    commands.COVERAGE: staffing.coverage,
    commands.GIVE: staffing.give,
    commands.FREE: staffing.free,
    commands.DEAL: staffing.deal,
    commands.CONFIRM: staffing.confirm,
    commands.STOP: lambda heard: staffing.set_serving(heard, serving=False),
    commands.RESTORE: lambda heard: staffing.set_serving(heard, serving=True),
}
