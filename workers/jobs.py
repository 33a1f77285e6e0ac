"""The functions RQ calls by name: say that the nudge was heard, do what the desk does.

Never moved or renamed: their names are in Redis. They know no rule; a job run twice finds
nothing left to do.
"""

import os
from functools import cache

from bot.bootstrap import Bot, from_environment
from bot.desk import carry as carrying
from bot.desk import deliver as delivery
from bot.desk import escalate as escalation
from bot.desk import receive
from bot.desk.nudge import DELIVER, INBOX, MEDIA, REMIND, heard, tier_queue
from workers.ending import ending


def escalate(tier_key: str) -> int:
    heard(bot(), tier_queue(tier_key))
    return escalation.escalate(bot(), tier_key)


def deliver() -> int:
    heard(bot(), DELIVER)
    return delivery.deliver(bot(), until=lambda: ending.begun)


def bring_in() -> int:
    heard(bot(), INBOX)
    return receive.bring_in(bot())


def remind() -> int:
    heard(bot(), REMIND)
    return escalation.remind(bot())


def carry() -> int:
    heard(bot(), MEDIA)
    return carrying.carry(bot(), until=lambda: ending.begun)


def bot() -> Bot:
    """This process's Bot, made at the first use: connections must not cross a fork."""
    return _bot(os.getpid())


@cache
def _bot(pid: int) -> Bot:
    del pid
    return from_environment()
