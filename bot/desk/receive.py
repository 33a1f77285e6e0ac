"""Receive: what somebody said → rows and a passive reply, whatever is broken.

Read facts, one rule, one transaction, then a nudge. A rule that fails or a database that is away
costs nobody their words: the act is kept, in PostgreSQL or in Redis, and brought in later, before
anything its person said afterwards.
"""

import time
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from bot.bootstrap import Bot
from bot.core import commands, conversation
from bot.core.commands import Typed
from bot.core.decision import ClaimInvite, Decision, Open, Tell
from bot.core.facts import Facts
from bot.core.messages import Kind, Said
from bot.core.notices import NoSuch, Notice
from bot.core.people import Role
from bot.core.standing import NobodyYet, Terms
from bot.desk import kept
from bot.desk.kept import NotKept
from bot.desk.nudge import DELIVER, INBOX, MEDIA, nudge
from bot.store import changes, endings, hanging, inbox
from bot.store.changes import Answer, Source
from bot.store.engine import Stale, Unavailable, transaction
from bot.store.facts import facts_of
from bot.store.hearing import Hearing, hear
from bot.wording import Reply, Waiting

log = structlog.get_logger()

_TRIES = 5
# A database that hangs is left alone so long, else everybody who speaks would wait for it.
_PAUSE_S = 1.0
# WeChat waits 5 s: of what we use of it so much for PostgreSQL, and so much for a Redis that hangs.
_ALTOGETHER_S = 4.5
_WITHIN_S = 2.5
_REDIS_WITHIN_S = 2.0
_away_until: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
_SILENT = frozenset({Kind.UNFOLLOW, Kind.EVENT})
_OPENING = (
    commands.BIND,
    commands.NEW_ISSUE,
    commands.TO_COMMUNITY,
    commands.OWN_ISSUE,
    commands.FILE_FOR,
)


class _Behind(Exception):
    """The speaker said something before that still waits to be brought in."""


def receive(bot: Bot, said: Said) -> str | None:
    """Handle one act; the passive reply's text, None for none. A repeat gets the same again.

    Raises NotKept only where neither store answers.
    """
    began = time.monotonic()
    away = began < _away_until.get(bot.engine, 0.0)
    if away or not kept.cleared(bot):
        try:
            return kept.keep_in_redis(bot, said)
        except NotKept:
            log.warning("both_away")
    left = _ALTOGETHER_S - (time.monotonic() - began)
    within = min(_WITHIN_S, left)
    return _received(bot, said, within, or_redis=left - within >= _REDIS_WITHIN_S / 2)


def _received(bot: Bot, said: Said, within_s: float, *, or_redis: bool) -> str | None:
    try:
        return _handle(bot, said, within_s)
    except Unavailable as error:
        _away_until[bot.engine] = time.monotonic() + _PAUSE_S
        log.warning("database_away", why=str(error))
        if not or_redis:
            raise NotKept from error
        return kept.keep_in_redis(bot, said)
    except _Behind:
        reply = kept.keep_behind(bot, said, _WITHIN_S)
        nudge(bot, INBOX)
        return reply
    except NobodyYet:
        return kept.keep_for_later(bot, said, inbox.NOBODY_YET, _WITHIN_S)
    except Exception as error:
        log.exception("rule_failed", why=type(error).__name__)
        return kept.keep_for_later(bot, said, type(error).__name__, _WITHIN_S)


def bring_in(bot: Bot, *, most: int = 200) -> int:
    """Acts kept in Redis while PostgreSQL was away, and those whose rule failed: each person's in
    their order; how many were handled."""
    kept.bring_from_redis(bot)
    done = 0
    while done < most:
        with transaction(bot.engine) as connection:
            found = inbox.take_waiting(
                connection, bot.now(), lambda said: _act_later(bot, connection, said)
            )
        if not found:
            break
        done += 1
    if done:
        nudge(bot, DELIVER)
        nudge(bot, MEDIA)
    return done


def _handle(bot: Bot, said: Said, within_s: float) -> str | None:
    for _ in range(_TRIES):
        try:
            with transaction(bot.engine, within_s=within_s) as connection:
                reply, queues = _answer(bot, connection, said)
            for queue in queues:
                nudge(bot, queue)
            return reply
        except Stale:
            continue
    raise Stale


