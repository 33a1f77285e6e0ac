"""Acts that have to wait: in Redis while PostgreSQL is away, in the inbox behind what failed.

Knows where they wait and in which order. Must not know how an act is handled.
"""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import structlog
from redis import Redis, RedisError

from bot.bootstrap import Bot
from bot.core.messages import Said
from bot.core.notices import KeptForNow
from bot.desk.nudge import is_away, leave_alone
from bot.store import inbox
from bot.store.engine import Stale, Unavailable, transaction

KEPT_IN_REDIS: Final = "hulianwang:kept"
UNREADABLE: Final = "hulianwang:unreadable"
"""Where what no version of ours wrote is put aside, so that nothing waits behind it."""

_AT_ONCE: Final = 500
# So often a process looks whether others keep acts in Redis: what somebody says within this time of
# an act of theirs that another process kept might overtake it.
_LOOKS_EVERY_S: Final = 0.1
_BRINGING_S: Final = 1.5

log = structlog.get_logger()


class NotKept(Exception):
    """Neither PostgreSQL nor Redis could keep the message."""


@dataclass
class _Seen:
    """What this process knows of the acts in Redis."""

    bringing: threading.Lock = field(default_factory=threading.Lock)
    waiting: bool = True
    look_at: float = 0.0


_seen: WeakKeyDictionary[Redis, _Seen] = WeakKeyDictionary()


def cleared(bot: Bot) -> bool:
    """Whether no act waits in Redis any more; those that do are moved to the inbox first.

    False: some are still there, and whatever is said now goes behind them. One round trip at
    most every tenth of a second, however much is said.
    """
    seen = _seen.setdefault(bot.redis, _Seen())
    if not _looks_kept(bot, seen):
        return True
    if not seen.bringing.acquire(timeout=_BRINGING_S):
        return False
    try:
        return not seen.waiting or bring_from_redis(bot, within_s=_BRINGING_S)
    except (Unavailable, Stale):
        return False
    finally:
        seen.bringing.release()


def _looks_kept(bot: Bot, seen: _Seen) -> bool:
    if seen.look_at > time.monotonic():
        return seen.waiting
    seen.look_at = time.monotonic() + _LOOKS_EVERY_S
    if is_away(bot):
        return False
    try:
        seen.waiting = bool(bot.redis.xlen(KEPT_IN_REDIS))
    except RedisError:
        leave_alone(bot)
        return False
    return seen.waiting


def keep_in_redis(bot: Bot, said: Said) -> str | None:
    """Keep the act behind all that waits there; what is answered. Raises NotKept."""
    try:
        bot.redis.xadd(KEPT_IN_REDIS, {"said": json.dumps(inbox.to_json(said))})
    except RedisError as error:
        log.error("message_not_kept", why=type(error).__name__)
        raise NotKept from error
    seen = _seen.setdefault(bot.redis, _Seen())
    seen.waiting, seen.look_at = True, time.monotonic() + _LOOKS_EVERY_S
    return answer(bot, said)


def keep_behind(bot: Bot, said: Said, within_s: float) -> str | None:
    """Keep the act in the inbox, due at once but not before its person's earlier ones."""
    reply = answer(bot, said)
    return _in_inbox(bot, inbox.Waiting(said, inbox.BEHIND, reply), within_s)


def keep_for_later(bot: Bot, said: Said, why: str, within_s: float) -> str | None:
    """Keep an act whose rule failed, to be tried again in a while."""
    reply = answer(bot, said)
    return _in_inbox(bot, inbox.Waiting(said, why, reply, tried=True), within_s)


def _in_inbox(bot: Bot, waiting: inbox.Waiting, within_s: float) -> str | None:
    try:
        with transaction(bot.engine, within_s=within_s) as connection:
            inbox.keep_waiting(connection, [waiting], bot.now())
    except Exception as error:
        log.warning("inbox_away", why=type(error).__name__)
        return keep_in_redis(bot, waiting.said)
    return waiting.reply


def answer(bot: Bot, said: Said) -> str | None:
    """What is answered where the act itself has to wait."""
    return bot.wording.say(KeptForNow()) if said.is_words else None


def bring_from_redis(bot: Bot, *, within_s: float = 30.0) -> bool:
    """Into the inbox, in their order; whether none is left.

    Each leaves Redis only after PostgreSQL has it; twice is harmless, its key is unique. Raises
    Unavailable.
    """
    deadline = time.monotonic() + within_s
    while entries := _oldest(bot):
        _move(bot, entries, deadline - time.monotonic())
        if time.monotonic() > deadline:
            return False
    _seen.setdefault(bot.redis, _Seen()).waiting = False
    return True


_Entry = tuple[str, dict[bytes, bytes]]


def _oldest(bot: Bot) -> Sequence[_Entry]:
    """Redis away: nothing can be had from it now."""
    try:
        found: Any = bot.redis.xrange(KEPT_IN_REDIS, count=_AT_ONCE)
    except RedisError:
        leave_alone(bot)
        return []
    return list(found)


def _move(bot: Bot, entries: Sequence[_Entry], within_s: float) -> None:
    read = [(entry, fields, _understood(fields)) for entry, fields in entries]
    waiting = [
        inbox.Waiting(said, inbox.FROM_REDIS, answer(bot, said))
        for _, _, said in read
        if said is not None
    ]
    with transaction(bot.engine, within_s=within_s) as connection:
        inbox.keep_waiting(connection, waiting, bot.now())
    try:
        with bot.redis.pipeline() as pipeline:
            for _, fields, said in read:
                if said is None:
                    pipeline.xadd(UNREADABLE, fields)  # type: ignore[arg-type]
            pipeline.xdel(KEPT_IN_REDIS, *(entry for entry, _, _ in read))
            pipeline.execute()
    except RedisError:
        leave_alone(bot)


def _understood(fields: dict[bytes, bytes]) -> Said | None:
    """An entry of the stream; None for what no version of ours wrote."""
    try:
        return inbox.from_json(json.loads(fields[b"said"]))
    except (KeyError, TypeError, ValueError):
        log.error("kept_act_unreadable")
        return None
