"""What the pages ask of PostgreSQL and Redis, so that nobody waits for a server that hangs.

Knows which query stands behind which page, and connections of its own: those of the message path
stay free for messages. Must not know how an answer is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.bootstrap import Bot
from bot.store import pages, vitals
from bot.store.engine import connect
from bot.web.asked import Question

PATIENCE_S: Final = 2.0
_CONNECTIONS: Final = 2
_SHOWN: Final = 50
_SHOWN_AFTER_END: Final = timedelta(days=1)


@dataclass(frozen=True)
class Board:
    """The ledger as it stood at a moment, in UTC."""

    at: datetime
    entries: tuple[pages.Entry, ...]


@dataclass(frozen=True)
class Questions:
    """`redis` is True when answered, as `PING` is. `close` lets go of the connections."""

    pulse: Question[vitals.Pulse]
    counts: Question[vitals.Counts]
    board: Question[Board]
    redis: Question[bool]
    close: Callable[[], None]


def questions_of(bot: Bot) -> Questions:
    """Opens nothing; a server that is away is met when it is asked."""
    url, now = bot.settings.database_url or "", bot.now
    engine = connect(url, pool=_CONNECTIONS, patience_s=PATIENCE_S)

    def pulse() -> vitals.Pulse:
        return vitals.looked_up(engine, lambda given: vitals.pulse(given, now()))

    def counts() -> vitals.Counts:
        return vitals.looked_up(engine, lambda given: vitals.counts(given, now()))

    def board() -> Board:
        at = now()
        since = at - _SHOWN_AFTER_END
        return Board(at, vitals.looked_up(engine, lambda given: pages.latest(given, since, _SHOWN)))

    return Questions(
        pulse=Question(pulse, patience_s=PATIENCE_S),
        counts=Question(counts, patience_s=PATIENCE_S),
        board=Question(board, patience_s=PATIENCE_S),
        redis=Question(lambda: bool(bot.redis.ping()), patience_s=PATIENCE_S),
        close=engine.dispose,
    )
