"""Why the database did not do what was asked, as far as an operator can mend it.

Knows SQLAlchemy's and psycopg's errors, and our own for a database that is away or newer. Must
not know what was asked, and passes on no value that was sent: an error's text may hold people's
words.
"""

from enum import StrEnum

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.store.engine import Newer, Unavailable

DATABASE_ERRORS = (DBAPIError, PoolTimeoutError, Newer, psycopg.Error, Unavailable)

_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

# https://www.postgresql.org/docs/18/errcodes-appendix.html
_CODES = {
    "42P01": "unmigrated",  # undefined_table
    "42703": "unmigrated",  # undefined_column
    "28P01": "refused",  # invalid_password
    "28000": "refused",  # invalid_authorization_specification
    "42501": "refused",  # insufficient_privilege
    "3D000": "missing",  # invalid_catalog_name
    "57014": "slow",  # query_canceled
}


class Reason(StrEnum):
    AWAY = "away"  # nobody answers there
    REFUSED = "refused"  # user or password
    MISSING = "missing"  # the server has no such database
    UNMIGRATED = "unmigrated"  # tables or columns of this version are not there
    NEWER = "newer"  # a later version has migrated it
    SLOW = "slow"


def reason(error: BaseException) -> Reason | None:
    """The reason behind one of DATABASE_ERRORS; None where it is a fault of ours."""
    if isinstance(error, Newer):
        return Reason.NEWER
    if isinstance(error, PoolTimeoutError):
        return Reason.SLOW
    if isinstance(error, Unavailable):
        return (error.__cause__ and reason(error.__cause__)) or Reason.AWAY
    told = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(told, "sqlstate", None) or _code_in(str(told))
    if code in _CODES:
        return Reason(_CODES[code])
    return Reason.AWAY if isinstance(error, _AWAY) else None


def _code_in(words: str) -> str | None:
    """What libpq tells in words only, while there is no connection to tell it by code."""
    if "password authentication failed" in words or "no password supplied" in words:
        return "28P01"
    missing = 'database "' in words and "does not exist" in words
    return "3D000" if missing else None
