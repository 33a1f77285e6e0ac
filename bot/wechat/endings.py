"""Events that tell how a pushed notice ended, and to which notices a person says yes.

Knows WeChat's fields and spellings; not what was in a notice, nor what follows from its end.
Source: developers.weixin.qq.com, template messages and subscription notices.
"""

import re

from bot.core.messages import Consent, Ending, Report
from bot.wechat.answers import Verdict, verdict
from bot.wechat.fields import Fields

_COLON = re.compile(r"\s*:\s*")
_TEMPLATE_ENDINGS = {"success": Ending.DELIVERED, "failed: user block": Ending.REFUSED}
_LONGEST_WORD = 100
_LONGEST_ID = 128


def of_template(fields: Fields) -> tuple[Report, ...]:
    """TEMPLATESENDJOBFINISH; WeChat writes both "failed:user block" and "failed: user block"."""
    status = _COLON.sub(": ", fields.get("Status").lower())
    return _report(fields, _TEMPLATE_ENDINGS.get(status, Ending.FAILED), status)


def of_subscription(fields: Fields) -> tuple[Report, ...]:
    """subscribe_msg_sent_event: one item or many."""
    items = fields.each("SubscribeMsgSentEvent/List")
    return tuple(report for item in items for report in _of_item(item))


def answered(fields: Fields) -> tuple[Consent, ...]:
    """subscribe_msg_popup_event: what was ticked when we asked."""
    return _consents(fields, "SubscribeMsgPopupEvent/List", asked=True)


def changed(fields: Fields) -> tuple[Consent, ...]:
    """subscribe_msg_change_event: what was switched in the person's own settings."""
    return _consents(fields, "SubscribeMsgChangeEvent/List", asked=False)


def _of_item(item: Fields) -> tuple[Report, ...]:
    code, status = item.get("ErrorCode"), item.get("ErrorStatus").lower()
    if code == "0" or (not code and status == "success"):
        return _report(item, Ending.DELIVERED, status)
    number = int(code) if re.fullmatch(r"-?[0-9]{1,9}", code) else None
    theirs = verdict(number) is Verdict.PERSON
    ending = Ending.REFUSED if theirs else Ending.FAILED
    return _report(item, ending, f"{code}: {status}")


def _report(fields: Fields, ending: Ending, why: str) -> tuple[Report, ...]:
    reference, template_id = fields.get("MsgID"), fields.get("TemplateId")
    if not reference:
        return ()
    return (
        Report(reference[:_LONGEST_ID], ending, why[:_LONGEST_WORD], template_id[:_LONGEST_ID]),
    )


def _consents(fields: Fields, path: str, *, asked: bool) -> tuple[Consent, ...]:
    said = [
        (item.get("TemplateId"), item.get("SubscribeStatusString")) for item in fields.each(path)
    ]
    return tuple(
        Consent(template_id[:_LONGEST_ID], status.lower() == "accept", asked)
        for template_id, status in said
        if template_id
    )
