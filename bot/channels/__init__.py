"""Ways out to a person: what each can carry, and in which order they are tried.

Knows channels by their protocol; not who is told what, nor what happens when all refuse.
To add one: a file beside this and a line in `in_order`.
"""

from typing import Protocol

from bot.channels.chat import Chat
from bot.core.outcome import Outcome
from bot.wechat.client import WeChat


class Channel(Protocol):
    """One way to push words to a person."""

    @property
    def name(self) -> str:
        """As the contract's JSON calls it: "chat"."""

    def carries(self, text: str) -> bool:
        """Whether this channel can take these words at all."""

    def send(self, openid: str, text: str) -> Outcome:
        """One attempt, one message; never an exception, never a repeat."""


def in_order(wechat: WeChat) -> tuple[Channel, ...]:
    """The push channels, the first to be tried first."""
    return (Chat(wechat),)
