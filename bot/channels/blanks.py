"""The blanks of a template: which fields it has, as WeChat lists them, and what is written there.

Knows how WeChat names fields; sentences are the wording's.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from bot.core.announcement import Announcement
from bot.core.outcome import Refused, TryLater
from bot.wechat.client import outcome_of
from bot.wechat.console import Template
from bot.wechat.wire import WeChatError
from bot.wording import Wording

_FIELD: Final = re.compile(r"\{\{\s*([A-Za-z_]+[0-9]*)\.DATA\s*\}\}")
_GONE: Final = frozenset({"first", "remark"})  # not shown any more since 2023
_KEPT: Final = timedelta(hours=1)  # fields never change, but a template may be taken off
_KEPT_WHERE_NONE: Final = timedelta(seconds=30)

Names = tuple[str, ...]
Not = TryLater | Refused


class Blanks:
    """Those of one template. Safe for threads: one asks, the others wait for its answer."""

    def __init__(
        self, template_id: str, listed: Callable[[], Sequence[Template]], wording: Wording
    ) -> None:
        self._template_id = template_id
        self._listed = listed
        self._wording = wording
        self._kept: tuple[float, Names | Not] = (0.0, TryLater("not listed yet", _KEPT_WHERE_NONE))
        self._guard = threading.Lock()

    def filled(self, announcement: Announcement) -> Mapping[str, str] | Not:
        """What is written into each, or why nothing can be."""
        names = self._names()
        return self._wording.announce(names, announcement) if isinstance(names, tuple) else names

    def _names(self) -> Names | Not:
        with self._guard:
            until, names = self._kept
            if time.monotonic() >= until:
                names = self._asked()
                kept = _KEPT if isinstance(names, tuple) else _KEPT_WHERE_NONE
                self._kept = (time.monotonic() + kept.total_seconds(), names)
            return names

    def _asked(self) -> Names | Not:
        try:
            listed = self._listed()
        except WeChatError as error:
            became = outcome_of(error)
            if isinstance(became, TryLater | Refused):
                return became
            return TryLater(f"templates could not be listed: {error.why}", _KEPT_WHERE_NONE)
        for template in listed:
            if template.template_id == self._template_id:
                return _names_in(template.content)
        return Refused(f"the template {self._template_id} is not the account's", "service")


def _names_in(content: str) -> Names:
    found = dict.fromkeys(_FIELD.findall(content))
    return tuple(name for name in found if name not in _GONE)
