"""Receive: what somebody said → rows and a passive reply, whatever is broken.

Read facts, one rule, one transaction, then a nudge; what is said at the same time goes through
together. A rule that fails or a database that is away costs nobody their words: the act is kept, in
PostgreSQL or in Redis, and brought in later, before anything its person said afterwards.
"""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import structlog

from bot.bootstrap import Bot
from bot.core.messages import Kind, Said
from bot.core.standing import NobodyYet
from bot.desk import answering, kept
from bot.desk.answering import Behind, NotTogether, Outcome
from bot.desk.kept import NotKept
from bot.desk.nudge import DELIVER, INBOX, MEDIA, nudge
from bot.desk.suspense import InRedis
from bot.store import inbox
from bot.store.engine import Stale, Unavailable, transaction

log = structlog.get_logger()

_TRIES = 5
# A database that hangs is left alone so long, else everybody who speaks would wait for it.
_PAUSE_S = 1.0
# WeChat waits 5 s: of what we use of it so much for PostgreSQL, and so much for a Redis that hangs.
_ALTOGETHER_S = 4.5
_WITHIN_S = 2.0
_REDIS_WITHIN_S = 2.0
_away_until: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


def receive(bot: Bot, said: Said) -> str | None:
    """Handle one act; the passive reply's text, None for none. A repeat gets the same again.

    Raises NotKept only where neither store answers.
    """
    began = time.monotonic()
    held = InRedis.SOME if _is_away(bot) else _held(bot)
    if held is InRedis.SOME:
        try:
            return kept.keep_in_redis(bot, said)
        except NotKept:
            log.warning("both_away")
            held = _held(bot)
    left = _ALTOGETHER_S - (time.monotonic() - began)
    within = min(_WITHIN_S, left)
    if held is InRedis.NOTHING:
        return _received(bot, said, within, or_redis=left - within >= _REDIS_WITHIN_S / 2)
    return _in_doubt(bot, said, within)


def _held(bot: Bot) -> InRedis:
    try:
        return kept.in_redis(bot)
    except Unavailable as error:
        _leave_alone(bot)
        log.warning("database_away", why=str(error))
        return InRedis.SOME


def _in_doubt(bot: Bot, said: Said, within_s: float) -> str | None:
    """Redis does not answer and may hold what this person said before."""
    try:
        return kept.keep_in_doubt(bot, said, within_s)
    except NotKept:
        _leave_alone(bot)
        raise


def _received(bot: Bot, said: Said, within_s: float, *, or_redis: bool) -> str | None:
    try:
        return _handle(bot, said, within_s)
    except Unavailable as error:
        _leave_alone(bot)
        log.warning("database_away", why=str(error))
        if not or_redis:
            raise NotKept from error
        return kept.keep_in_redis(bot, said)
    except (Behind, Stale):
        reply = kept.keep_behind(bot, said, _WITHIN_S)
        nudge(bot, INBOX)
        return reply
    except NobodyYet:
        return kept.keep_for_later(bot, said, inbox.NOBODY_YET, _WITHIN_S)
    except Exception as error:
        log.exception("rule_failed", why=type(error).__name__)
        return kept.keep_for_later(bot, said, type(error).__name__, _WITHIN_S)


def rehearse(bot: Bot) -> None:
    """Connects and has the long statements planned, so that who speaks first after a start waits
    no longer than the next. Leaves nothing behind; a database that is away is met later."""
    try:
        with transaction(bot.engine, within_s=_WITHIN_S) as connection:
            answering.listen(bot, connection, Said("", "", "", Kind.EVENT, "", bot.now(), None))
            connection.rollback()
    except (Unavailable, Stale) as error:
        log.info("not_rehearsed", why=str(error))


def bring_in(bot: Bot, *, most: int = 200) -> int:
    """Acts kept in Redis while PostgreSQL was away, and those whose rule failed: each person's in
    their order; how many were handled."""
    kept.bring_from_redis(bot)
    done = stale = 0
    while done < most and stale < _TRIES:
        try:
            with transaction(bot.engine) as connection:
                found = inbox.take_waiting(
                    connection, bot.now(), lambda said: answering.answer_late(bot, connection, said)
                )
        except Stale:
            stale += 1
            continue
        if not found:
            break
        done, stale = done + 1, 0
    if done:
        nudge(bot, DELIVER)
        nudge(bot, MEDIA)
    return done


def _handle(bot: Bot, said: Said, within_s: float) -> str | None:
    if answering.is_common(said):
        serve = partial(_in_round, bot, within_s)
        together: Outcome | None = bot.rounds.join(said, said.openid, serve)
        if together is not None:
            return _nudged(bot, together)
    for _ in range(_TRIES):
        try:
            with transaction(bot.engine, within_s=within_s) as connection:
                outcome = answering.answer(bot, connection, said)
        except Stale:
            continue
        return _nudged(bot, outcome)
    raise Stale


def _in_round(bot: Bot, within_s: float, acts: Sequence[Said]) -> Sequence[Outcome | None]:
    """The outcomes of acts that came together; None of what has to be handled by itself.

    Raises Unavailable, and so does everybody whose act is in the round.
    """
    if not acts:
        return []
    if _is_away(bot):  # they waited for their turn while others found it out
        raise Unavailable("found away a moment ago")
    try:
        with transaction(bot.engine, within_s=within_s) as connection:
            outcomes = answering.answer_round(bot, connection, acts)
    except NotTogether as error:
        rest = [said for said, alone in zip(acts, error.alone, strict=True) if not alone]
        done = iter(_in_round(bot, within_s, rest))
        return [None if alone else next(done) for alone in error.alone]
    except Unavailable:
        _leave_alone(bot)
        raise
    except Exception as error:
        log.info("round_undone", acts=len(acts), why=type(error).__name__)
        return [None] * len(acts)
    return outcomes


def _nudged(bot: Bot, outcome: Outcome) -> str | None:
    """By whoever spoke, when the next round is in work already: nobody's turn waits for Redis."""
    for queue in outcome.queues:
        nudge(bot, queue)
    return outcome.reply


def _is_away(bot: Bot) -> bool:
    return time.monotonic() < _away_until.get(bot.engine, 0.0)


def _leave_alone(bot: Bot) -> None:
    _away_until[bot.engine] = time.monotonic() + _PAUSE_S
    kept.expect_some(bot)
