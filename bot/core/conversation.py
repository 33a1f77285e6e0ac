"""What one Said causes: greet, join, a command's deed, or plain words into a conversation.

Pure: from facts to a Decision. Knows who may use which command and what does it; the deeds
themselves, and what becomes of plain words (`speaking`), stand elsewhere.
"""

from collections.abc import Callable

from bot.core import (
    alarm,
    claiming,
    commands,
    extending,
    filing,
    joining,
    leaving,
    lists,
    reporting,
    serving,
    speaking,
    staffing,
    turning,
    whole,
)
from bot.core.commands import Command, Typed
from bot.core.decision import Decision, SetPerson
from bot.core.facts import Facts, Heard
from bot.core.holding import kept_moving
from bot.core.messages import Kind, Said
from bot.core.notices import NotYours
from bot.core.quiet import rested
from bot.core.standing import Terms

# What residents may want who type the words of those who serve.
_INSTEAD = {commands.MAKE_URGENT: "danger", commands.ESCALATE: "higher"}


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
            return speaking.words(heard)


def _command(heard: Heard) -> Decision:
    command = heard.typed.command
    if command is None:
        return speaking.words(heard)
    if not heard.may(command):
        if _yields(heard, command):
            return speaking.words(heard)
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


_DEEDS: dict[Command, Callable[[Heard], Decision]] = {
    **reporting.ABOUT_OWN,
    commands.BIND: joining.bind,
    commands.CLAIM: claiming.claim,
    commands.NEW_ISSUE: filing.new_issue,
    commands.TO_COMMUNITY: filing.to_community,
    commands.PROGRESS: reporting.progress,
    commands.MY_LIAISON: lists.my_liaison,
    commands.HELP: lists.help_for,
    commands.KNOW: lambda heard: joining.know(heard, known=True),
    commands.DO_NOT_KNOW: lambda heard: joining.know(heard, known=False),
    commands.ACCEPT: serving.accept,
    commands.RESOLVE: serving.resolve,
    commands.EXTEND: extending.extend,
    commands.ESCALATE: serving.escalate,
    commands.HAND_OVER: turning.hand_over,
    commands.MAKE_URGENT: alarm.make_urgent,
    commands.FILE_FOR: filing.file_for,
    commands.TO_DO: lists.to_do,
    commands.MY_HOUSEHOLDS: lists.my_households,
    commands.OWN_ISSUE: filing.new_issue,
    commands.WHOLE: whole.whole,
    commands.OTHER_LIAISON: filing.another_liaison,
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
