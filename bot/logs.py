"""Sets up logging: one JSON line per event on stderr.

Knows structlog and the standard library's logging. Must let through no words, names or phone
numbers of people: errors are told by their kind and place, never by their text, and of what
libraries log only the sentence without the values put into it.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import structlog
from structlog.typing import EventDict

ROOT: Final = Path(__file__).resolve().parent.parent
_FRAMES = 12
_LONGEST = 200


def set_up(level: str = "INFO") -> None:
    """Log from `level` up; what libraries log only from WARNING up. Safe to call twice."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _told_by_kind,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Library())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    # It warns of every pipeline that ends in an error, which is raised as well.
    logging.getLogger("psycopg").setLevel(logging.ERROR)


def told(error: BaseException) -> dict[str, Any]:
    """An error without anybody's words: its kinds from the outermost in, codes, frames."""
    chain = list(_causes(error))
    facts: dict[str, Any] = {"error": [type(one).__name__ for one in chain]}
    codes = [getattr(one, name, None) for one in chain for name in ("sqlstate", "errno")]
    if any(codes):
        facts["codes"] = [code for code in codes if code]
    frames = traceback.extract_tb(chain[-1].__traceback__) or traceback.extract_tb(
        error.__traceback__
    )
    facts["trace"] = [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in frames]
    facts["trace"] = facts["trace"][-_FRAMES:]
    return facts


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    present: BaseException | None = error
    while present is not None and id(present) not in seen:
        seen.add(id(present))
        yield present
        present = present.__cause__ or present.__context__


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def _told_by_kind(_: Any, __: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        event.update(told(given))
    return event


class _Library(logging.Formatter):
    """A library's record as one JSON line, without the values that were put into its sentence."""

    def format(self, record: logging.LogRecord) -> str:
        sentence = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        first_line, *_ = sentence.splitlines() or [""]
        event: dict[str, Any] = {
            "event": first_line[:_LONGEST],
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
        }
        if record.exc_info and record.exc_info[1]:
            event.update(told(record.exc_info[1]))
        return json.dumps(event, ensure_ascii=False)
