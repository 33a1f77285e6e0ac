"""Subscription notices: that there is something to read, to those who said yes to being told.

Knows that a notice needs a consent and announces without words; consents are counted elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.channels.blanks import Blanks
from bot.channels.push import Push, without_words
from bot.core.delivery import About, Try
from bot.core.outcome import Refused
from bot.wechat.client import WeChat


class SubscriptionNotice:
    """The channel "subscription"; `page` is opened by a tap, "" for nothing."""

    name = "subscription"

    def __init__(self, wechat: WeChat, template_id: str, blanks: Blanks, page: str) -> None:
        self._wechat = wechat
        self.template_id = template_id
        self._blanks = blanks
        self._page = page

    def send(self, push: Push, now: datetime) -> Try:
        consent = push.known.consents.get(self.template_id)
        if consent is None or not consent.holds:
            why = "no consent to a subscription notice is left"
            return Try(self.name, Refused(why, About.PERSON), asked=False)
        fields = self._blanks.filled(push.announcement)
        if not isinstance(fields, Mapping):
            return Try(self.name, fields)
        became = self._wechat.send_subscription(push.openid, self.template_id, fields, self._page)
        became = without_words(became)
        return Try(self.name, became, announces=True, consent=self.template_id)
