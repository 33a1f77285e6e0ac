"""What `doctor` says of the account at WeChat: each finding in words, with what to do.

Knows the sentences for operators and how bad a finding is. Must not know how it was found.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.commands.findings import Check, Level
from bot.commands.printing import CHINA
from bot.wechat.callback import ANOTHER_ACCOUNT, JSON, NO_KEY, NOT_SEALED, SEALED
from bot.wechat.inspection import Finding, Subject, Trouble
from bot.wechat.misfits import Misfit

_NAMES: Final[Mapping[Subject, str]] = {
    Subject.TOKEN: "wechat",
    Subject.CHAT: "wechat_chat",
    Subject.MENU: "wechat_menu",
    Subject.QRCODE: "wechat_qrcode",
    Subject.TEMPLATE: "wechat_template",
    Subject.SUBSCRIPTION: "wechat_subscription",
    Subject.STOPPED: "wechat_stopped",
}
_FINE: Final[Mapping[Subject, str]] = {
    Subject.TOKEN: "微信可用（access_token 有效 {detail} 秒）。",
    Subject.CHAT: "客服消息今天还能发 {detail} 条。",
    Subject.MENU: "自定义菜单已发布。",
    Subject.QRCODE: "可以生成带参数的二维码。",
    Subject.TEMPLATE: "模板消息“{detail}”可用。",
    Subject.SUBSCRIPTION: "订阅通知“{detail}”可用。",
}
_CONSOLE: Final = "微信开发者平台“基础信息”"
_OF_TOKEN: Final[Mapping[Trouble, str]] = {
    Trouble.NOT_REACHED: "微信连不上（{detail}）：请核对 WECHAT_API_URL，并确认这台机器能上网。",
    Trouble.WHITELIST: f"微信不认这台机器的地址 {{detail}}：请在{_CONSOLE}的 IP 白名单里加上它。",
    Trouble.APPID: f"WECHAT_APPID 不对：请与{_CONSOLE}里的 AppID 核对。",
    Trouble.SECRET: f"WECHAT_SECRET 不对：请与{_CONSOLE}里的 AppSecret 核对，忘了就重置。",
    Trouble.SECRET_FROZEN: f"AppSecret 被冻结：请在{_CONSOLE}里解冻。",
    Trouble.USED_UP: "今天的 access_token 次数用完了，零点后恢复：请查有没有别的程序在用这个账号。",
}
_NOT_ALLOWED: Final[Mapping[Subject, str]] = {
    Subject.CHAT: "这个账号不能发客服消息，转达只能等对方下次来信：请换用已认证的服务号。",
    Subject.MENU: "这个账号不能用自定义菜单：请换用已认证的服务号；不用菜单也能打字办事。",
    Subject.QRCODE: "这个账号不能生成带参数的二维码，门牌码用不了：请换用已认证的服务号。",
    Subject.TEMPLATE: "这个账号不能用模板消息：请在后台开通，或清空 WECHAT_TEMPLATE_NOTICE。",
    Subject.SUBSCRIPTION: (
        "这个账号不能用订阅通知：请在后台开通，或清空 WECHAT_SUBSCRIPTION_NOTICE。"
    ),
}
_OTHERWISE: Final[Mapping[tuple[Subject, Trouble], str]] = {
    (Subject.CHAT, Trouble.USED_UP): "客服消息今天的次数用完了，零点后恢复：急事请打电话。",
    (Subject.MENU, Trouble.MISSING): "还没有自定义菜单，打字一样能办事：要菜单请在后台发布。",
    (Subject.TEMPLATE, Trouble.MISSING): (
        "账号里没有 WECHAT_TEMPLATE_NOTICE 这个模板（{detail}）："
        "请与后台“模板消息”里的模板 ID 核对。"
    ),
    (Subject.SUBSCRIPTION, Trouble.MISSING): (
        "账号里没有 WECHAT_SUBSCRIPTION_NOTICE 这个模板（{detail}）："
        "请与后台“订阅通知”里的模板 ID 核对。"
    ),
    (Subject.QRCODE, Trouble.USED_UP): "生成二维码今天的次数用完了，零点后恢复。",
    (Subject.STOPPED, Trouble.USED_UP): "接口 {detail} 今天的次数用完了，零点后自动恢复。",
}
_ASKED: Final[Mapping[Subject, str]] = {
    Subject.TOKEN: "微信不给 access_token",
    Subject.CHAT: "问不到客服消息的余量",
    Subject.MENU: "问不到自定义菜单",
    Subject.QRCODE: "生成不了二维码",
    Subject.TEMPLATE: "问不到模板",
    Subject.SUBSCRIPTION: "问不到订阅通知的模板",
    Subject.STOPPED: "有接口停用",
}
_BROKEN: Final = {
    (Subject.TEMPLATE, Trouble.MISSING),
    (Subject.SUBSCRIPTION, Trouble.MISSING),
}
"""A setting that names nothing. What else an account lacks is a warning: people can still write."""

_MISFITS: Final[Mapping[str, str]] = {
    NO_KEY: "解不开：请核对后台的 EncodingAESKey 和 WECHAT_AES_KEY，换密钥时把旧的填进"
    " WECHAT_AES_KEY_PREVIOUS",
    ANOTHER_ACCOUNT: "是发给别的账号的：请核对 WECHAT_APPID",
    JSON: "是 JSON：请在后台“服务器配置”把数据格式改成 XML",
    SEALED: "是加密的，而 WECHAT_MODE=plain：请把两边改成一样",
    NOT_SEALED: "没有加密：请在后台把消息加解密方式改成安全模式，或改 WECHAT_MODE",
}


def misfits(noted: Misfit | None) -> Iterator[Check]:
    """What WeChat sent lately that our settings do not fit: people were not heard."""
    if noted is not None:
        when = noted.at.astimezone(CHINA)
        words = f"微信发来的消息（最近一次 {when:%m-%d %H:%M}）{_MISFITS[noted.why]}。"
        yield Check("wechat_inbound", Level.WARN, words)


def checks(findings: Sequence[Finding]) -> Iterator[Check]:
    """One line for each finding, in their order."""
    for finding in findings:
        yield Check(_NAMES[finding.subject], _level(finding), _words(finding))


def _level(finding: Finding) -> Level:
    if finding.trouble is None:
        return Level.OK
    broken = finding.subject is Subject.TOKEN or (finding.subject, finding.trouble) in _BROKEN
    return Level.FAIL if broken else Level.WARN


def _words(finding: Finding) -> str:
    return _sentence(finding).replace("{detail}", finding.detail)


def _sentence(finding: Finding) -> str:
    subject, trouble = finding.subject, finding.trouble
    if trouble is None:
        return _FINE[subject]
    if subject is Subject.TOKEN and trouble in _OF_TOKEN:
        return _OF_TOKEN[trouble]
    if trouble is Trouble.NOT_ALLOWED and subject in _NOT_ALLOWED:
        return _NOT_ALLOWED[subject]
    known = _OTHERWISE.get((subject, trouble))
    return known or f"{_ASKED[subject]}：{{detail}}。请看微信后台的通知，或稍后再试。"
