"""`issues` and `issue NO`: the ledger as it stands.

Knows the form of contract section 7. Reads only, by `store.pages`.
"""

from dataclasses import asdict
from typing import Final

import click

from bot.commands.opening import opened
from bot.commands.printing import document, json_option, moment, table
from bot.commands.trouble import TroubleError
from bot.store import pages

_STATES: Final = {
    "waiting": "等答复",
    "in_hand": "办理中",
    "resolved": "待评价",
    "closed": "已结束",
    "withdrawn": "已撤回",
}
_KINDS: Final = {
    "opened": "提出",
    "said": "又说",
    "relayed": "转达",
    "accepted": "接单",
    "answered": "答复",
    "escalated": "上报到",
    "reminded": "再次提醒",
    "extended": "延期",
    "handed_over": "转办",
    "urgent": "紧急",
    "urged": "催办",
    "resolved": "办结",
    "verdict": "评价",
    "reopened": "重新打开",
    "withdrawn": "撤回",
    "closed": "结束",
}
_HEADINGS: Final = ("编号", "状态", "层级", "在谁手里", "户号或单位", "提出", "时限")
_LARGEST: Final = 2**63 - 1
_ROLES: Final = {"resident": "居民", "liaison": "联络员", "staff": "工作人员"}


@click.command("issues")
@click.option("--open", "open_only", is_flag=True, help="只看还没有结束的。")
@json_option
def list_issues(open_only: bool, as_json: bool) -> None:
    """台账：所有诉求，按编号。"""
    with opened() as bot, bot.engine.begin() as connection:
        entries = pages.issues(connection, open_only=open_only)
    if as_json:
        document([asdict(entry) for entry in entries])
    elif entries:
        click.echo(table(_HEADINGS, [_line(entry) for entry in entries]))
    else:
        click.echo("没有未结束的诉求。" if open_only else "还没有诉求。")


@click.command("issue")
@click.argument("number", metavar="NO")
@json_option
def show_issue(number: str, as_json: bool) -> None:
    """一件诉求的全部经过，例如 issue 12。"""
    no = _no(number)
    with opened() as bot, bot.engine.begin() as connection:
        whole = pages.issue(connection, no)
    if whole is None:
        raise TroubleError(f"没有 #{no} 这件诉求。可以用 issues 看全部编号。")
    if as_json:
        steps = {"history": whole.history, "notices": whole.notices}
        document({**asdict(whole.entry), **steps})
    else:
        click.echo("\n".join(_told(whole)))


def _no(number: str) -> int:
    digits = number.strip().removeprefix("#").removeprefix("＃")
    if not digits.isdecimal() or int(digits) > _LARGEST:
        raise TroubleError(f"“{number}”不是诉求编号。编号是数字，例如 12。")
    return int(digits)


def _line(entry: pages.Entry) -> tuple[str, ...]:
    due = moment(entry.due_at) if entry.due_at else ""
    due += "（暂估）" if entry.due_estimated else ""
    place = entry.household or entry.unit
    return (
        f"#{entry.no}",
        _STATES.get(entry.state, entry.state),
        entry.tier,
        _holder(entry.holder),
        place,
        moment(entry.opened_at),
        due,
    )


def _holder(holder: pages.Holder) -> str:
    return f"{holder.post or _ROLES.get(holder.role, holder.role)} {holder.name}"


def _addressee(to: pages.Addressee) -> str:
    role = _ROLES.get(to.role, to.role)
    return role if to.name == role else f"{role} {to.name}"


def _told(whole: pages.Whole) -> list[str]:
    lines = [table(_HEADINGS, [_line(whole.entry)]), "", "经过"]
    steps = [
        (
            moment(step.at),
            _KINDS.get(step.kind, step.kind),
            step.tier,
            step.by or "",
            step.text or "",
        )
        for step in whole.history
    ]
    lines.append(table(("时间", "事项", "层级", "谁", "内容"), [_flat(step) for step in steps]))
    notices = [
        (
            moment(notice.at),
            _addressee(notice.to),
            notice.channel or "",
            notice.state,
            notice.text,
        )
        for notice in whole.notices
    ]
    lines += ["", "通知"]
    lines.append(table(("时间", "给谁", "渠道", "结果", "内容"), [_flat(one) for one in notices]))
    return lines


def _flat(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) for cell in cells)
