"""The strip above the phones: open issues and their clocks, read from the program's board.

Knows the board's JSON (contract §7, plus "now" and "ladder"). Must not know the platform.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

TIMEOUT = 3.0  # seconds
DONE = ("closed", "withdrawn")
DONE_SHOWN = 2
MARKED = 1000  # waits whose beginning is remembered

Issue = dict[str, Any]


@dataclass
class Strip:
    """Asks the board; `key` goes as a bearer token. `shown` is what the page draws."""

    url: str | None
    key: str | None = None
    shown: dict[str, Any] | None = None
    _since: dict[tuple[object, object], str] = field(default_factory=dict)
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.trust_env = False
        if self.key:
            self._session.headers["Authorization"] = f"Bearer {self.key}"

    def refresh(self) -> bool:
        """Asks once; True when what is shown changed."""
        if not self.url:
            return False
        before = self.shown
        self.shown = self._asked(self.url)
        return _still(before) != _still(self.shown)

    def close(self) -> None:
        """Lets go of the connection."""
        self._session.close()

    def _asked(self, url: str) -> dict[str, Any]:
        try:
            answer = self._session.get(url, timeout=TIMEOUT)
            answer.raise_for_status()
            document = answer.json()
            issues = document["issues"] if isinstance(document, dict) else document
            ladder = document.get("ladder", []) if isinstance(document, dict) else []
            now = document.get("now") if isinstance(document, dict) else None
            return self._drawn(issues, ladder, now or datetime.now(UTC).isoformat())
        except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError):
            return {"ok": False, "now": None, "ladder": [], "issues": []}

    def _drawn(self, issues: list[Issue], ladder: list[Any], now: str) -> dict[str, Any]:
        newest = sorted(issues, key=lambda issue: int(issue["no"]), reverse=True)
        still_open = [issue for issue in newest if issue["state"] not in DONE]
        done = [issue for issue in newest if issue["state"] in DONE][:DONE_SHOWN]
        bottom = ladder[0]["key"] if ladder else None
        rows = [{**issue, "since": self._began(issue, bottom, now)} for issue in still_open + done]
        return {"ok": True, "now": now, "ladder": ladder, "issues": rows}

    def _began(self, issue: Issue, bottom: str | None, now: str) -> str:
        """When this wait was first seen; a first wait began when the issue was opened."""
        wait = (issue["no"], issue.get("due_at"))
        if wait not in self._since:
            first = issue["state"] == "waiting" and issue["tier"] == bottom
            self._since[wait] = (issue.get("opened_at") if first else None) or now
            while len(self._since) > MARKED:
                del self._since[next(iter(self._since))]
        return self._since[wait]


def _still(shown: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is shown without the moment it was asked."""
    return {**shown, "now": None} if shown else None
