"""The default menu and the conditional ones, and which of them a person sees.

Knows platform facts 2.5 (conditional menus). Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.simulator.handset import Phone
from bot.simulator.menus import Button, check_menu

NO_SUCH, NO_DEFAULT, NO_RULE, NO_BUTTONS = 65301, 65303, 65304, 65307
TOO_MANY_DOMAINS, RULE_GONE = 65316, 65320
DOMAINS = 3
GONE = ("sex", "country", "province", "city", "language", "group_id")
"""Ways to match that WeChat has taken away."""
CLIENTS = ("1", "2", "3")  # iOS, Android, others
FIRST_ID = 208_379_533


@dataclass(frozen=True)
class Conditional:
    """One menu for those who fit; a rule that is None fits anybody."""

    menu_id: int
    buttons: list[Button]
    tag: int | None
    client: str | None

    def fits(self, phone: Phone) -> bool:
        """By the person's last tag, and by the kind of phone."""
        tagged = self.tag is None or phone.tags[-1:] == [self.tag]
        return tagged and self.client in (None, phone.client)


@dataclass
class MenuBoard:
    """Not thread-safe: the platform holds its lock."""

    default: list[Button] = field(default_factory=list)
    conditional: list[Conditional] = field(default_factory=list)
    made: int = 0

    def clear(self) -> None:
        """Deleting the default menu deletes the conditional ones too."""
        self.default, self.conditional = [], []

    def add(self, order: dict[str, object], tags: dict[int, str]) -> int:
        """The new menu's id, or WeChat's error code as a negative number."""
        if not self.default:
            return -NO_DEFAULT
        if not order.get("button"):
            return -NO_BUTTONS
        buttons, rule = order["button"], order.get("matchrule")
        if code := check_menu(buttons) or _rule_trouble(rule, tags):
            return -code
        if not isinstance(buttons, list) or not isinstance(rule, dict):
            return -NO_RULE
        if len(set(_domains(buttons))) > DOMAINS:
            return -TOO_MANY_DOMAINS
        tag, client = rule.get("tag_id"), rule.get("client_platform_type")
        self.made += 1
        menu_id = FIRST_ID + self.made
        found = Conditional(
            menu_id, buttons, int(str(tag)) if tag else None, str(client) if client else None
        )
        self.conditional.append(found)
        return menu_id

    def remove(self, menu_id: object) -> int:
        """0 or WeChat's error code."""
        kept = [one for one in self.conditional if str(one.menu_id) != str(menu_id)]
        if len(kept) == len(self.conditional):
            return NO_SUCH
        self.conditional = kept
        return 0

    def seen_by(self, phone: Phone) -> tuple[int | None, list[Button]]:
        """The newest conditional menu that fits, with its id; else the default menu."""
        for one in reversed(self.conditional):
            if one.fits(phone):
                return one.menu_id, one.buttons
        return None, self.default


def _rule_trouble(rule: object, tags: dict[int, str]) -> int:
    if not isinstance(rule, dict) or not any(rule.values()):
        return NO_RULE
    if any(rule.get(name) for name in GONE):
        return RULE_GONE
    tag, client = rule.get("tag_id"), rule.get("client_platform_type")
    if tag and (not str(tag).isdecimal() or int(tag) not in tags):
        return 45159
    return NO_RULE if client and str(client) not in CLIENTS else 0


def _domains(buttons: list[Button]) -> Iterator[str]:
    for button in buttons:
        below = button.get("sub_button")
        if isinstance(below, list) and below:
            yield from _domains(below)
        elif url := button.get("url"):
            yield urlsplit(str(url)).hostname or ""
