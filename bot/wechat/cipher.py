"""WeChat's signature and its AES envelope: strings and bytes, nothing of what they hold.

Source: developers.weixin.qq.com/doc/service/guide/dev/push/encryption.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # WeChat pads to 32, twice AES's own block
_HEAD = 16  # random characters before the length


class NotDecrypted(Exception):
    """The key does not open it."""


class OtherAccount(NotDecrypted):
    """The key opens it, and it was sealed for another appid."""


def signature(*parts: str) -> str:
    """SHA-1, in hex, of the parts sorted as strings and joined."""
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def matches(given: str, *parts: str) -> bool:
    """Whether `given` is the signature of the parts, in time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), signature(*parts).encode("ascii"))


class Key:
    """One EncodingAESKey (43 characters) of one account."""

    def __init__(self, encoding_aes_key: str, appid: str) -> None:
        # The 43rd character may carry spare bits: real keys do, so nothing is re-encoded.
        try:
            key = base64.b64decode(encoding_aes_key + "=")
        except (binascii.Error, ValueError) as error:
            raise ValueError("the AES key is not base64") from error
        if len(encoding_aes_key) != 43 or len(key) != 32:
            raise ValueError("the AES key must be 43 letters and digits")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._appid = appid.encode()

    def seal(self, plain: bytes) -> str:
        """Base64 of random(16) + length + plain + appid, encrypted."""
        head = base64.b64encode(secrets.token_bytes(12))  # 16 characters any reader can decode
        full = head + struct.pack(">I", len(plain)) + plain + self._appid
        pad = BLOCK - len(full) % BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(full + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode("ascii")

    def open(self, sealed: str) -> bytes:
        """What was sealed. Raises NotDecrypted."""
        try:
            full = self._decrypt(base64.b64decode(sealed))
        except ValueError as error:  # not base64, not whole blocks, not ASCII
            raise NotDecrypted("not decryptable") from error
        pad = full[-1] if full else 0
        if not 1 <= pad <= BLOCK or len(full) - pad < _HEAD + 4:
            raise NotDecrypted("not decryptable")
        (length,) = struct.unpack_from(">I", full, _HEAD)
        body = full[_HEAD + 4 : -pad]
        if length > len(body):
            raise NotDecrypted("sealed with another key")
        if body[length:] != self._appid:
            raise OtherAccount("sealed for another account")
        return body[:length]

    def _decrypt(self, data: bytes) -> bytes:
        decryptor = self._cipher.decryptor()
        return decryptor.update(data) + decryptor.finalize()
