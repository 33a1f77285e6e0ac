"""Connections to PostgreSQL. Knows nothing of tables or rules."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url


def driver_url(url: str) -> str:
    """`postgres://` or `postgresql://` as people write it → SQLAlchemy's name for psycopg 3."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def connect(url: str, *, pool: int = 8, patience_s: float = 3.0) -> Engine:
    """An engine whose connects and statements give up after `patience_s` seconds.

    Nothing is opened here: a database that is away is met at the first use.
    """
    options = f"-c statement_timeout={int(patience_s * 1000)} -c timezone=UTC"
    return create_engine(
        driver_url(url),
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=patience_s,
        connect_args={"connect_timeout": max(2, int(patience_s)), "options": options},
    )
