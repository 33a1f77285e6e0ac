"""Logs are JSON lines that hold nobody's words."""

import json
import subprocess
import sys
from typing import Any

_PROGRAM = """
import logging, structlog
from bot import logs
logs.set_up("INFO")
log = structlog.get_logger()
log.debug("not_told")
log.info("issue_opened", no=12)
try:
    try:
        raise ValueError("王大爷 13800000001")
    except ValueError as why:
        raise KeyError("电梯坏了") from why
except KeyError:
    log.exception("receive_failed", no=12)
    logging.getLogger("library").error("said %s", "王大爷", exc_info=True)
    logging.getLogger("library").warning(ValueError("电梯坏了"))
logging.getLogger("library").info("not told")
"""


def lines_of(program: str) -> tuple[str, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr, [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_one_json_event_without_words_or_names() -> None:
    whole, lines = lines_of(_PROGRAM)
    assert not any(words in whole for words in ("王大爷", "电梯坏了", "13800000001", "not_told"))
    assert [line["event"] for line in lines] == [
        "issue_opened",
        "receive_failed",
        "said %s",
        "ValueError",
    ]
    opened, failed, library, _ = lines
    assert (opened["no"], opened["level"]) == (12, "info")
    assert failed["error"] == library["error"] == ["KeyError", "ValueError"]
    assert failed["trace"]
