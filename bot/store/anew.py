"""Notices that waited, brought to what stands now before they go; what is over is withdrawn.

Knows rows; what is said anew and what is over is the core's to say.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby

import psycopg
from psycopg.rows import DictRow

from bot.core.late import FRESH, Late, repeated
from bot.core.notices import Notice

Word = Callable[[Notice], str]

_OVER = "delete from outbox where id = any(%(ids)s)"


def brought_up(
    connection: psycopg.Connection[DictRow], rows: list[DictRow], now: datetime, word: Word
) -> list[DictRow]:
    """The rows, by person and in order, as they are said now; without those that are over or
    that a later one says as well."""
    old = [row for row in rows if row["facts"] is not None and row["made_at"] < now - FRESH]
    late = {row["id"]: found for row in old if (found := Late.of(row)) is not None}
    over = set(_repeated(rows, late))
    for row in rows:
        found = late.get(row["id"])
        notice = found.anew() if found else None
        if notice is not None:
            row["text"] = word(notice)
        elif found:
            over.add(row["id"])
    if over:
        connection.execute(_OVER, {"ids": sorted(over)})
    return [row for row in rows if row["id"] not in over]


def _repeated(rows: list[DictRow], late: dict[int, Late]) -> Iterable[int]:
    for _, of_one in groupby(rows, key=lambda row: row["person_id"]):
        yield from repeated((row["id"], late.get(row["id"])) for row in of_one)
