"""The service account the simulator keeps: its names and secrets.

Knows what the account's owner would see in WeChat's console. Must not know who
follows it, nor anything of the program that answers for it.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from enum import StrEnum

LETTERS = string.ascii_letters + string.digits


class Mode(StrEnum):
    """How messages are pushed, as chosen in the console (platform facts 1.2)."""

    SAFE = "safe"
    COMPATIBLE = "compatible"
    PLAIN = "plain"


@dataclass(frozen=True)
class Account:
    """One service account. `aes_key` is the console's 43 characters; `original_id` the gh_ id."""

    appid: str
    secret: str
    token: str
    aes_key: str
    original_id: str = "gh_866835093fea"
    title: str = "户联网"
    mode: Mode = Mode.SAFE

    @classmethod
    def made_up(cls) -> Account:
        """A new account with secrets nobody else has."""
        return cls(
            appid="wx" + secrets.token_hex(8),
            secret=secrets.token_hex(16),
            token=_letters(24),
            aes_key=_letters(43),
        )


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
