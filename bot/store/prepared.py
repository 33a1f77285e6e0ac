"""A long statement made ready once: its names become $1, $2 …, as the server wants them.

psycopg turns `%(name)s` into `$1` at every call where a statement is longer than its cache takes,
which costs the message path more than the conversation with the server.
"""

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import DictRow

_NAME = re.compile(r"%\((\w+)\)s")


class Prepared:
    """One statement with named values; `%%` in it stands for itself."""

    def __init__(self, statement: str) -> None:
        self._names = list(dict.fromkeys(_NAME.findall(statement)))
        places = {name: f"${place}" for place, name in enumerate(self._names, 1)}
        whole = _NAME.sub(lambda found: places[found[1]], statement).replace("%%", "%")
        # As bytes it is neither encoded nor hashed again at every call.
        self._statement = whole.encode()

    def execute(
        self, connection: psycopg.Connection[DictRow], values: Mapping[str, Any]
    ) -> psycopg.RawCursor[DictRow]:
        """Send it; in a pipeline the answer is read from the cursor afterwards."""
        cursor = psycopg.RawCursor(connection, row_factory=connection.row_factory)
        given = [values[name] for name in self._names]
        return cursor.execute(self._statement, given, prepare=True)
