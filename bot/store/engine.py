"""Connections to PostgreSQL. Knows nothing of tables or rules.

SQLAlchemy pools them; the message path works on psycopg's own connection, whose pipeline sends
several statements in one round trip.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import orjson
import psycopg
from psycopg.adapt import Dumper
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine
from sqlalchemy.engine import make_url

from bot.store.watchdog import bounded

Rows = psycopg.Cursor[DictRow]

set_json_loads(orjson.loads)  # half of what the message path reads is JSON


class Json(bytes):
    """A value for the server that is JSON already."""


class _JsonDumper(Dumper):
    oid = psycopg.adapters.types["jsonb"].oid

    def dump(self, obj: Json) -> Json:
        return obj


psycopg.adapters.register_dumper(Json, _JsonDumper)

_pooled: dict[Any, PoolProxiedConnection] = {}


# A statement is planned once a connection, for tables of any size: while they are still small the
# planner would rather read them whole, or again and again, and keep to it when they have grown.
# PostgreSQL spends as long on planning such statements as on carrying them out.
_HURRIED = (
    " -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off"
    " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off"
)
UNHURRIED = (
    "set local plan_cache_mode = auto; set local enable_seqscan = on;"
    " set local enable_hashjoin = on; set local enable_mergejoin = on;"
    " set local enable_material = on"
)
"""For a transaction of a hurried connection that goes over whole tables."""


_AT_LEAST_S = 0.3  # also where most of the time went into connecting


class Unavailable(Exception):
    """PostgreSQL does not answer, or broke off."""


class Newer(Exception):
    """A later version has migrated this database."""


class Stale(Exception):
    """Something has moved on since its facts were read: read again, decide again."""


def driver_url(url: str) -> str:
    """`postgres://` or `postgresql://` as people write it → SQLAlchemy's name for psycopg 3."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def connect(url: str, *, pool: int = 8, patience_s: float = 2.0, hurried: bool = False) -> Engine:
    """An engine whose connects and statements give up after `patience_s` seconds.

    Nothing is opened here: a database that is away is met at the first use. `hurried`: for the
    message path, whose statements find a handful of rows each by an index.
    """
    options = f"-c statement_timeout={int(patience_s * 1000)} -c timezone=UTC"
    if hurried:
        options += _HURRIED
    return create_engine(
        driver_url(url),
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=patience_s,
        hide_parameters=True,
        connect_args={
            "connect_timeout": max(2, int(patience_s)),
            "options": options,
            # A host that vanished is noticed too, not only a server that says no.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    )


@contextmanager
def transaction(engine: Engine, *, within_s: float = 30.0) -> Iterator[psycopg.Connection[DictRow]]:
    """One transaction on psycopg's own connection, rows as dicts; commits at the end.

    Raises Unavailable where PostgreSQL cannot be reached, the connection breaks or `within_s`
    seconds have passed; Stale where two transactions got into each other's way, or where tables
    changed under prepared statements. A connection of the pool that died while idle is found at
    once and replaced.
    """
    until = time.monotonic() + within_s
    connection = _live(engine)
    raw = cast("psycopg.Connection[DictRow]", connection.driver_connection)
    _pooled[raw] = connection
    try:
        raw.row_factory = dict_row
        with bounded(raw.fileno(), max(until - time.monotonic(), _AT_LEAST_S)):
            yield raw
            raw.commit()
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raw.rollback()
        raise Stale(type(error).__name__) from error
    except psycopg.errors.FeatureNotSupported as error:
        # "cached plan must not change result type": a newer version has added a column meanwhile,
        # and every connection of ours has plans from before.
        connection.invalidate()
        engine.dispose()
        raise Stale(type(error).__name__) from error
    except psycopg.OperationalError as error:
        connection.invalidate()
        raise Unavailable(type(error).__name__) from error
    except BaseException:
        if not raw.closed:
            raw.rollback()
        raise
    finally:
        _pooled.pop(raw, None)
        raw.row_factory = cast("Any", tuple_row)
        connection.close()


@contextmanager
def as_alchemy(engine: Engine, raw: psycopg.Connection[DictRow]) -> Iterator[Connection]:
    """The transaction of `transaction` as SQLAlchemy speaks it: for the block, that alone."""
    raw.row_factory = cast("Any", tuple_row)
    try:
        yield Connection(engine, connection=_pooled[raw])
    finally:
        raw.row_factory = dict_row


@contextmanager
def as_psycopg(connection: Connection) -> Iterator[psycopg.Connection[DictRow]]:
    """A transaction of SQLAlchemy's as psycopg speaks it: for the block, that alone."""
    raw = cast("psycopg.Connection[DictRow]", connection.connection.driver_connection)
    raw.row_factory = dict_row
    try:
        yield raw
    finally:
        raw.row_factory = cast("Any", tuple_row)


def _live(engine: Engine) -> Any:
    """A pooled connection whose socket is open."""
    try:
        connection = engine.raw_connection()
        while _hung_up(connection):
            connection.invalidate()
            connection.close()
            connection = engine.raw_connection()
    except Exception as error:
        raise Unavailable(type(error).__name__) from error
    return connection


def _hung_up(connection: Any) -> bool:
    """Whether the server closed an idle connection: it is readable although nothing was asked."""

    raw = connection.driver_connection
    if raw.closed:
        return True
    readable, _, _ = select.select([raw.fileno()], [], [], 0)
    return bool(readable)
