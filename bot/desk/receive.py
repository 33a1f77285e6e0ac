"""Receive: what somebody said → rows and a passive reply, whatever is broken.

Read facts, one rule, one transaction, then a nudge. A rule that fails or a database that is away
costs nobody their words: the act is kept, in PostgreSQL or in Redis, and brought in later.
"""

import json
import time
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from psycopg import Connection
from psycopg.rows import DictRow
from redis import RedisError

from bot.bootstrap import Bot
from bot.core import commands, conversation
from bot.core.decision import ClaimInvite, Decision, Tell
from bot.core.messages import Kind, Said
from bot.core.notices import KeptForNow, NoSuch, Notice
from bot.core.people import Role
from bot.core.standing import NobodyYet, Terms
from bot.desk.nudge import DELIVER, MEDIA, nudge
from bot.store import changes, endings, hanging, inbox, showing
from bot.store.changes import Source
from bot.store.engine import Stale, Unavailable, transaction
from bot.store.facts import Reading

log = structlog.get_logger()

KEPT_IN_REDIS = "hulianwang:kept"
_TRIES = 5
# A database that hangs is left alone so long, else everybody who speaks would wait for it.
_PAUSE_S = 1.0
# WeChat waits 5 s: so much for PostgreSQL, the rest for Redis.
_WITHIN_S = 2.5
_away_until: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
_SILENT = frozenset({Kind.UNFOLLOW, Kind.EVENT})


class NotKept(Exception):
    """Neither PostgreSQL nor Redis could keep the message."""


def receive(bot: Bot, said: Said) -> str | None:
    """Handle one act; the passive reply's text, None for none. A repeat gets the same again.

    Raises NotKept only where neither store answers.
    """
    if time.monotonic() < _away_until.get(bot.engine, 0.0):
        try:
            return _keep_in_redis(bot, said)
        except NotKept:
            log.warning("both_away")
    try:
        return _handle(bot, said)
    except Unavailable as error:
        _away_until[bot.engine] = time.monotonic() + _PAUSE_S
        log.warning("database_away", why=str(error))
        return _keep_in_redis(bot, said)
    except NobodyYet:
        return _keep_for_later(bot, said, "NobodyYet")
    except Exception as error:
        log.exception("rule_failed", why=type(error).__name__)
        return _keep_for_later(bot, said, type(error).__name__)


def bring_in(bot: Bot, *, most: int = 200) -> int:
    """Acts kept in Redis while PostgreSQL was away, then those whose rule failed: oldest first."""
    _bring_from_redis(bot, most)
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


def _handle(bot: Bot, said: Said) -> str | None:
    for _ in range(_TRIES):
        try:
            with transaction(bot.engine, within_s=_WITHIN_S) as connection:
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
    arrival = inbox.arrive(connection, said, now)
    if arrival.person is None:
        return arrival.reply, ()
    endings.note(connection, said, arrival.person["id"], now)
    decision = _decide(bot, connection, said, arrival.person)
    source = Source(said.key, now)
    changes.write(connection, decision, source, bot.wording.say)
    told = tuple(reply for reply in decision.replies if not isinstance(reply, NoSuch))
    changes.note_reply(connection, arrival.person["id"], told, source, bot.wording.say)
    reply, speaker = None, _speaker_after(decision, arrival.person)
    if said.kind not in _SILENT:
        reply = _reply(bot, connection, speaker, decision.replies, source)
    with connection.pipeline():
        inbox.replied(connection, said.key, reply)
        woken = showing.wake(connection, speaker, now)
    return reply, _queues(decision, reply, woken.rowcount > 0)


def _queues(decision: Decision, reply: str | None, woken: bool) -> tuple[str, ...]:
    """Who is to be woken. Pieces are nudged second: they wait for the notices they hang on."""
    told = (DELIVER,) if decision.tells or reply is not None else ()
    return (*told, MEDIA) if woken or hanging.wants_carrying(decision) else told


