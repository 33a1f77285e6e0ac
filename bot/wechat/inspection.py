"""Looks at an account as `doctor` does: may it be spoken with, and which of our needs it meets.

Knows which calls show that and which codes mean which trouble; not what an operator is told.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.wechat import console
from bot.wechat.access import Access
from bot.wechat.answers import in_words
from bot.wechat.console import Template
from bot.wechat.errors import Declined, WeChatError
from bot.wechat.stops import USED_UP

_SCENE, _SCENE_SECONDS = "doctor", 60  # temporary: takes nothing from the 100,000 lasting codes
_ADDRESS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){3,7}")


class Subject(StrEnum):
    TOKEN = "token"  # noqa: S105  what is looked at
    CHAT = "chat"  # customer-service messages
    MENU = "menu"
    QRCODE = "qrcode"
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"
    STOPPED = "stopped"  # an API that rests until tomorrow


class Trouble(StrEnum):
    NOT_REACHED = "not_reached"
    WHITELIST = "whitelist"  # `detail`: our address as WeChat sees it
    APPID = "appid"
    SECRET = "secret"  # noqa: S105  a kind of trouble
    SECRET_FROZEN = "secret_frozen"  # noqa: S105
    NOT_ALLOWED = "not_allowed"  # this kind of account may not
    USED_UP = "used_up"
    MISSING = "missing"
    OTHER = "other"


_TROUBLES = {
    40164: Trouble.WHITELIST,
    61004: Trouble.WHITELIST,
    40013: Trouble.APPID,
    41002: Trouble.APPID,
    40125: Trouble.SECRET,
    40001: Trouble.SECRET,  # for a token: "invalid credential"
    41004: Trouble.SECRET,
    40243: Trouble.SECRET_FROZEN,
    48001: Trouble.NOT_ALLOWED,
    40200: Trouble.NOT_ALLOWED,
    50001: Trouble.NOT_ALLOWED,
    48004: Trouble.NOT_ALLOWED,
    76022: Trouble.NOT_ALLOWED,  # quota/get: the account may not use the API asked about
    USED_UP: Trouble.USED_UP,
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; fine where `trouble` is None. `detail` says more, without secrets."""

    subject: Subject
    trouble: Trouble | None = None
    code: int | None = None
    detail: str = ""


def inspect(
    access: Access, template_id: str | None, subscription_id: str | None = None
) -> tuple[Finding, ...]:
    """Token first: without one nothing else is asked."""
    token = _looked(Subject.TOKEN, lambda: _token(access))
    if token.trouble is not None:
        return (token,)
    found = [
        token,
        _looked(Subject.CHAT, lambda: _chat(access)),
        _looked(Subject.MENU, lambda: _menu(access)),
        _looked(Subject.QRCODE, lambda: _qrcode(access)),
    ]
    if template_id is not None:
        found.append(_looked(Subject.TEMPLATE, lambda: _template(access, template_id)))
    if subscription_id is not None:
        found.append(_looked(Subject.SUBSCRIPTION, lambda: _subscription(access, subscription_id)))
    stopped = [
        Finding(Subject.STOPPED, Trouble.USED_UP, USED_UP, api) for api in access.stops.all()
    ]
    return (*found, *stopped)


def _looked(subject: Subject, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Declined as error:
        if error.code is None:  # not WeChat's API at all
            return Finding(subject, Trouble.NOT_REACHED, None, error.why)
        trouble = _TROUBLES.get(error.code, Trouble.OTHER)
        if trouble is Trouble.WHITELIST:
            return Finding(subject, trouble, error.code, _address(error.why))
        return Finding(subject, trouble, error.code, in_words(error.code, error.why))
    except WeChatError as error:
        return Finding(subject, Trouble.NOT_REACHED, None, error.why)


def _address(why: str) -> str:
    """Our address out of "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist"."""
    found = _ADDRESS.search(why)
    return found[0] if found else why[:200]


def _token(access: Access) -> Finding:
    """Past what is kept, so that wrong settings show at once."""
    token = access.ask_token(False)
    return Finding(Subject.TOKEN, detail=str(int(token.lives.total_seconds())))


def _chat(access: Access) -> Finding:
    """By its quota: nobody is written to."""
    left = console.quota(access, "message/custom/send").left
    return Finding(Subject.CHAT, None if left > 0 else Trouble.USED_UP, detail=str(left))


def _menu(access: Access) -> Finding:
    found = console.menu(access)
    return Finding(Subject.MENU, None if found else Trouble.MISSING)


def _qrcode(access: Access) -> Finding:
    order = {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": _SCENE_SECONDS,
        "action_info": {"scene": {"scene_str": _SCENE}},
    }
    access.post("qrcode/create", order)
    return Finding(Subject.QRCODE)


def _template(access: Access, template_id: str) -> Finding:
    return _listed(Subject.TEMPLATE, console.templates(access), template_id)


def _subscription(access: Access, template_id: str) -> Finding:
    return _listed(Subject.SUBSCRIPTION, console.subscription_templates(access), template_id)


def _listed(subject: Subject, listed: Sequence[Template], template_id: str) -> Finding:
    found = {template.template_id: template for template in listed}
    if template_id in found:
        return Finding(subject, detail=found[template_id].title)
    return Finding(subject, Trouble.MISSING, detail=template_id)
