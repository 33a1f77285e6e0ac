"""What an operator also sees in WeChat's console: menu, quotas, templates, addresses.

Knows the calls and their answers; not who reads them. All raise WeChatError.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.wechat.access import Access
from bot.wechat.errors import AnswerLost, Declined

_NO_MENU = 46003


@dataclass(frozen=True)
class Quota:
    """Calls of one API on this day."""

    limit: int
    used: int
    left: int


@dataclass(frozen=True)
class Template:
    """`content` names the fields: "{{thing1.DATA}}"."""

    template_id: str
    title: str
    content: str


def menu(access: Access) -> Mapping[str, Any] | None:
    """The default menu, None where none is published."""
    try:
        found = access.get("menu/get").get("menu")
    except Declined as error:
        if error.code == _NO_MENU:
            return None
        raise
    if not isinstance(found, dict):
        raise AnswerLost("an answer without menu")
    return found


def publish_menu(access: Access, menu: Mapping[str, Any]) -> None:
    """People's phones show it after five minutes at most, when they enter the chat."""
    access.post("menu/create", menu)


def quota(access: Access, api: str) -> Quota:
    """`api` by its path below /cgi-bin/."""
    found = access.post("openapi/quota/get", {"cgi_path": f"/cgi-bin/{api}"}).get("quota")
    if not isinstance(found, dict):
        raise AnswerLost("an answer without quota")
    return Quota(*(_number(found, name) for name in ("daily_limit", "used", "remain")))


def callback_addresses(access: Access) -> tuple[str, ...]:
    """Addresses and networks, as WeChat writes them."""
    return tuple(str(address) for address in _items(access.get("getcallbackip"), "ip_list"))


def templates(access: Access) -> tuple[Template, ...]:
    """Of template messages."""
    found = _items(access.get("template/get_all_private_template"), "template_list")
    return tuple(_template(item, "template_id") for item in found if isinstance(item, dict))


def subscription_templates(access: Access) -> tuple[Template, ...]:
    """Of subscription notices."""
    found = _items(access.get("/wxaapi/newtmpl/gettemplate"), "data")
    return tuple(_template(item, "priTmplId") for item in found if isinstance(item, dict))


def _template(item: Mapping[str, Any], id_name: str) -> Template:
    return Template(*(str(item.get(name, "")) for name in (id_name, "title", "content")))


def _items(answer: Mapping[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise AnswerLost(f"an answer without {name}")
    return found


def _number(found: Mapping[str, Any], name: str) -> int:
    number = found.get(name)
    if not isinstance(number, int):
        raise AnswerLost(f"an answer without {name}")
    return number
