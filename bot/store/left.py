"""What stays with somebody who is not there falls due, so that it goes on. Decides nothing."""

from collections.abc import Collection
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

_GOES_ON = """
update issues set due_at = %(now)s, version = version + 1
where no = any(%(left)s) and state in ('waiting', 'in_hand') and due_at > %(now)s
"""


def go_on(connection: psycopg.Connection[DictRow], left: Collection[int], now: datetime) -> int:
    """These issues are due now; how many were not."""
    return connection.execute(_GOES_ON, {"left": list(left), "now": now}).rowcount
