"""Acts that have to wait: in Redis while PostgreSQL is away, in the inbox behind what failed.

Knows where they wait and in which order. Must not know how an act is handled.
"""

import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog
from redis import RedisError, ResponseError

from bot.bootstrap import Bot
from bot.core.messages import Said
from bot.core.notices import KeptForNow
from bot.desk import suspense
from bot.desk.nudge import leave_alone
from bot.desk.suspense import InRedis, Suspense
from bot.store import inbox
from bot.store.engine import Stale, Unavailable, transaction

KEPT_IN_REDIS: Final = "hulianwang:kept"
UNREADABLE: Final = "hulianwang:unreadable"
"""Where what no version of ours wrote is put aside, so that nothing waits behind it."""

_AT_ONCE: Final = 500
_BRINGING_S: Final = 1.5
_ALL_OF_IT_S: Final = 30.0

log = structlog.get_logger()


class NotKept(Exception):
    """Neither PostgreSQL nor Redis could keep the message."""


class _Away(Exception):
    """Redis does not answer."""


def in_redis(bot: Bot) -> InRedis:
    """Whether acts wait in Redis; those that do are moved to the inbox first, where that is quick.

    SOME: whatever is said now goes behind them. UNKNOWN: it waits until Redis answers, but not for
    ever. One round trip at most every tenth of a second, however much is said. Raises Unavailable.
    """
    known = suspense.of(bot.redis)
    try:
        if not _looks_kept(bot, known):
            return InRedis.NOTHING
        # One brings; whoever else speaks meanwhile goes behind what is there, and waits for nobody.
        if not known.bringing.acquire(blocking=False):
            return InRedis.SOME
        try:
            emptied = not known.waiting or _bring(bot, _BRINGING_S)
        finally:
            known.bringing.release()
    except _Away:
        return known.silent(time.monotonic())
    except Stale:
        return InRedis.SOME
    return InRedis.NOTHING if emptied else InRedis.SOME


def expect_some(bot: Bot) -> None:
    """PostgreSQL is away: what is said now is kept in Redis, here and elsewhere."""
    suspense.of(bot.redis).expect()


def _looks_kept(bot: Bot, known: Suspense) -> bool:
    """Looks for itself also where a nudge has just failed: Redis may be back, with acts that others
    kept in it while PostgreSQL was away as well."""
    if known.is_to_look(time.monotonic()):
        if _asked(bot, lambda: bot.redis.xlen(KEPT_IN_REDIS)):
            known.expect()
    elif known.is_silent:
        raise _Away
    return known.waiting


def _asked(bot: Bot, ask: Callable[[], Any]) -> Any:
    """Redis's answer. Raises _Away; where there was none, nobody here asks again for a while."""
    known = suspense.of(bot.redis)
    try:
        found = ask()
    except ResponseError as error:  # it answers, and refuses: a copy that may not be written
        raise _Away from error
    except RedisError as error:
        leave_alone(bot)
        known.unanswered(time.monotonic())
        raise _Away from error
    known.answered()
    return found


def keep_in_redis(bot: Bot, said: Said) -> str | None:
    """Keep the act behind all that waits there; what is answered. Raises NotKept."""
    kept = json.dumps(inbox.to_json(said))
    try:
        _asked(bot, lambda: bot.redis.xadd(KEPT_IN_REDIS, {"said": kept}))
    except _Away as error:
        log.error("message_not_kept", why=type(error.__cause__).__name__)
        raise NotKept from error
    suspense.of(bot.redis).expect()
    return answer(bot, said)


def keep_behind(bot: Bot, said: Said, within_s: float) -> str | None:
    """Keep the act in the inbox, due at once but not before its person's earlier ones."""
    reply = answer(bot, said)
    return _in_inbox(bot, inbox.Waiting(said, inbox.BEHIND, reply), within_s)


