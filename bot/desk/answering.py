"""What people did → facts, one rule each, and how each is answered; inside a transaction.

Knows in which order that goes for one act and for a round of them. Must not know what becomes of an
act whose rule fails, nor transactions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from bot.bootstrap import Bot
from bot.core import commands, conversation
from bot.core.carrying import PIECES
from bot.core.commands import Typed
from bot.core.decision import ClaimInvite, Decision, Open, Tell
from bot.core.facts import Facts
from bot.core.messages import Kind, Said
from bot.core.notices import NoSuch
from bot.core.people import Role
from bot.core.standing import Terms
from bot.desk import arrange
from bot.desk.nudge import DELIVER, MEDIA
from bot.store import changes, endings, hanging
from bot.store.changes import Answer, Answered, Replied, Source
from bot.store.facts import facts_of
from bot.store.hearing import Act, Hearing, hear
from bot.wording import Reply, Waiting

log = structlog.get_logger()

_SILENT = frozenset({Kind.UNFOLLOW, Kind.EVENT})
_OPENING = (
    commands.BIND,
    commands.NEW_ISSUE,
    commands.TO_COMMUNITY,
    commands.OWN_ISSUE,
    commands.FILE_FOR,
    commands.OTHER_LIAISON,
)


class NotTogether(Exception):
    """Some of a round, by `alone`, have to be handled by themselves; nothing of it was done."""

    def __init__(self, alone: Sequence[bool]) -> None:
        super().__init__(f"{sum(alone)} of {len(alone)}")
        self.alone = alone


class _Alone(Exception):
    """What was ordered changes what others of its round were decided on."""


class Behind(Exception):
    """The speaker said something before that still waits to be brought in."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The passive reply's text, and the queues that have work now. Pieces come second: they wait
    for the notices they hang on."""

    reply: str | None
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Decided:
    """What is to be written of an act; None where it was answered before."""

    outcome: Outcome
    written: Answered | None = None


def answer(bot: Bot, connection: Connection[DictRow], said: Said) -> Outcome:
    """One act, whatever it causes; committed. Raises Stale, Behind, and what its rule raises."""
    now = bot.now()
    typed = commands.read(said.text)
    [hearing] = _hear(bot, connection, [(said, typed)], now)
    if hearing.seen is None and not hearing.rows["behind"]:
        endings.note(connection, said, hearing.person_id, now)
    decided = _decide(bot, connection, said, hearing, typed, now, alone=True)
    if (one := decided.written) is not None:
        changes.write(connection, one.decision, one.source, bot.wording.say, one.answer)
    return decided.outcome


def listen(bot: Bot, connection: Connection[DictRow], said: Said) -> None:
    """All that is asked about an act, and nothing done; the transaction is to be undone."""
    _hear(bot, connection, [(said, commands.read(said.text))], bot.now())


def is_common(said: Said) -> bool:
    """Whether an act may be handled in a round with others: it tells nothing but itself, and
    brings nothing that is to hang on what others are told."""
    return not said.reports and not said.consents and said.kind not in PIECES


def answer_round(bot: Bot, connection: Connection[DictRow], acts: Sequence[Said]) -> list[Outcome]:
    """Acts of as many people at once, committed. The first outcome speaks for all of the queues.

    Raises NotTogether where some need `answer`, Stale where any came too late;
    the transaction is then to be undone, for the speakers were put down as having spoken.
    """
    now = bot.now()
    read = [(said, commands.read(said.text)) for said in acts]
    heard = zip(read, _hear(bot, connection, read, now), strict=True)
    decided = [_try(bot, connection, said, hearing, typed, now) for (said, typed), hearing in heard]
    together = [one for one in decided if one is not None]
    if len(together) < len(decided):
        raise NotTogether([one is None for one in decided])
    written = [one.written for one in together if one.written is not None]
    if written:
        changes.write_round(connection, written, bot.wording.say)
    return _nudging_once([one.outcome for one in together])


def _nudging_once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    wanted = {queue for one in outcomes for queue in one.queues}
    first, *others = (Outcome(one.reply) for one in outcomes)
    return [replace(first, queues=tuple(q for q in (DELIVER, MEDIA) if q in wanted)), *others]


def answer_late(bot: Bot, connection: Connection[DictRow], said: Said) -> None:
    """Handle an act whose HTTP answer is long gone: what it would have replied is pushed."""
    now = bot.now()
    typed = commands.read(said.text)
    [hearing] = _hear(bot, connection, [(said, typed)], now, late=True)
    endings.note(connection, said, hearing.person_id, now)
    _, decision = _ruled(bot, connection, said, hearing, typed, now)
    decision = arrange.carry_out(bot, connection, hearing.person_id, decision)
    speaker = _speaker_after(decision, hearing.person_id)
    late = tuple(Tell(speaker, Role.RESIDENT, reply) for reply in decision.replies)
    whole = Decision(decision.changes, decision.tells + late)
    changes.write(connection, whole, Source(said.key, now), bot.wording.say)


def _try(
    bot: Bot,
    connection: Connection[DictRow],
    said: Said,
    hearing: Hearing,
    typed: Typed,
    now: datetime,
) -> _Decided | None:
    """None where the act would cost the others of its round: its rule fails, or it is rare."""
    try:
        decided = _decide(bot, connection, said, hearing, typed, now)
    except psycopg.Error:
        raise
    except Exception as error:
        log.info("left_out_of_round", why=type(error).__name__)
        return None
    one = decided.written
    return decided if one is None or changes.is_common(one.decision, now) else None


def _hear(
    bot: Bot,
    connection: Connection[DictRow],
    read: Sequence[tuple[Said, Typed]],
    now: datetime,
    *,
    late: bool = False,
) -> list[Hearing]:
    acts = [Act(said, typed.no, _opens(said, typed), late) for said, typed in read]
    return hear(connection, acts, bot.ladder, now)


def _opens(said: Said, typed: Typed) -> str:
    """When the act is likely to open something and so to need a number."""
    if said.kind is Kind.TEXT and typed.command is not None:
        return "always" if typed.command in _OPENING and typed.words else ""
    return "alone" if said.is_words and not commands.is_courtesy(said.text) else ""


def _decide(
    bot: Bot,
    connection: Connection[DictRow],
    said: Said,
    hearing: Hearing,
    typed: Typed,
    now: datetime,
    *,
    alone: bool = False,
) -> _Decided:
    if hearing.seen is not None:
        return _Decided(Outcome(hearing.seen["reply"]))
    if hearing.rows["behind"]:
        raise Behind
    facts, decision = _ruled(bot, connection, said, hearing, typed, now)
    if decision.order is not None:
        if not alone:
            raise _Alone
        decision = arrange.carry_out(bot, connection, hearing.person_id, decision)
    waiting = [Waiting(**row) for row in hearing.all("waiting")]
    speaks = said.kind not in _SILENT
    reply = bot.wording.reply(decision.replies, waiting) if speaks else Reply(None)
    answer = Answer(
        person_id=_speaker_after(decision, hearing.person_id),
        openid=said.openid,
        text=reply.text,
        replies=_put_down(facts, decision, reply),
        rode=reply.rode,
        rest=reply.rest,
        speaks=speaks,
    )
    told = bool(decision.tells or waiting or reply.rest)
    carries = bool(hearing.rows["pieces"]) or hanging.wants_carrying(decision)
    queues = (*((DELIVER,) if told else ()), *((MEDIA,) if carries else ()))
    return _Decided(Outcome(reply.text, queues), Answered(decision, Source(said.key, now), answer))


def _ruled(
    bot: Bot,
    connection: Connection[DictRow],
    said: Said,
    hearing: Hearing,
    typed: Typed,
    now: datetime,
) -> tuple[Facts, Decision]:
    facts = facts_of(connection, hearing, typed, now)
    calendar = bot.calendars.marked(connection, hearing.rows["calendar_at"])
    decision = conversation.said(said, facts, Terms(bot.ladder, calendar, now), typed)
    return facts, changes.number(connection, decision)


def _put_down(facts: Facts, decision: Decision, spoken: Reply) -> tuple[Replied, ...]:
    """The replies that speak of an issue, with the part the speaker plays in it."""
    opened = {change.no for change in decision.changes if isinstance(change, Open)}
    parts = dict.fromkeys(opened | {issue.no for issue in facts.own}, Role.RESIDENT)
    for issue in facts.theirs:
        parts.setdefault(issue.no, facts.me.role_at(issue.place) or issue.holder_role)
    numbered = ((reply, getattr(reply, "no", None)) for reply in decision.replies)
    return tuple(
        Replied(reply, parts[no], text)
        for (reply, no), text in zip(numbered, spoken.own, strict=False)  # none where silent
        if no in parts and not isinstance(reply, NoSuch)
    )


def _speaker_after(decision: Decision, person_id: int) -> int:
    """The speaker after the decision: 认领 makes them the roster's person."""
    for change in decision.changes:
        if isinstance(change, ClaimInvite):
            return change.person_id
    return person_id
