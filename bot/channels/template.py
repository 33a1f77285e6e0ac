"""Template messages: that there is something to read, whenever somebody last wrote.

Knows that a template announces and carries no words, and whom it cannot reach for now; not what
it says. How it ended WeChat tells later.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.channels.blanks import Blanks
from bot.channels.push import Push, without_words
from bot.core.delivery import About, Try
from bot.core.outcome import Refused
from bot.core.reach import refused
from bot.wechat.client import WeChat


class TemplateMessage:
    """The channel "template"; `url` is opened by a tap, "" for nothing."""

    name = "template"

    def __init__(self, wechat: WeChat, template_id: str, blanks: Blanks, url: str) -> None:
        self._wechat = wechat
        self._template_id = template_id
        self._blanks = blanks
        self._url = url

    def send(self, push: Push, now: datetime) -> Try:
        if refused(push.known, self.name):
            why = "template messages did not reach them since they last acted"
            return Try(self.name, Refused(why, About.PERSON), asked=False)
        fields = self._blanks.filled(push.announcement)
        if isinstance(fields, Mapping):
            became = self._wechat.send_template(
                push.openid, self._template_id, fields, push.once, self._url
            )
            return Try(self.name, without_words(became), announces=True, once=True)
        return Try(self.name, fields)
