"""Left: what stays with somebody who is not there although somebody else is goes on.

Whoever joins, or comes back and speaks, moves what they see (`bot.core.holding`); this is for what
nobody saw. Safe to run as often as one likes.
"""

from bot.bootstrap import Bot
from bot.core.standing import Terms
from bot.store import breaches, left
from bot.store.engine import UNHURRIED, transaction


def move_on(bot: Bot) -> int:
    """Such issues are due now, so that the next look takes them to somebody; how many."""
    with transaction(bot.engine) as connection:
        connection.execute(UNHURRIED)
        terms = Terms(bot.ladder, bot.calendars.current(connection), bot.now())
        found = tuple(breaches.held_by_nobody_there(connection, terms))
        return left.go_on(connection, found, terms.now)
