"""The fields of template messages and subscription notices, as strictly as WeChat takes them.

Knows platform facts 2.3 (field limits). Must not know who is told or why.
Source: Tencent's table of parameter kinds of subscription notices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
DATE = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
TIME = r"\d{1,2}:\d{2}(:\d{2})?"

FORMS = {
    "thing": r"[^\n]{1,20}",
    "short_thing": r"[^\n]{1,20}",
    "number": r"-?[0-9.]{1,32}",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": rf"[^\sA-Za-z0-9{CHINESE}]{{1,5}}",
    "character_string": rf"[^\s{CHINESE}]([^\n{CHINESE}]{{0,31}})",
    "time": rf"({DATE}\s*)?{TIME}(\s*[~～至-]\s*({DATE}\s*)?{TIME})?",
    "date": rf"{DATE}(\s*{TIME})?(\s*[~～至]\s*{DATE}(\s*{TIME})?)?",
    "amount": r"[^\d\s]{0,3}\d{1,10}(\.\d{1,2})?元?",
    "phone_number": r"[0-9+\-() ]{1,17}",
    "car_number": r"\S{1,8}",
    "name": rf"[{CHINESE}·]{{1,10}}|[A-Za-z .·]{{1,20}}|[^\n]{{1,10}}",
    "phrase": rf"[{CHINESE}]{{1,5}}",
}


class Lasting(StrEnum):
    """What a template is for, and how long a consent to it lasts."""

    TEMPLATE = "template"  # a template message: no consent
    ONE_TIME = "one-time"  # a subscription notice, one for each consent
    LONG_TERM = "long-term"  # a subscription notice, until the consent is taken back


@dataclass(frozen=True)
class Template:
    """`fields` maps names as thing1 to what is printed before the value.

    `listed` holds the values allowed in const and enum fields.
    """

    template_id: str
    title: str
    fields: Mapping[str, str]
    lasting: Lasting = Lasting.TEMPLATE
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """As the API lists it."""
        return "\n".join(f"{label}：{{{{{name}.DATA}}}}" for name, label in self.fields.items())

    def read(self, data: object) -> list[list[str]] | str:
        """Label and value of each field; or what is wrong, as WeChat's errmsg says it."""
        given = data if isinstance(data, dict) else {}
        rows: list[list[str]] = []
        for name, label in self.fields.items():
            value = given.get(name)
            words = value.get("value") if isinstance(value, dict) else value
            if isinstance(words, int | float):
                words = str(words)
            if not isinstance(words, str) or not words.strip():
                return f"data.{name}.value is empty"
            if not self._fits(name, words):
                return f"data.{name}.value invalid"
            rows.append([label, words])
        return rows

    def _fits(self, name: str, words: str) -> bool:
        if name in self.listed:
            return words in self.listed[name]
        form = FORMS.get(name.rstrip("0123456789"))
        return form is None or re.fullmatch(form, words) is not None


FIELDS = {
    "character_string1": "诉求编号",
    "thing2": "诉求内容",
    "phrase3": "当前状态",
    "time4": "更新时间",
}
TEMPLATE_ID = "Tm0nFk8pZqV3xW6sYb1cRd5eHg7jKl9oPu2aQi4tCMs"
LONG_TERM_ID = "Lt5uVw2xYz8aBc1dEf4gHi7jKl0mNo3pQr6sTu9vAEq"
ONE_TIME_ID = "Ot9aBc3dEf7gHi1jKl5mNo8pQr2sTu6vWx0yZa4bDGu"


def usual_templates(template_id: str | None = None) -> dict[str, Template]:
    """One of each kind; the template message's may bear another id."""
    made = (
        Template(template_id or TEMPLATE_ID, "诉求处理进度提醒", FIELDS),
        Template(LONG_TERM_ID, "事项办理进度通知", FIELDS, Lasting.LONG_TERM),
        Template(
            ONE_TIME_ID, "服务评价提醒", {"thing1": "服务内容", "time2": "时间"}, Lasting.ONE_TIME
        ),
    )
    return {one.template_id: one for one in made}