def keep_in_doubt(bot: Bot, said: Said, within_s: float) -> str | None:
    """Keep the act in the inbox until Redis answers again and what it holds is before it, or its
    silence has lasted too long. Raises NotKept."""
    rest = timedelta(seconds=suspense.of(bot.redis).doubted_for(time.monotonic()))
    waiting = inbox.Waiting(said, inbox.AFTER_REDIS, answer(bot, said), rest=rest)
    try:
        with transaction(bot.engine, within_s=within_s) as connection:
            return inbox.keep_one(connection, waiting, bot.now())
    except (Unavailable, Stale) as error:
        raise NotKept from error


def keep_for_later(bot: Bot, said: Said, why: str, within_s: float) -> str | None:
    """Keep an act whose rule failed, to be tried again in a while."""
    reply = answer(bot, said)
    return _in_inbox(bot, inbox.Waiting(said, why, reply, tried=True), within_s)


def _in_inbox(bot: Bot, waiting: inbox.Waiting, within_s: float) -> str | None:
    try:
        with transaction(bot.engine, within_s=within_s) as connection:
            return inbox.keep_one(connection, waiting, bot.now())
    except Exception as error:
        log.warning("inbox_away", why=type(error).__name__)
        return keep_in_redis(bot, waiting.said)


def answer(bot: Bot, said: Said) -> str | None:
    """What is answered where the act itself has to wait."""
    return bot.wording.say(KeptForNow()) if said.is_words else None


def bring_from_redis(bot: Bot) -> None:
    """Into the inbox, in their order, before what was said while nobody knew of them.

    Each leaves Redis only after PostgreSQL has it; twice is harmless, its key is unique. Redis
    away: nothing can be had from it now. Raises Unavailable.
    """
    try:
        _bring(bot, _ALL_OF_IT_S)
    except _Away:
        log.info("redis_away")


def _bring(bot: Bot, within_s: float) -> bool:
    """Whether the inbox has them all. Raises _Away, Unavailable.

    Where Redis can be read and not written, those that were moved stay; they hold up nobody.
    """
    known = suspense.of(bot.redis)
    deadline = time.monotonic() + within_s
    behind = "-"
    while True:
        changes = known.changes
        read = partial(bot.redis.xrange, KEPT_IN_REDIS, min=behind, count=_AT_ONCE)
        entries = _asked(bot, read)
        if not entries:
            break
        _move(bot, entries, deadline - time.monotonic())
        behind = f"({entries[-1][0].decode()}"
        if time.monotonic() > deadline:
            return False
    with transaction(bot.engine, within_s=max(deadline - time.monotonic(), 0.1)) as connection:
        inbox.end_doubt(connection, bot.now())
    known.cleared(changes)
    return True


_Entry = tuple[str, dict[bytes, bytes]]


def _move(bot: Bot, entries: Sequence[_Entry], within_s: float) -> None:
    read = [(entry, fields, _understood(fields)) for entry, fields in entries]
    waiting = [
        inbox.Waiting(said, inbox.FROM_REDIS, answer(bot, said))
        for _, _, said in read
        if said is not None
    ]
    with transaction(bot.engine, within_s=within_s) as connection:
        inbox.keep_before(connection, waiting, bot.now())
    with bot.redis.pipeline() as pipeline:
        for _, fields, said in read:
            if said is None:
                pipeline.xadd(UNREADABLE, fields)  # type: ignore[arg-type]
        pipeline.xdel(KEPT_IN_REDIS, *(entry for entry, _, _ in read))
        try:
            _asked(bot, pipeline.execute)
        except _Away as error:
            if not isinstance(error.__cause__, ResponseError):
                raise
            log.warning("redis_not_written", why=type(error.__cause__).__name__)


def _understood(fields: dict[bytes, bytes]) -> Said | None:
    """An entry of the stream; None for what no version of ours wrote."""
    try:
        return inbox.from_json(json.loads(fields[b"said"]))
    except (KeyError, TypeError, ValueError):
        log.error("kept_act_unreadable")
        return None
