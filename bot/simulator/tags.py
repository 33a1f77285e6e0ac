"""The account's tags: which there are, and who bears which.

Knows Tencent's page on user tags. Must not know menus or HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.handset import Phone

FIRST_ID = 100  # 0, 1 and 2 are WeChat's own
MOST = 100
NAME_BYTES = 30
AT_ONCE = 50
EACH = 20

TOO_MANY, LONG_NAME, TAKEN, OWN, UNKNOWN = 45056, 45158, 45157, 45058, 45159
TOO_MANY_PEOPLE, BAD_OPENID, TOO_MANY_EACH = 40032, 40003, 45059


@dataclass
class Tags:
    """Names by id. Not thread-safe: the platform holds its lock."""

    names: dict[int, str] = field(default_factory=dict)
    made: int = 0

    def create(self, name: object) -> int:
        """The new tag's id, or WeChat's error code as a negative number."""
        if code := self._name_trouble(name):
            return -code
        if len(self.names) >= MOST:
            return -TOO_MANY
        self.made += 1
        number = FIRST_ID + self.made - 1
        self.names[number] = str(name)
        return number

    def rename(self, number: object, name: object) -> int:
        """0 or WeChat's error code."""
        if code := self.trouble(number) or self._name_trouble(name):
            return code
        self.names[int(str(number))] = str(name)
        return 0

    def trouble(self, number: object) -> int:
        """0 where this is a tag that may be changed."""
        if number in (0, 1, 2):
            return OWN
        return 0 if isinstance(number, int) and number in self.names else UNKNOWN

    def _name_trouble(self, name: object) -> int:
        if not isinstance(name, str) or not 1 <= len(name.encode()) <= NAME_BYTES:
            return LONG_NAME
        return TAKEN if name in self.names.values() else 0

    def put_on(self, number: object, people: list[Phone | None]) -> int:
        """Everybody bears the tag, or nobody: 0 or WeChat's error code."""
        if code := self._batch_trouble(number, people):
            return code
        known = [phone for phone in people if phone]
        if any(len(phone.tags) >= EACH and number not in phone.tags for phone in known):
            return TOO_MANY_EACH
        for phone in known:
            phone.tags = [tag for tag in phone.tags if tag != number] + [int(str(number))]
        return 0

    def take_off(self, number: object, people: list[Phone | None]) -> int:
        """0 or WeChat's error code."""
        if code := self._batch_trouble(number, people):
            return code
        for phone in people:
            if phone:
                phone.tags = [tag for tag in phone.tags if tag != number]
        return 0

    def _batch_trouble(self, number: object, people: list[Phone | None]) -> int:
        if code := self.trouble(number):
            return code
        if len(people) > AT_ONCE:
            return TOO_MANY_PEOPLE
        return BAD_OPENID if not people or None in people else 0
