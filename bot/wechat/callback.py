"""The webhook's bytes: what WeChat posts to an `Opened`, our words to a passive reply.

Knows signatures, envelopes and their limits; not HTTP statuses, not what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.messages import Said
from bot.wechat import kinds
from bot.wechat.cipher import Key, NotDecrypted, matches, signature
from bot.wechat.fields import NotXml, cdata, read_kindly, read_strictly
from bot.wechat.words import clean, shortened

LARGEST = 64 * 1024
"""Bytes of a body that is looked at; WeChat's own stay far below."""

SUCCESS = b"success"
"""Accepted, nothing to show; WeChat wants it unencrypted in every mode."""


class BadSignature(Exception):
    """Not WeChat, or not with our token."""


class NotAnEnvelope(Exception):
    """The bytes are nothing WeChat sends in this mode; the words say why, without content."""


@dataclass(frozen=True)
class Opened:
    """A body whose signature was right.

    `said` is None where nothing could be read; `trouble` then says why, fit for a log.
    `key_used` is the place of the AES key that opened it, 0 the current one.
    """

    said: Said | None
    nonce: str
    key_used: int = 0
    trouble: str | None = None


class Callback:
    """One account's webhook in safe mode.

    `keys` are EncodingAESKeys, the current one first, then the previous one during a change
    of keys. Raises ValueError for a key that is none.
    """

    def __init__(self, token: str, appid: str, keys: tuple[str, ...]) -> None:
        if not keys:
            raise ValueError("safe mode needs an AES key")
        self._token = token
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
        encrypted = self._encrypted(args, body)
        stamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
        if not matches(args.get("msg_signature", ""), self._token, stamp, nonce, encrypted):
            raise BadSignature
        return self._opened(encrypted, nonce, now)

    def reply(self, opened: Opened, text: str, now: datetime) -> bytes:
        """The body that shows `text` to the person, encrypted with the key they came by.

        Longer than one message holds, it is cut with "…": the last guard, callers make it fit.
        Nothing to show gives SUCCESS, since an empty reply makes WeChat show a fault notice.
        """
        if opened.said is None:
            raise ValueError("nobody to reply to")
        words = shortened(clean(text))
        if not words.strip():
            return SUCCESS
        plain = _text_xml(opened.said, words, int(now.timestamp()))
        sealed = self._keys[opened.key_used].seal(plain.encode())
        return self._envelope(sealed, str(int(now.timestamp())), clean(opened.nonce))

    def _encrypted(self, args: Mapping[str, str], body: bytes) -> str:
        """The envelope's Encrypt.

        Safe mode signs Encrypt, so what holds none can have no right signature, and what is
        wrong first is asked here: no envelope, unless the query alone shows a stranger.
        """
        if len(body) > LARGEST:
            raise NotAnEnvelope("too large")
        try:
            encrypted = read_strictly(body).get("Encrypt")
        except NotXml as error:
            self._refuse_strangers(args)
            raise NotAnEnvelope(str(error)) from error
        if not encrypted:
            self._refuse_strangers(args)
            raise NotAnEnvelope("has no Encrypt")
        return encrypted

    def _refuse_strangers(self, args: Mapping[str, str]) -> None:
        """Raises BadSignature where the query has no signature, or a plain one that is wrong."""
        if "signature" in args and not self._vouched(args):
            raise BadSignature
        if not {"timestamp", "nonce"} <= args.keys():
            raise BadSignature
        if not {"signature", "msg_signature"} & args.keys():
            raise BadSignature

    def _vouched(self, args: Mapping[str, str]) -> bool:
        """Whether the plain signature, which covers the query only, is right."""
        stamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
        return matches(args.get("signature", ""), self._token, stamp, nonce)

    def _opened(self, encrypted: str, nonce: str, now: datetime) -> Opened:
        for place, key in enumerate(self._keys):
            try:
                plain = key.open(encrypted)
            except NotDecrypted:
                continue
            return _understood(plain, nonce, place, now)
        return Opened(None, nonce, trouble="no key opens it for this account")

    def _envelope(self, sealed: str, stamp: str, nonce: str) -> bytes:
        signed = signature(self._token, stamp, nonce, sealed)
        return (
            f"<xml><Encrypt>{cdata(sealed)}</Encrypt>"
            f"<MsgSignature>{cdata(signed)}</MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        ).encode()


def _understood(plain: bytes, nonce: str, place: int, now: datetime) -> Opened:
    try:
        said = kinds.read(read_kindly(plain), now)
    except (NotXml, kinds.NotReadable) as error:
        return Opened(None, nonce, place, trouble=str(error))
    return Opened(said, nonce, place)


def _text_xml(said: Said, words: str, stamp: int) -> str:
    """A passive text reply: To and From are those of the message, swapped."""
    return (
        f"<xml><ToUserName>{cdata(said.openid)}</ToUserName>"
        f"<FromUserName>{cdata(said.account)}</FromUserName>"
        f"<CreateTime>{stamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(words)}</Content></xml>"
    )
