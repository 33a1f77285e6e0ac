"""Ways out to a person: what each can carry, and in which order they are tried.

Knows channels by their protocol; not who is told what, nor what happens when all refuse.
To add one: a file beside this and a line in `in_order`.
"""

from bot.channels.blanks import Blanks
from bot.channels.chat import Chat
from bot.channels.push import Channel, Push
from bot.channels.subscription import SubscriptionNotice
from bot.channels.template import TemplateMessage
from bot.core.reach import Repeat
from bot.wechat.client import WeChat
from bot.wording import Wording

__all__ = ["Channel", "Push", "in_order"]


def in_order(
    wechat: WeChat,
    wording: Wording,
    *,
    repeat: Repeat = Repeat.RESET,
    template_id: str | None = None,
    subscription_id: str | None = None,
    url: str = "",
) -> tuple[Channel, ...]:
    """The push channels, the first to be tried first. Those without a template are left out;
    `url` is what a tap on a notice opens, "" for nothing."""
    channels: list[Channel] = [Chat(wechat, wording, repeat)]
    if template_id:
        blanks = Blanks(template_id, wechat.templates, wording)
        channels.append(TemplateMessage(wechat, template_id, blanks, url))
    if subscription_id:
        blanks = Blanks(subscription_id, wechat.subscription_templates, wording)
        channels.append(SubscriptionNotice(wechat, subscription_id, blanks, url))
    return tuple(channels)
