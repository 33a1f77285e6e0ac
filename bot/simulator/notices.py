"""Template messages and subscription notices: who may get one, and how each ended.

Knows platform facts 2.3 and 2.4. Must not know HTTP, nor how events travel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.simulator.handset import Phone
from bot.simulator.noticefields import Lasting, Template, usual_templates

SAME_WITHIN = timedelta(minutes=10)  # one client_msg_id per person
KEPT_IDS = 10_000


class Ending(StrEnum):
    """How a notice ended; the value is TEMPLATESENDJOBFINISH's Status."""

    SUCCESS = "success"
    USER_BLOCK = "failed:user block"
    SYSTEM_FAILED = "failed: system failed"


@dataclass(frozen=True)
class Ended:
    """One notice: its job's number, to whom, of which template, and how it ended."""

    number: int
    openid: str
    template: Template
    ending: Ending


@dataclass
class Notices:
    """Templates, consents and what was sent. Not thread-safe: the platform holds its lock.

    `block_spelling` is the Status for those who block, of which two are seen (facts 1.5).
    `every_popup_told`: WeChat tells of a person's first popup only. `busy_for`, in seconds of
    real time: a second subscription notice to the same person meanwhile is refused (43108).
    """

    templates: dict[str, Template] = field(default_factory=usual_templates)
    consents: dict[tuple[str, str], int] = field(default_factory=dict)  # one-time ones left
    blocking: set[str] = field(default_factory=set)  # openids that take no template messages
    fail_next: int = 0
    block_spelling: str = Ending.USER_BLOCK
    every_popup_told: bool = False
    busy_for: float = 0.05
    ended: list[Ended] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    popped_up: set[str] = field(default_factory=set)
    _said: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)

    def of(self, template_id: object, *lasting: Lasting) -> Template | None:
        """The template with this id, if it is of one of these sorts."""
        found = self.templates.get(str(template_id))
        return found if found and found.lasting in lasting else None

    def said_before(self, openid: str, client_id: str | None, now: datetime) -> int | None:
        """The number under which the same client_msg_id went to this person lately."""
        if not client_id:
            return None
        number, at = self._said.get((openid, client_id), (0, now))
        return number if number and now - at < SAME_WITHIN else None

    def remember(self, openid: str, client_id: str | None, number: int, now: datetime) -> None:
        """Notes a client_msg_id."""
        if client_id:
            self._said[(openid, client_id)] = (number, now)
            while len(self._said) > KEPT_IDS:
                del self._said[next(iter(self._said))]

    def consent(self, phone: Phone, template: Template) -> None:
        """One more notice, or any number of a long-term template."""
        key = (phone.openid, template.template_id)
        self.consents[key] = self.consents.get(key, 0) + 1

    def revoke(self, phone: Phone, template: Template) -> None:
        """None any more."""
        self.consents.pop((phone.openid, template.template_id), None)

    def consented(self, openid: str, template: Template) -> bool:
        """Whether a notice may be sent."""
        return self.consents.get((openid, template.template_id), 0) > 0

    def use_consent(self, openid: str, template: Template) -> None:
        """A one-time consent is used up by one notice."""
        if template.lasting is Lasting.ONE_TIME:
            self.consents[(openid, template.template_id)] -= 1

    def end(self, number: int, openid: str, template: Template) -> Ended:
        """Decides how a notice ends, and notes it."""
        ending = Ending.USER_BLOCK if openid in self.blocking else Ending.SUCCESS
        if self.fail_next > 0:
            self.fail_next -= 1
            ending = Ending.SYSTEM_FAILED
        done = Ended(number, openid, template, ending)
        self.ended.append(done)
        return done
