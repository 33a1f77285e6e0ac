"""The webhook's bytes: what WeChat posts to an `Opened`, our words to a passive reply.

Knows signatures, envelopes and their limits; not HTTP statuses, not what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.messages import Said
from bot.wechat import kinds
from bot.wechat.cipher import Key, NotDecrypted, OtherAccount, matches, signature
from bot.wechat.fields import Fields, NotXml, cdata, read_kindly, read_strictly
from bot.wechat.words import clean, shortened

LARGEST = 64 * 1024
"""Bytes of a body that is looked at; WeChat's own stay far below."""

SUCCESS = b"success"
"""Accepted, nothing to show; WeChat wants it unencrypted in every mode."""


JSON = "is JSON: choose XML as the data format in WeChat's console"
ANOTHER_ACCOUNT = "sealed for another account: compare WECHAT_APPID with the console"
NO_KEY = "no key opens it: compare WECHAT_AES_KEY with the console"
SEALED = "is encrypted: WECHAT_MODE is plain, the console says otherwise"
NOT_SEALED = "has no Encrypt: the console's mode is plain, WECHAT_MODE is not"


class Mode(StrEnum):
    """How WeChat sends to us; each is chosen in the account's console."""

    SAFE = "safe"  # encrypted only
    COMPATIBLE = "compatible"  # encrypted, and beside it in the clear: only the first counts
    PLAIN = "plain"  # in the clear; the signature does not cover what is said


class BadSignature(Exception):
    """Not WeChat, or not with our token."""


class NotAnEnvelope(Exception):
    """The bytes are nothing WeChat sends in this mode; the words say why, without content."""


@dataclass(frozen=True)
class Opened:
    """A body whose signature was right (in plain mode: whose query's was).

    `said` is None where nothing could be read; `trouble` then says why, fit for a log.
    `key_used` is the place of the AES key that opened it, 0 the current one.
    """

    said: Said | None
    nonce: str
    key_used: int = 0
    trouble: str | None = None


