"""What `doctor` says of channels that refuse to push for a setting's sake, with what to do.

Knows the sentences for operators; not how the refusals were found.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.commands.findings import Check, Level
from bot.store.push_faults import PushFault

_CHANNELS: Final = {"chat": "客服消息", "template": "模板消息", "subscription": "订阅通知"}
_NO_TEMPLATE: Final = "设置里的模板 ID 账号里没有：请与后台的模板 ID 核对"
_OTHERWISE: Final = "请按微信文档里这个错误码的说明处理"
_REMEDIES: Final = {
    40002: "请核对 WECHAT_APPID 和 WECHAT_SECRET",
    40013: "WECHAT_APPID 不对：请与后台的 AppID 核对",
    40125: "WECHAT_SECRET 不对：请与后台核对，忘了就重置",
    40164: "这台机器的地址不在 IP 白名单里：请在后台加上",
    40037: "模板 ID 不对：请与后台的模板 ID 核对",
    47003: "模板里有填不上的字段：请换一个只有“事项”“时间”“编号”之类字段的模板",
    61004: "这台机器的地址不在 IP 白名单里：请在后台加上",
    40200: "这类账号发不了这种消息：请换用已认证的服务号",
    40243: "AppSecret 被冻结：请在后台解冻",
    43107: "账号的订阅通知能力被封：请看后台的通知",
    48001: "账号没有这个接口的权限：请认证账号，或在后台申请",
    48003: "账号主人还没同意后台的条款：请登录后台同意",
    48004: "账号的这个接口被封：请看后台的通知",
    50001: "账号没有授权这个接口：请在后台授权",
    50002: "账号受限：请看后台的通知",
    50007: "账号被冻结：请看后台的通知",
}


def checks(faults: Sequence[PushFault]) -> Iterator[Check]:
    """One line for each channel that is shut, one where none is."""
    for fault in faults:
        yield Check(f"push_{fault.channel}", Level.FAIL, _words(fault))
    if not faults:
        yield Check("push", Level.OK, "推送没有被微信因设置拒绝。")


def _words(fault: PushFault) -> str:
    name = _CHANNELS.get(fault.channel, fault.channel)
    if fault.code is None:
        return f"{name}发不出去：{_NO_TEMPLATE}。"
    remedy = _REMEDIES.get(fault.code, _OTHERWISE)
    return f"{name}被微信拒绝（{fault.code}）：{remedy}。"