def _decide(bot: Bot, connection: Connection[DictRow], said: Said, person: DictRow) -> Decision:
    typed = commands.read(said.text)
    own = bot.ladder.own
    facts = Reading(connection, person, typed, own.key if own else "", bot.now()).facts()
    terms = Terms(bot.ladder, bot.calendar, bot.now())
    return changes.number(connection, conversation.said(said, facts, terms))


def _speaker_after(decision: Decision, person: DictRow) -> int:
    """The speaker's row after the decision: 认领 makes them the roster's person."""
    for change in decision.changes:
        if isinstance(change, ClaimInvite):
            return change.person_id
    return int(person["id"])


def _reply(
    bot: Bot,
    connection: Connection[DictRow],
    person_id: int,
    replies: tuple[Notice, ...],
    source: Source,
) -> str | None:
    """The reply, with what was waiting for this person as far as it fits."""
    now = bot.now()
    waiting = inbox.riding(connection, person_id, now)
    reply = bot.wording.reply(replies, waiting)
    if waiting:
        inbox.rode(connection, person_id, list(reply.rode), now)
    if reply.rest:
        changes.tell_rest(connection, person_id, reply.rest, source)
    return reply.text


def _act_later(bot: Bot, connection: Connection[DictRow], said: Said) -> None:
    """Handle an act whose HTTP answer is long gone: what it would have replied is pushed."""
    person = inbox.speaker(connection, said)
    endings.note(connection, said, person["id"], bot.now())
    decision = _decide(bot, connection, said, person)
    speaker = _speaker_after(decision, person)
    late = tuple(Tell(speaker, Role.RESIDENT, reply) for reply in decision.replies)
    whole = Decision(decision.changes, decision.tells + late)
    changes.write(connection, whole, Source(said.key, bot.now()), bot.wording.say)


def _keep_for_later(bot: Bot, said: Said, why: str) -> str | None:
    reply = _kept(bot, said)
    try:
        with transaction(bot.engine, within_s=_WITHIN_S) as connection:
            inbox.keep_waiting(connection, said, why, reply, bot.now())
    except Exception as error:
        log.warning("inbox_away", why=type(error).__name__)
        return _keep_in_redis(bot, said)
    return reply


def _keep_in_redis(bot: Bot, said: Said) -> str | None:
    try:
        bot.redis.xadd(KEPT_IN_REDIS, {"said": json.dumps(inbox.to_json(said))})
    except RedisError as error:
        log.error("message_not_kept", why=type(error).__name__)
        raise NotKept from error
    return _kept(bot, said)


def _kept(bot: Bot, said: Said) -> str | None:
    """What is answered where the act itself has to wait."""
    return bot.wording.say(KeptForNow()) if said.is_words else None


def _bring_from_redis(bot: Bot, most: int) -> None:
    """Into the inbox, to wait there. Each leaves Redis only after PostgreSQL has it; twice is
    harmless, its key is unique."""
    for entry, said in _kept_in_redis(bot, most):
        with transaction(bot.engine) as connection:
            inbox.keep_waiting(
                connection, said, "kept in Redis", _kept(bot, said), bot.now(), wait=timedelta()
            )
        bot.redis.xdel(KEPT_IN_REDIS, entry)


def _kept_in_redis(bot: Bot, most: int) -> list[tuple[str, Said]]:
    try:
        kept: Any = bot.redis.xrange(KEPT_IN_REDIS, count=most)
    except RedisError:
        return []
    read = [(entry, _understood(fields)) for entry, fields in kept]
    return [(entry, said) for entry, said in read if said is not None]


def _understood(fields: dict[bytes, bytes]) -> Said | None:
    """An entry of the stream; one that no version of ours wrote is left where it is."""
    try:
        return inbox.from_json(json.loads(fields[b"said"]))
    except (KeyError, TypeError, ValueError):
        log.error("kept_act_unreadable")
        return None
