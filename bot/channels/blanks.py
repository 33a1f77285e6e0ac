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
from bot.core.delivery import About
from bot.core.outcome import Refused, TryLater
from bot.wechat.client import outcome_of
from bot.wechat.console import Template
from bot.wechat.errors import AnswerLost, WeChatError
from bot.wording import Wording

_FIELD: Final = re.compile(r"\{\{\s*([A-Za-z_]+[0-9]*)\.DATA\s*\}\}")
_GONE: Final = frozenset({"first", "remark"})  # not shown any more since 2023
_KEPT: Final = timedelta(hours=1)  # fields never change, but a template may be taken off
_KEPT_WHERE_NONE: Final = timedelta(seconds=30)
_USUAL: Final = ("thing1", "time2", "character_string3")  # what operators are told to choose

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
                before, names = names, self._asked()
                listed = isinstance(names, tuple) and names is not _USUAL
                kept = _KEPT if listed else _KEPT_WHERE_NONE
                if names is _USUAL and isinstance(before, tuple):
                    names = before
                self._kept = (time.monotonic() + kept.total_seconds(), names)
            return names

    def _asked(self) -> Names | Not:
        """Those of our template. Where WeChat answers but has no list for us, the usual ones: it
        then says whether they fit, and nobody waits for a list that never comes."""
        try:
            listed = self._list()
        except WeChatError as error:
            became = outcome_of(error)
            if isinstance(became, TryLater):
                return became
            if isinstance(became, Refused) and became.about == About.ACCOUNT:
                return became
            return _USUAL
        for template in listed:
            if template.template_id == self._template_id:
                return _names_in(template.content)
        return Refused(f"the template {self._template_id} is not the account's", "service")

    def _list(self) -> Sequence[Template]:
        try:
            return self._listed()
        except AnswerLost:
            return self._listed()  # asking has no effect, so it may be repeated


def _names_in(content: str) -> Names:
    found = dict.fromkeys(_FIELD.findall(content))
    return tuple(name for name in found if name not in _GONE)
