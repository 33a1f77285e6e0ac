"""Push channels whose last word was that our settings are wrong, or the account lacks a right.

Knows rows; not what codes mean nor what to do.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

# The last pushes by number, not by time: how often one is made nobody can tell.
_LAST_WORDS: Final = text(
    """
    select channel, code, at from (
        select distinct on (channel) channel, about, code, at
        from (select * from sends order by id desc limit 5000) lately
        where outcome in ('sent', 'refused') order by channel, id desc
    ) last
    where about in ('service', 'account') order by channel
    """
)


@dataclass(frozen=True, slots=True)
class PushFault:
    """A channel that refused for a setting's sake, and nothing went out by it since.

    `code` None: WeChat was not asked to send, because what is set cannot be there.
    """

    channel: str
    code: int | None
    at: datetime


def push_faults(connection: Connection) -> tuple[PushFault, ...]:
    found = connection.execute(_LAST_WORDS).all()
    return tuple(PushFault(row.channel, row.code, row.at) for row in found)
