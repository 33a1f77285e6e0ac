"""`GET /health`: whether messages can be accepted and the clock lives (contract section 3).

Knows what counts as alive. Names nobody, and waits for nobody: a server that hangs is away.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from flask import Blueprint, Response

from bot.bootstrap import Bot
from bot.store.vitals import Pulse
from bot.web.asked import NoAnswer
from bot.web.questions import Questions

TICKS_MISSED: Final = 3
SHORTEST_SILENCE: Final = timedelta(seconds=15)

log = structlog.get_logger()


@dataclass(frozen=True)
class Health:
    """Seconds; of lateness 0 where nothing is late. None: not known.

    With the database away nobody can tell how the clock is, and it is not held against it:
    messages are kept in Redis meanwhile, and a 503 would make a load balancer refuse them.
    """

    ok: bool
    database: bool
    redis: bool
    clock_tick_age_s: float | None
    oldest_overdue_s: float | None
    oldest_undelivered_s: float | None


def routes(bot: Bot, questions: Questions) -> Blueprint:
    page = Blueprint("health", __name__)

    @page.get("/health")
    def health() -> Response:
        found = look(questions, bot.now, bot.ladder.tick)
        body = json.dumps(asdict(found)) + "\n"
        answer = Response(body, 200 if found.ok else 503, mimetype="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return page


def look(questions: Questions, now: Callable[[], datetime], tick: timedelta) -> Health:
    """Both servers are asked at once."""
    questions.redis.put()
    pulse = _pulse(questions)
    return judge(pulse, _redis(questions), now(), max(TICKS_MISSED * tick, SHORTEST_SILENCE))


def judge(pulse: Pulse | None, redis: bool, now: datetime, silence: timedelta) -> Health:
    """`pulse` is None where the database does not answer; `silence` is how long the clock may
    be without a tick. A database that only reads cannot keep a message."""
    database = pulse is not None and not pulse.read_only
    beat_at = pulse.beat_at if pulse else None
    ticking = pulse is None or (beat_at is not None and now - beat_at <= silence)
    return Health(
        ok=(database or redis) and ticking,
        database=database,
        redis=redis,
        clock_tick_age_s=None if beat_at is None else _seconds(beat_at, now),
        oldest_overdue_s=_lateness(pulse.overdue_since, now) if pulse else None,
        oldest_undelivered_s=_lateness(pulse.undelivered_since, now) if pulse else None,
    )


def _pulse(questions: Questions) -> Pulse | None:
    try:
        return questions.pulse.answer()
    except NoAnswer as error:
        log.warning("database_not_asked", exc_info=error)
        return None


def _redis(questions: Questions) -> bool:
    try:
        return questions.redis.answer()
    except NoAnswer as error:
        log.warning("redis_not_asked", exc_info=error)
        return False


def _lateness(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else _seconds(since, now)


def _seconds(since: datetime, now: datetime) -> float:
    """Never negative: clocks of two hosts differ a little."""
    return max(0.0, round((now - since).total_seconds(), 3))
