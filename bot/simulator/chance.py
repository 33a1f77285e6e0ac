"""The platform's made-up names and numbers, the same again for the same seed.

Knows the forms of openids, media ids, message ids and tickets. Must not know what they name.
Tokens and secrets are not made here: those are never to be guessed.
"""

from __future__ import annotations

import random
import string
import threading
import time

LETTERS = string.ascii_letters + string.digits + "-_"
FIRST_SEEDED_ID = 7_250_021_412_600_020_992


class Chance:
    """Seeded where a seed is given, else unlike any other; thread-safe."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed
        self._random = random.Random(seed)  # noqa: S311 - names, no secrets
        self._lock = threading.Lock()
        self._number = time.time_ns() // 1000 * 4 if seed is None else FIRST_SEEDED_ID

    def letters(self, count: int) -> str:
        """So many letters, digits, - and _."""
        with self._lock:
            return "".join(self._random.choice(LETTERS) for _ in range(count))

    def openid(self) -> str:
        """28 characters, case-sensitive, as WeChat's (platform facts, 1.4)."""
        return "o" + self.letters(27)

    def media_id(self) -> str:
        """64 characters, as temporary media have."""
        return self.letters(64)

    def number(self) -> int:
        """A 64-bit id greater than the one before, for messages and jobs."""
        with self._lock:
            self._number += 1
            return self._number

    def same_number(self) -> int:
        """The id given last."""
        return self._number
