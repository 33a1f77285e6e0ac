"""Leases: until when somebody's notices or files are one sender's, who says so, when it is over.

They run by PostgreSQL's clock, which all hosts share: one whose own clock is wrong then holds
nothing too long and ends nobody's. Does not know what is leased.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import psycopg
from psycopg.rows import DictRow

LIVES: Final = "between now() and now() + interval '5 minutes'"
"""What a lease does that is not over. One that ends later than any can was taken before that clock
was set back, and is over too: it would hold a person for as long as the clock had been wrong."""

_UNTIL = "select now() + %(lasts)s as until"


@dataclass(slots=True)
class Lease:
    """Until when something is its sender's; moved on while they are at it.

    `taken`: when, as time runs in this process whatever its clock says.
    """

    until: datetime
    taken: float

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self.taken)

    def move(self, on: "Lease") -> None:
        """Once that is committed."""
        self.until, self.taken = on.until, on.taken


def lease(connection: psycopg.Connection[DictRow], lasts: timedelta) -> Lease:
    """One that begins with this transaction, to be put on its rows."""
    taken = time.monotonic()
    (row,) = connection.execute(_UNTIL, {"lasts": lasts}).fetchall()
    return Lease(row["until"], taken)
