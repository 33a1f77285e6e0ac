"""Mornings: each tier's digest when its day begins, once, however many clocks there are; for
nobody a second one that day."""

from bot.bootstrap import Bot
from bot.core import morning
from bot.core.quiet import rested
from bot.core.standing import Terms
from bot.desk.nudge import DELIVER, nudge
from bot.store import changes, mornings
from bot.store.changes import Source
from bot.store.engine import transaction


def greet(bot: Bot) -> int:
    """Give the digests that are due; how many."""
    told = 0
    with transaction(bot.engine) as connection:
        terms = Terms(bot.ladder, bot.calendars.current(connection), bot.now())
        for tier, began in morning.beginnings(terms):
            if not mornings.take(connection, tier.key, began):
                continue
            until = morning.ends_today(terms.now)
            issues = mornings.due_today(connection, tier.key, until, terms.now)
            decision = rested(morning.digests(issues, terms), terms)
            # The outbox keeps one notice for a key: who had theirs with another tier has it.
            source = Source(f"morning:{began.date()}", terms.now)
            changes.write_all(connection, [(decision, source)], bot.wording.say)
            told += len(decision.tells)
    if told:
        nudge(bot, DELIVER)
    return told
