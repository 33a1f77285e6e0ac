"""`python -m workers.clock`: looks what is due, nudges whoever does it, and does it where none did.

Decides nothing and holds no lock: any number of clocks may run, on any hosts, because all that a
look can cause is idempotent. A nudge asks to look; a row that is due is locked, done once and no
longer due; the heartbeat keeps the later moment.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from redis import RedisError

from bot import logs
from bot.bootstrap import CANNOT_START, Bot, from_environment
from bot.core.morning import due_since
from bot.core.standing import Terms
from bot.desk.calendars import settle
from bot.desk.carry import carry
from bot.desk.deliver import deliver
from bot.desk.duties import report_gaps
from bot.desk.escalate import escalate, remind
from bot.desk.kept import KEPT_IN_REDIS
from bot.desk.left import move_on
from bot.desk.nudge import (
    DELIVER,
    INBOX,
    MEDIA,
    REMIND,
    is_away,
    leave_alone,
    nudge,
    tier_queue,
)
from bot.desk.receive import bring_in
from bot.store import ahead, hours, ticking
from bot.store.engine import Stale, Unavailable, transaction
from workers.ending import ending

LOOKS_A_TICK: Final = 2
"""A nudge at one look, the clock's own hand at the next: both within one tick, so that a step
comes within two (contract §6, promise 3) also where a nudge was lost."""

_PORTION: Final = 200
_PORTION_S: Final = 5.0
_PATIENCE_S: Final = 3.0
_GRACE_S: Final = 6.0
_DROP_EVERY: Final = timedelta(hours=1)
_DROPPED_AT_ONCE: Final = 1000
_DROPPING: Final = "old acts"
_SETTLING: Final = "estimated due times"
_GAPS: Final = "gaps in the duty roster"
_LEFT: Final = "what is held by nobody there"

log = structlog.get_logger()


def main() -> int:
    """0 when asked to end by SIGTERM or SIGINT, 1 where a setting is wrong."""
    try:
        bot = from_environment()
    except CANNOT_START as error:
        sys.stderr.write(f"hulianwang: {error}\n")
        return 1
    logs.set_up(bot.settings.log_level)
    ending.listen()
    run(Clock(bot), bot.ladder.tick / LOOKS_A_TICK)
    return 0


def run(clock: "Clock", every: timedelta) -> None:
    """Look again and again until the end begins; late looks are not made up for."""
    log.info("clock_ready", every_s=every.total_seconds())
    following = time.monotonic()
    while not ending.begun:
        clock.look()
        following = max(following + every.total_seconds(), time.monotonic())
        ending.wait(following - time.monotonic())
    clock.finish(_GRACE_S)


class Clock:
    """What was seen at the last look, and what this clock has in its own hands."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._looked_at: datetime | None = None
        self._redis_held = False
        self._dropped_at: datetime | None = None
        self._calendar_at: datetime | None = None
        self._away = False
        self._hands: dict[str, threading.Thread] = {}

    def look(self) -> None:
        """One look. PostgreSQL away: said once, and looked for again the next time."""
        now = self._bot.now()
        try:
            with transaction(self._bot.engine, within_s=_PATIENCE_S) as connection:
                mended = ahead.mend(connection, now)
                due = ticking.look(connection, now)
                if self._looked_at is None:
                    hours.note(connection, self._bot.ladder, now)
        except (Unavailable, Stale) as error:
            self._tell_away(error)
            return
        if self._away:
            log.info("database_back")
        self._away = False
        if mended:
            log.warning("clock_was_ahead", waits_ended=mended)
        for queue, since in self._queues(due, now):
            self._see_to(queue, since)
        self._looked_at = now
        if due.calendar_at != self._calendar_at:
            self._calendar_at = due.calendar_at
            self._take_in_hand(_SETTLING, _settle)
        self._by_the_hour(now)

    def finish(self, within_s: float) -> None:
        """Wait for what is in hand, so that no push is left in doubt."""
        deadline = time.monotonic() + within_s
        for hand in self._hands.values():
            hand.join(max(deadline - time.monotonic(), 0.0))

    def _queues(self, due: ticking.Due, now: datetime) -> Iterator[tuple[str, datetime]]:
        """Each queue with something due, and since when."""
        for tier, since in due.tiers.items():
            yield tier_queue(tier), since
        if due.notices and self._bot.channels:
            yield DELIVER, due.notices
        if due.pieces and self._bot.wechat:
            yield MEDIA, due.pieces
        terms = Terms(self._bot.ladder, self._bot.calendar, now)
        said = [since for since in (due.reminders, due_since(terms, due.mornings)) if since]
        if said:
            yield REMIND, min(said)
        acts = due.acts or self._kept_since(now)
        if acts:
            yield INBOX, acts

    def _kept_since(self, now: datetime) -> datetime | None:
        """Since when Redis holds what people said while PostgreSQL was away."""
        held_before, self._redis_held = self._redis_held, False
        if is_away(self._bot):
            return None
        try:
            self._redis_held = bool(self._bot.redis.xlen(KEPT_IN_REDIS))
        except RedisError:
            leave_alone(self._bot)
        if not self._redis_held:
            return None
        return self._looked_at if held_before else now

    def _see_to(self, queue: str, since: datetime) -> None:
        """Nudged; done here where no nudge goes out, or the last look's brought nobody."""
        portion = _PORTIONS.get(queue) or _tier_portion(queue)
        if self._looked_at is not None and since <= self._looked_at:
            self._take_in_hand(queue, portion)
        if not nudge(self._bot, queue):
            self._take_in_hand(queue, portion)

    def _take_in_hand(self, name: str, portion: "Portion") -> None:
        """One hand for each kind of work: none waits for another, and the clock for none."""
        held = self._hands.get(name)
        if held is not None and held.is_alive():
            return
        hand = threading.Thread(target=self._do, args=(name, portion), name=name, daemon=True)
        self._hands[name] = hand
        hand.start()

    def _do(self, name: str, portion: "Portion") -> None:
        deadline = time.monotonic() + _PORTION_S
        try:
            done = portion(self._bot, lambda: ending.begun or time.monotonic() > deadline)
        except (Unavailable, Stale) as error:
            log.info("clock_put_off", work=name, why=str(error))
        except Exception:
            log.exception("clock_could_not", work=name)
        else:
            if done:
                log.info("clock_did", work=name, rows=done)

    def _by_the_hour(self, now: datetime) -> None:
        if self._dropped_at is None or now - self._dropped_at >= _DROP_EVERY:
            self._dropped_at = now
            self._take_in_hand(_DROPPING, _drop_old_acts)
            # Also what was being written by the old calendar while the new one was loaded.
            self._take_in_hand(_SETTLING, _settle)
            self._take_in_hand(_GAPS, lambda bot, _: report_gaps(bot))
            self._take_in_hand(_LEFT, lambda bot, _: move_on(bot))

    def _tell_away(self, error: Exception) -> None:
        if not self._away:
            log.warning("database_away", why=str(error))
        self._away = True


Enough = Callable[[], bool]
Portion = Callable[[Bot, Enough], int]


def _drop_old_acts(bot: Bot, enough: Enough) -> int:
    dropped = 0
    while not enough():
        with transaction(bot.engine) as connection:
            gone = ticking.drop_old_acts(connection, bot.now(), _DROPPED_AT_ONCE)
        dropped += gone
        if gone < _DROPPED_AT_ONCE:
            break
    return dropped


def _settle(bot: Bot, _: Enough) -> int:
    return settle(bot)


def _tier_portion(queue: str) -> Portion:
    tier = queue.split(".")[0]
    return lambda bot, _: escalate(bot, tier, most=_PORTION)


_PORTIONS: Final[Mapping[str, Portion]] = {
    DELIVER: lambda bot, enough: deliver(bot, until=enough),
    INBOX: lambda bot, _: bring_in(bot, most=_PORTION),
    MEDIA: lambda bot, enough: carry(bot, until=enough),
    REMIND: lambda bot, _: remind(bot, most=_PORTION),
}


if __name__ == "__main__":
    sys.exit(main())
