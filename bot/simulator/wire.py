"""WeChat's wire: signatures, AES envelopes and XML, written from Tencent's pages.

Knows bytes and strings. Must not know accounts' people, HTTP, or what a message means.
Sources: doc/service/guide/dev/push/encryption; tests/simulator/vectors.json.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # PKCS#7 over 32 bytes, not AES's own 16
RANDOM_BYTES = 16


class BadEnvelope(Exception):
    """The bytes are not what the other side promised; the message says how."""


def signature(*parts: str) -> str:
    """SHA-1 hex of the parts sorted as strings and put together."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def same(left: str, right: str) -> bool:
    """Compares two signatures in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def encrypt(plain: bytes, aes_key: str, appid: str, random: bytes | None = None) -> str:
    """Base64 of AES-256-CBC over random(16) + length + plain + appid."""
    head = random or secrets.token_bytes(RANDOM_BYTES)
    data = head + struct.pack(">I", len(plain)) + plain + appid.encode()
    pad = BLOCK - len(data) % BLOCK
    sealer = _cipher(aes_key).encryptor()
    return base64.b64encode(sealer.update(data + bytes([pad]) * pad) + sealer.finalize()).decode()


def decrypt(sealed: str, aes_key: str, appid: str) -> bytes:
    """The message inside an Encrypt element; raises BadEnvelope."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadEnvelope("Encrypt is not base64") from error
    if not data or len(data) % 16:
        raise BadEnvelope("Encrypt is not whole AES blocks")
    opener = _cipher(aes_key).decryptor()
    return _unwrap(opener.update(data) + opener.finalize(), appid)


def _unwrap(data: bytes, appid: str) -> bytes:
    pad = data[-1]
    if not 1 <= pad <= BLOCK or data[-pad:] != bytes([pad]) * pad:
        raise BadEnvelope("padding is not PKCS#7 over 32 bytes")
    body = data[RANDOM_BYTES:-pad]
    if len(body) < 4:
        raise BadEnvelope("too short for a length")
    length = struct.unpack(">I", body[:4])[0]
    plain, tail = body[4 : 4 + length], body[4 + length :]
    if len(plain) != length or tail != appid.encode():
        raise BadEnvelope("length or appid is wrong")
    return plain


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def to_xml(fields: Mapping[str, object]) -> str:
    """WeChat's own form: numbers bare, words in CDATA, mappings nested, a list as repeats."""
    return "<xml>" + "".join(_element(tag, value) for tag, value in fields.items()) + "</xml>"


def _element(tag: str, value: object) -> str:
    match value:
        case Mapping():
            inner = "".join(_element(str(key), below) for key, below in value.items())
        case list():
            return "".join(_element(tag, one) for one in value)
        case int() | float():
            inner = str(value)
        case _:
            inner = "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return f"<{tag}>{inner}</{tag}>"


@dataclass
class Element:
    """One XML element with its words and the elements below it."""

    tag: str
    text: str = ""
    below: list[Element] = field(default_factory=list)

    def get(self, tag: str) -> str | None:
        """The words of the first element below with this tag."""
        return next((child.text for child in self.below if child.tag == tag), None)

    def part(self, tag: str) -> Element:
        """The first element below with this tag; an empty one where there is none."""
        return next((child for child in self.below if child.tag == tag), Element(tag))


def from_xml(data: bytes) -> Element:
    """The root of a document without DTD; raises BadEnvelope."""
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadEnvelope(f"not well-formed XML: {error}") from error
    return reader.root.below[0]


class _Reader:
    def __init__(self) -> None:
        self.root = Element("")
        self.open = [self.root]
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        element = Element(tag)
        self.open[-1].below.append(element)
        self.open.append(element)

    def _end(self, _tag: str) -> None:
        self.open.pop()

    def _words(self, words: str) -> None:
        self.open[-1].text += words

    def _doctype(self, *_rest: object) -> None:
        raise BadEnvelope("a DOCTYPE has no place here")