def _answer(
    bot: Bot, connection: Connection[DictRow], said: Said
) -> tuple[str | None, tuple[str, ...]]:
    """One act inside its transaction: its reply, and the queues that have work because of it."""
    now = bot.now()
    hearing, typed = _hear(bot, connection, said, now)
    if hearing.seen is not None:
        return hearing.seen["reply"], ()
    if hearing.rows["behind"]:
        raise _Behind
    endings.note(connection, said, hearing.person_id, now)
    facts, decision = _decide(bot, connection, said, hearing, typed)
    waiting = [Waiting(**row) for row in hearing.all("waiting")]
    speaks = said.kind not in _SILENT
    reply = bot.wording.reply(decision.replies, waiting) if speaks else Reply(None)
    answer = Answer(
        person_id=_speaker_after(decision, hearing.person_id),
        openid=said.openid,
        text=reply.text,
        replies=_put_down(facts, decision),
        rode=reply.rode,
        rest=reply.rest,
        speaks=speaks,
    )
    changes.write(connection, decision, Source(said.key, now), bot.wording.say, answer)
    told = bool(decision.tells or waiting or reply.rest)
    carries = bool(hearing.rows["pieces"]) or hanging.wants_carrying(decision)
    return reply.text, _queues(told, carries)


def _queues(told: bool, carries: bool) -> tuple[str, ...]:
    """Who is to be woken. Pieces are nudged second: they wait for the notices they hang on."""
    return (*((DELIVER,) if told else ()), *((MEDIA,) if carries else ()))


def _hear(
    bot: Bot, connection: Connection[DictRow], said: Said, now: datetime, *, late: bool = False
) -> tuple[Hearing, Typed]:
    typed, own = commands.read(said.text), bot.ladder.own
    opens = _opens(said, typed)
    own_tier = own.key if own else ""
    return hear(connection, said, typed.no, own_tier, now, opens=opens, late=late), typed


def _opens(said: Said, typed: Typed) -> str:
    """When the act is likely to open something and so to need a number."""
    if said.kind is Kind.TEXT and typed.command is not None:
        return "always" if typed.command in _OPENING and typed.words else ""
    return "alone" if said.is_words and not commands.is_courtesy(said.text) else ""


def _decide(
    bot: Bot, connection: Connection[DictRow], said: Said, hearing: Hearing, typed: Typed
) -> tuple[Facts, Decision]:
    facts = facts_of(connection, hearing, typed, bot.now())
    terms = Terms(bot.ladder, bot.calendar, bot.now())
    decision = conversation.said(said, facts, terms)
    fresh = hearing.rows["fresh"]
    if fresh is not None and decision.needs_number:
        return facts, decision.numbered(fresh)
    return facts, changes.number(connection, decision)


def _put_down(facts: Facts, decision: Decision) -> tuple[tuple[Notice, Role], ...]:
    """The replies that speak of an issue, with the part the speaker plays in it."""
    opened = {change.no for change in decision.changes if isinstance(change, Open)}
    parts = dict.fromkeys(opened | {issue.no for issue in facts.own}, Role.RESIDENT)
    for issue in facts.theirs:
        parts.setdefault(issue.no, facts.me.role_at(issue.place) or issue.holder_role)
    numbered = ((reply, getattr(reply, "no", None)) for reply in decision.replies)
    return tuple(
        (reply, parts[no])
        for reply, no in numbered
        if no in parts and not isinstance(reply, NoSuch)
    )


def _speaker_after(decision: Decision, person_id: int) -> int:
    """The speaker after the decision: 认领 makes them the roster's person."""
    for change in decision.changes:
        if isinstance(change, ClaimInvite):
            return change.person_id
    return person_id


def _act_later(bot: Bot, connection: Connection[DictRow], said: Said) -> None:
    """Handle an act whose HTTP answer is long gone: what it would have replied is pushed."""
    hearing, typed = _hear(bot, connection, said, bot.now(), late=True)
    endings.note(connection, said, hearing.person_id, bot.now())
    _, decision = _decide(bot, connection, said, hearing, typed)
    speaker = _speaker_after(decision, hearing.person_id)
    late = tuple(Tell(speaker, Role.RESIDENT, reply) for reply in decision.replies)
    whole = Decision(decision.changes, decision.tells + late)
    changes.write(connection, whole, Source(said.key, bot.now()), bot.wording.say)
