"""The account's menu: what may be published and what a tap on it sends.

Knows platform facts 2.5 (menus). Must not know phones or HTTP.
"""

from __future__ import annotations

BUTTONS = 3
BELOW = 5
NAME_BYTES = 16
BELOW_NAME_BYTES = 60
KEY_BYTES = 128
KINDS = (
    "click",
    "view",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "media_id",
    "view_limited",
    "miniprogram",
    "article_id",
    "article_view_limited",
)

BAD_BUTTONS, BAD_KIND, BAD_NAME, BAD_KEY, BAD_URL = 40016, 40017, 40018, 40019, 40020
BAD_BELOW, BAD_BELOW_NAME = 40023, 40025

Button = dict[str, object]


def check_menu(buttons: object) -> int:
    """0 when the list of buttons may be published, else WeChat's error code."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS:
        return BAD_BUTTONS
    for button in buttons:
        if not isinstance(button, dict) or not _fits(button.get("name"), NAME_BYTES):
            return BAD_NAME
        below = button.get("sub_button") or []
        if not isinstance(below, list) or len(below) > BELOW:
            return BAD_BELOW
        if code := _check_below(below) if below else _check_leaf(button):
            return code
    return 0


def _check_below(below: list[object]) -> int:
    for button in below:
        if not isinstance(button, dict) or not _fits(button.get("name"), BELOW_NAME_BYTES):
            return BAD_BELOW_NAME
        if code := _check_leaf(button):
            return code
    return 0


def _check_leaf(button: Button) -> int:
    kind = button.get("type")
    if kind not in KINDS:
        return BAD_KIND
    if kind == "click" and not _fits(button.get("key"), KEY_BYTES):
        return BAD_KEY
    if kind == "view" and not str(button.get("url", "")).startswith(("http://", "https://")):
        return BAD_URL
    return 0


def _fits(words: object, size: int) -> bool:
    return isinstance(words, str) and 1 <= len(words.encode()) <= size


def find_button(buttons: list[Button], key: str) -> Button | None:
    """The button whose key or url this is."""
    for button in buttons:
        if key in (button.get("key"), button.get("url")):
            return button
        below = button.get("sub_button")
        if isinstance(below, list) and (found := find_button(below, key)):
            return found
    return None
