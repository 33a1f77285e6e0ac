"""What WeChat posts, made with wechatpy's own cryptography: not with ours, which is tested."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from wechatpy.crypto import PrpCrypto, WeChatCrypto, _get_signature

from bot.wechat.callback import Callback

HERE = Path(__file__).parent
VECTORS: dict[str, dict[str, str]] = {
    vector["id"]: vector for vector in json.loads((HERE / "vectors.json").read_text())
}

TOKEN = "spamtest"
APPID = "wx2c2769f8efd9abc2"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)

CALLBACK = Callback(TOKEN, APPID, (KEY, OLD_KEY))


def captured(name: str) -> str:
    return (HERE / "captured" / f"{name}.xml").read_text()


def text_message(content: str, openid: str = "oResident", account: str = "gh_1") -> str:
    return (
        f"<xml><ToUserName><![CDATA[{account}]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>1793671200</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>1234567890123456</MsgId></xml>"
    )


def query(
    encrypted: str, timestamp: str = "1793671200", nonce: str = "415670741"
) -> dict[str, str]:
    """The query WeChat puts beside a body with this Encrypt."""
    return {
        "signature": _get_signature(TOKEN, timestamp, nonce, ""),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": "oResident",
        "encrypt_type": "aes",
        "msg_signature": _get_signature(TOKEN, timestamp, nonce, encrypted),
    }


def plain_query(timestamp: str = "1793671200", nonce: str = "415670741") -> dict[str, str]:
    """The query of plain mode, whose signature covers no body."""
    sealed = query("", timestamp, nonce)
    return {name: sealed[name] for name in ("signature", "timestamp", "nonce", "openid")}


def posted_plain(inner: str | bytes) -> tuple[dict[str, str], bytes]:
    """Query and body of one post in plain mode."""
    return plain_query(), inner if isinstance(inner, bytes) else inner.encode()


def posted_both(
    inner: str, beside: str | None = None, key: str = KEY
) -> tuple[dict[str, str], bytes]:
    """One post in compatible mode: `inner` sealed, and beside it in the clear, or other words."""
    args, sealed = posted(inner, key)
    encrypt = sealed.decode().partition("</ToUserName>")[2]
    return args, (inner if beside is None else beside).replace("</xml>", encrypt).encode()


def posted(inner: str | bytes, key: str = KEY, appid: str = APPID) -> tuple[dict[str, str], bytes]:
    """Query and body of one signed safe-mode post that holds `inner`."""
    encrypted = PrpCrypto(WeChatCrypto(TOKEN, key, appid).key).encrypt(inner, appid).decode()
    body = (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return query(encrypted), body.encode()


def shown_plain(reply: bytes) -> Mapping[str, str]:
    """The fields of a reply in the clear, read by xmltodict."""
    import xmltodict

    fields: Mapping[str, str] = xmltodict.parse(reply, strip_whitespace=False)["xml"]
    return fields


def shown(reply: bytes, key: str = KEY) -> Mapping[str, str]:
    """The fields of an encrypted reply, read by wechatpy (signature, key, appid) and xmltodict."""
    import xmltodict

    outer = xmltodict.parse(reply)["xml"]
    plain = WeChatCrypto(TOKEN, key, APPID).decrypt_message(
        reply, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"]
    )
    fields: Mapping[str, str] = xmltodict.parse(plain, strip_whitespace=False)["xml"]
    return fields
