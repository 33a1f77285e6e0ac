"""What residents do with their own issues: go on speaking, urge, judge, ask how it stands.

Knows the lifecycle; no wording. Each function takes what was heard and returns a Decision.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.core.alarm import heed, is_news
from bot.core.asking import ABOUT, keep_and_ask
from bot.core.clocks import spoken_to
from bot.core.commands import (
    DISSATISFIED,
    MOSTLY_SATISFIED,
    NOT_SOLVED,
    SATISFIED,
    URGE,
    Command,
)
from bot.core.decision import Change, Decision, Entry, Tell, Update
from bot.core.facts import Heard, Words, id_of
from bot.core.issue import Act, Happened, Issue, State, Verdict, moved
from bot.core.notices import (
    Continued,
    IsOver,
    NothingFor,
    Progress,
    SaidMore,
    Thanked,
    Urged,
    UrgedToYou,
    VerdictTold,
    Which,
)
from bot.core.people import Awaiting
from bot.core.picking import Picked, lines, over, pick
from bot.core.reopening import reopen

# What is said with these is no report that could be lost.
_PRAISE = (SATISFIED, MOSTLY_SATISFIED)
# The holder hears an urging once in this time at most (contract §4).
URGE_EVERY = timedelta(hours=2)


def go_on(heard: Heard, issue: Issue, words: Words) -> Decision:
    """Further words in an own issue: to its holder. They postpone nothing that is waited for.

    On a resolved issue they break the silence that would close it, unless they ask for nothing.
    Who was asked which issue they meant, and goes on speaking instead, is heard with both.
    """
    words = _with_kept(heard, words)
    if is_news(issue, words):
        return heed(heard, issue, words)
    me, terms = heard.me, heard.terms
    tier = terms.tier_of(issue)
    values: dict[str, Any] = {"said_at": terms.now}
    if issue.state is State.RESOLVED and not words.asks_nothing:
        reminders = terms.ladder.remind_dues(tier, terms.now, terms.calendar)
        values |= {
            "due_at": terms.close_due(tier),
            "remind_at": reminders[0] if reminders else None,
            "reminders": 0,
        }
    if not words.asks_nothing:
        values |= spoken_to(issue, terms)
    others = tuple(other.no for other in heard.facts.own_open if other.no != issue.no)
    due_at = values.get("due_at", issue.due)
    asks = issue.state is State.IN_HAND and not words.asks_nothing
    more = SaidMore(issue.no, _where(issue), words.text, due_at if asks else None)
    return Decision(
        changes=(
            words.stored(issue.no, me.id, terms),
            Update(issue.no, issue.version, values),
            Entry(issue.no, Happened.SAID, terms.now, tier.key, me.id, words.id),
            *heard.nothing_awaited,
        ),
        tells=_to_holder(heard, issue, more),
        replies=(Continued(issue.no, issue.holder_named, due_at, str(issue.state), others),),
    )


def urge(heard: Heard) -> Decision:
    """催办."""
    candidates = tuple(issue for issue in heard.facts.own_open if issue.is_unresolved)
    return _about(heard, candidates, partial(_urge, heard))


def not_solved(heard: Heard) -> Decision:
    """没解决: resolved or closed within seven days → again, one tier higher; else it urges."""
    own = heard.facts.own
    done = tuple(issue for issue in own if issue.state is State.RESOLVED)
    closed = tuple(issue for issue in own if issue.state is State.CLOSED)
    unresolved = tuple(issue for issue in own if issue.is_unresolved)
    # What was just called done is what is "not solved"; then what was closed; then what runs.
    candidates = done or (*closed, *unresolved)
    if heard.typed.no is not None:
        candidates = (*done, *closed, *unresolved)
    return _about(heard, candidates, partial(_not_solved, heard))


def _not_solved(heard: Heard, picked: Picked) -> Decision:
    return _urge(heard, picked) if picked.issue.is_unresolved else _reopen(heard, picked)


def judge(heard: Heard, verdict: Verdict) -> Decision:
    """满意 / 基本满意 close; 不满意 goes on one tier higher."""
    own = heard.facts.own
    resolved = tuple(issue for issue in own if issue.state is State.RESOLVED)
    running = tuple(issue for issue in own if issue.is_unresolved)
    closed = tuple(issue for issue in own if issue.state is State.CLOSED)
    # 不满意 about what still runs or was closed within seven days is heard as 没解决: it urges, or
    # goes on one tier higher, and no word is lost.
    candidates = resolved
    if verdict is Verdict.DISSATISFIED and (not resolved or heard.typed.no is not None):
        candidates = (*resolved, *running, *closed)
    return _about(heard, candidates, partial(_judge, heard, verdict))


def _judge(heard: Heard, verdict: Verdict, picked: Picked) -> Decision:
    if picked.issue.is_unresolved:
        return _urge(heard, picked)
    if verdict is Verdict.DISSATISFIED:
        return _reopen(heard, picked, verdict)
    return _close(heard, picked, verdict)


def _about(heard: Heard, candidates: Sequence[Issue], do: Callable[[Picked], Decision]) -> Decision:
    """`do` to the one of the own issues that is meant. Where nothing is done, because several could
    be, the one named is over or there is none, the words that came along are kept."""
    picked = pick(heard.typed, candidates, heard.facts.own, heard.me)
    named = over(heard)
    if isinstance(picked, Picked):
        other = named is not None and named.no != picked.issue.no
        return do(picked) + Decision(replies=(named,) if named and other else ())
    answer = named or picked
    text = heard.typed.after if named else heard.typed.words
    words = heard.words(text) if text else None
    says = words is not None and not words.asks_nothing
    match answer:
        case IsOver() | NothingFor() if says and heard.typed.command not in _PRAISE:
            return keep_and_ask(heard, "own", text, replace(answer, kept=True))
        case Which():
            return _ask_which(heard, words if says else None, answer)
        case _:
            return Decision(replies=(answer,))


def _ask_which(heard: Heard, words: Words | None, question: Which) -> Decision:
    """Danger does not wait for an answer: it rings in what was last spoken of."""
    if words and heard.facts.own_open and is_news(heard.facts.own_open[0], words):
        return go_on(heard, heard.facts.own_open[0], words)
    kept = _kept_about(heard)
    told = _joined(kept.text if kept else "", words.text if words else "")
    return keep_and_ask(heard, ABOUT, told, replace(question, answer=True, kept=bool(told)))


def carried_out(heard: Heard, waiting: Awaiting) -> Decision | None:
    """A number alone, or with words, after it was asked which own issue a command is about; None
    where it is none of theirs."""
    typed = heard.typed
    asked = next((one for one in ABOUT_OWN if one.word == waiting.word), None)
    if asked is None or typed.command or all(typed.no != issue.no for issue in heard.facts.own):
        return None
    return ABOUT_OWN[asked](replace(heard, typed=replace(typed, command=asked)))


def _along(heard: Heard, picked: Picked) -> Words | None:
    """The words that go with the command: those beside it, behind those that were kept when it was
    asked which is meant. A complaint does not go along with praise of something else."""
    kept = _kept_about(heard, praise=heard.typed.command in _PRAISE)
    if picked.words:
        return heard.words(_joined(kept.text if kept else "", picked.words))
    return kept


def _with_kept(heard: Heard, words: Words) -> Words:
    kept = _kept_about(heard)
    return replace(words, text=_joined(kept.text, words.text)) if kept and words.said else words


def _kept_about(heard: Heard, *, praise: bool | None = None) -> Words | None:
    """What was said when it was asked which issue a command is about; only praise, or none."""
    waiting = heard.awaiting
    if waiting is None or waiting.kind != ABOUT or waiting.message_id is None:
        return None
    praised = any(waiting.word == one.word for one in _PRAISE)
    return Words(waiting.message_id, waiting.words) if praise in (None, praised) else None


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def progress(heard: Heard) -> Decision:
    """进度: own open issues, or the one named."""
    own = heard.facts.own
    typed = heard.typed
    if typed.no is not None:
        named = tuple(issue for issue in own if issue.no == typed.no)
        if named or typed.certain:
            picked = pick(typed, named, own, heard.me)
            if not isinstance(picked, Picked):
                return Decision(replies=(over(heard) or picked,))
            return Decision(replies=(Progress(lines(named, heard.me, heard.terms)),))
    own_open = heard.facts.own_open
    if not own_open:
        return Decision(replies=(NothingFor("进度"),))
    return Decision(replies=(Progress(lines(own_open, heard.me, heard.terms)),))


def _urge(heard: Heard, picked: Picked) -> Decision:
    issue, me, terms = picked.issue, heard.me, heard.terms
    words = _along(heard, picked)
    if words and is_news(issue, words):
        return heed(heard, issue, words)
    tells_holder = issue.urged_at is None or terms.now - issue.urged_at >= URGE_EVERY
    values = {"said_at": terms.now, **spoken_to(issue, terms)}
    due_at = values.get("due_at", issue.due)
    if tells_holder:
        values["urged_at"] = terms.now
    told = words.text if words else issue.first_words
    notice = UrgedToYou(issue.no, _where(issue), told, due_at)
    # Words beside the urging reach the holder even when the urging itself is held back.
    more = SaidMore(issue.no, _where(issue), words.text, due_at) if words else None
    tier = terms.tier_of(issue)
    return Decision(
        changes=(
            *_kept(heard, issue, words),
            Update(issue.no, issue.version, values),
            Entry(issue.no, Happened.URGED, terms.now, tier.key, me.id, id_of(words)),
        ),
        tells=_to_holder(heard, issue, notice if tells_holder else more),
        replies=(Urged(issue.no, issue.holder_named, due_at, tells_holder, bool(words)),),
    )


def _reopen(heard: Heard, picked: Picked, verdict: Verdict | None = None) -> Decision:
    issue, me, terms = picked.issue, heard.me, heard.terms
    words = _along(heard, picked)
    decided = reopen(issue, terms, me.id, words)
    if verdict is None:
        return Decision(changes=_kept(heard, issue, words)) + decided
    tier = terms.tier_of(issue)
    entry = Entry(issue.no, Happened.VERDICT, terms.now, tier.key, me.id, id_of(words))
    changes = tuple(
        Update(change.no, change.version, {**change.values, "verdict": str(verdict)})
        if isinstance(change, Update)
        else change
        for change in decided.changes
    )
    return Decision((*_kept(heard, issue, words), entry, *changes), decided.tells, decided.replies)


def _close(heard: Heard, picked: Picked, verdict: Verdict) -> Decision:
    issue, me, terms = picked.issue, heard.me, heard.terms
    words = _along(heard, picked)
    tier = terms.tier_of(issue)
    values = {
        "state": moved(issue.state, Act.CLOSE),
        "due_at": None,
        "remind_at": None,
        "closed_at": terms.now,
        "verdict": str(verdict),
    }
    return Decision(
        changes=(
            *_kept(heard, issue, words),
            Update(issue.no, issue.version, values),
            Entry(issue.no, Happened.VERDICT, terms.now, tier.key, me.id, id_of(words)),
            Entry(issue.no, Happened.CLOSED, terms.now, tier.key, me.id),
        ),
        tells=_to_holder(heard, issue, VerdictTold(issue.no, _where(issue), str(verdict))),
        replies=(Thanked(issue.no, str(verdict)),),
    )


def _kept(heard: Heard, issue: Issue, words: Words | None) -> tuple[Change, ...]:
    """The words are put into the issue, and a question which one was meant is answered."""
    stored = (words.stored(issue.no, heard.me.id, heard.terms),) if words else ()
    asked = heard.me.awaiting is not None and heard.me.awaiting.kind == ABOUT
    return (*stored, *heard.nothing_awaited) if asked else stored


def _to_holder(heard: Heard, issue: Issue, notice: Any) -> tuple[Tell, ...]:
    if notice is None or issue.holder_id == heard.me.id:
        return ()
    return (Tell(issue.holder_id, issue.holder_role, notice, issue.no),)


def _where(issue: Issue) -> str:
    return issue.place.door


ABOUT_OWN: Mapping[Command, Callable[[Heard], Decision]] = {
    URGE: urge,
    NOT_SOLVED: not_solved,
    SATISFIED: partial(judge, verdict=Verdict.SATISFIED),
    MOSTLY_SATISFIED: partial(judge, verdict=Verdict.MOSTLY),
    DISSATISFIED: partial(judge, verdict=Verdict.DISSATISFIED),
}
"""What residents do with an issue of their own; where several may be meant, a number decides."""