class Callback:
    """One account's webhook in one mode.

    `keys` are EncodingAESKeys, the current one first, then the previous one during a change
    of keys; plain mode needs none. Raises ValueError for a key that is none or missing.
    """

    def __init__(
        self, token: str, appid: str, keys: tuple[str, ...], mode: Mode = Mode.SAFE
    ) -> None:
        if not keys and mode is not Mode.PLAIN:
            raise ValueError(f"{mode} mode needs an AES key")
        self._token = token
        self._mode = mode
        self._keys = tuple(Key(key, appid) for key in keys)

    def check_url(self, args: Mapping[str, str]) -> str:
        """The echostr to answer, as text/plain. Raises BadSignature."""
        if not self._vouched(args):
            raise BadSignature
        return args.get("echostr", "")

    def open(self, args: Mapping[str, str], body: bytes, now: datetime) -> Opened:
        """What came, from the query's arguments and the raw body.

        Raises BadSignature and NotAnEnvelope; after a right signature nothing.
        """
        if self._mode is Mode.PLAIN:
            return self._read_in_the_clear(args, body, now)
        encrypted = self._encrypted(args, body)
        stamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
        if not matches(args.get("msg_signature", ""), self._token, stamp, nonce, encrypted):
            raise BadSignature
        return self._opened(encrypted, nonce, now)

    def reply(self, opened: Opened, text: str, now: datetime) -> bytes:
        """The body that shows `text` to the person, encrypted with the key they came by.

        In compatible mode WeChat takes either form (mp.weixin.qq.com/wiki?id=mp1434696670: a
        reply "in the clear or encrypted, as you like"), so the one that cannot be forged is
        given; in plain mode it is in the clear.
        Longer than one message holds, it is cut with "…": the last guard, callers make it fit.
        Nothing to show gives SUCCESS, since an empty reply makes WeChat show a fault notice.
        """
        if opened.said is None:
            raise ValueError("nobody to reply to")
        words = shortened(clean(text))
        if not words.strip():
            return SUCCESS
        plain = _text_xml(opened.said, words, int(now.timestamp()))
        if self._mode is Mode.PLAIN:
            return plain.encode()
        sealed = self._keys[opened.key_used].seal(plain.encode())
        return self._envelope(sealed, str(int(now.timestamp())), clean(opened.nonce))

    def _encrypted(self, args: Mapping[str, str], body: bytes) -> str:
        """The envelope's Encrypt.

        msg_signature signs Encrypt, so what holds none can have no right signature, and what is
        wrong first is asked here: no envelope, unless the query alone shows a stranger. What
        lies beside Encrypt in compatible mode is not looked at: nothing vouches for it.
        """
        if len(body) > LARGEST:
            raise NotAnEnvelope("too large")
        try:
            encrypted = read_strictly(body).get("Encrypt")
        except NotXml as error:
            self._refuse_strangers(args)
            why = _why_no_xml(body, error) if self._vouched(args) else str(error)
            raise NotAnEnvelope(why) from error
        if not encrypted:
            self._refuse_strangers(args)
            raise NotAnEnvelope(NOT_SEALED if self._vouched(args) else "has no Encrypt")
        return encrypted

    def _refuse_strangers(self, args: Mapping[str, str]) -> None:
        """Raises BadSignature where the query has no signature, or a plain one that is wrong."""
        if "signature" in args and not self._vouched(args):
            raise BadSignature
        if not {"timestamp", "nonce"} <= args.keys():
            raise BadSignature
        if not {"signature", "msg_signature"} & args.keys():
            raise BadSignature

    def _read_in_the_clear(self, args: Mapping[str, str], body: bytes, now: datetime) -> Opened:
        if len(body) > LARGEST:
            raise NotAnEnvelope("too large")
        if not self._vouched(args):
            raise BadSignature
        try:
            fields = read_kindly(body)
        except NotXml as error:
            raise NotAnEnvelope(_why_no_xml(body, error)) from error
        if fields.get("Encrypt") and not fields.get("FromUserName"):
            raise NotAnEnvelope(SEALED)
        return _said_by(fields, args.get("nonce", ""), 0, now)

    def _vouched(self, args: Mapping[str, str]) -> bool:
        """Whether the plain signature, which covers the query only, is right."""
        stamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
        return matches(args.get("signature", ""), self._token, stamp, nonce)

    def _opened(self, encrypted: str, nonce: str, now: datetime) -> Opened:
        trouble = NO_KEY
        for place, key in enumerate(self._keys):
            try:
                plain = key.open(encrypted)
            except OtherAccount:
                trouble = ANOTHER_ACCOUNT
            except NotDecrypted:
                continue
            else:
                return _understood(plain, nonce, place, now)
        return Opened(None, nonce, trouble=trouble)

    def _envelope(self, sealed: str, stamp: str, nonce: str) -> bytes:
        signed = signature(self._token, stamp, nonce, sealed)
        return (
            f"<xml><Encrypt>{cdata(sealed)}</Encrypt>"
            f"<MsgSignature>{cdata(signed)}</MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        ).encode()


def _understood(plain: bytes, nonce: str, place: int, now: datetime) -> Opened:
    try:
        fields = read_kindly(plain)
    except NotXml as error:
        return Opened(None, nonce, place, trouble=_why_no_xml(plain, error))
    return _said_by(fields, nonce, place, now)


def _said_by(fields: Fields, nonce: str, place: int, now: datetime) -> Opened:
    try:
        return Opened(kinds.read(fields, now), nonce, place)
    except kinds.NotReadable as error:
        return Opened(None, nonce, place, trouble=str(error))


def _why_no_xml(data: bytes, error: NotXml) -> str:
    """What the log says; JSON is the console's other data format, so it says how to leave it."""
    return JSON if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else str(error)


def _text_xml(said: Said, words: str, stamp: int) -> str:
    """A passive text reply: To and From are those of the message, swapped."""
    return (
        f"<xml><ToUserName>{cdata(said.openid)}</ToUserName>"
        f"<FromUserName>{cdata(said.account)}</FromUserName>"
        f"<CreateTime>{stamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(words)}</Content></xml>"
    )
