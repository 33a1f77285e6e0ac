"""What became of one attempt to send: four values, never an exception.

Knows nothing of WeChat's codes: `bot.wechat.client` translates them.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Sent:
    """WeChat took it. `reference` is its message id where the channel gives one."""

    reference: str | None = None


@dataclass(frozen=True)
class TryLater:
    """Not taken, and no fault of the message: the same attempt may succeed after `after`."""

    why: str
    after: timedelta


@dataclass(frozen=True)
class Refused:
    """Not taken and never will be by this channel in this state; another channel may.

    `about` says whose trouble it is: "person" (window closed, unfollowed, blocked: other
    channels may reach them), "message" (content refused), "service" (this channel: a right the
    account lacks, a template that is none), "account" (nothing at all goes out: a wrong secret, an
    address that is not let in).
    """

    why: str
    about: str
    code: int | None = None


@dataclass(frozen=True)
class Unknown:
    """Handed over, and the answer was lost: it may or may not have reached the person."""

    why: str


Outcome = Sent | TryLater | Refused | Unknown
