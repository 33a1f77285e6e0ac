"""Endless seeded damage to what WeChat posts, and whether each is answered as it must be.

Knows envelopes, how they break and the three things that may become of one (contract section 3).
Not how many are tried nor what is measured; our own sealing makes the posts, others' vectors
hold it right elsewhere.
"""

import base64
import random
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.core.messages import Said
from bot.store.inbox import from_json, to_json
from bot.wechat.callback import BadSignature, Callback, Mode, NotAnEnvelope
from bot.wechat.cipher import BLOCK, Key, signature
from bot.wechat.kinds import LONGEST_KEY
from bot.wechat.words import clean

from .envelopes import APPID, HERE, KEY, NOW, OLD_KEY, TOKEN, text_message

CALLBACKS = {mode: Callback(TOKEN, APPID, (KEY, OLD_KEY), mode) for mode in Mode}
SLOWEST_S = 0.1
"""No post may take longer, in processor time of the thread: waiting for others is not ours."""

_KEY = Key(KEY, APPID)
_AES = base64.b64decode(KEY + "=")
_CIPHER = Cipher(algorithms.AES(_AES), modes.CBC(_AES[:16]))
_CAPTURED = [path.read_text() for path in sorted((HERE / "captured").glob("*.xml"))]
_TEXTS = [text_message(words) for words in ("停水了", "a]]b", "👍" * 90, "12 师傅到了", "绑定 502")]
_INSERTS = [
    *(b"\0", b"]]>", b"<!DOCTYPE x>", b"&a;", b"&#0;", b"&#xD800;", b"<xml>", b"</xml>", b"\xff"),
    *(b"<![CDATA[", b"<Encrypt>", b"<?xml version='1.0' encoding='utf-16'?>", "㐀👩‍👩‍👧".encode()),
    *(b"<List><List>", b"<CreateTime>99999999999</CreateTime>", b"\xed\xa0\x80", b"\x1b[2J"),
]
_STRANGE = [
    *(b"", b"{}", b'{"MsgType":"text"}', b"[]", b"<xml/>", b"<xml></xml>", b"\xef\xbb\xbf<xml/>"),
    b"<xml>" + b"<a>" * 400 + b"</a>" * 400 + b"</xml>",
    b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
    b"<xml>" + b"<List/>" * 3000 + b"</xml>",
    b"<xml><Content>" + b"]]>" * 9000 + b"</Content></xml>",
    b"<xml><Content><![CDATA[" + b"]]>" * 9000 + b"]]></Content></xml>",
    b"<xml a='" + b"x" * 30_000 + b"'/>",
]


class Became(StrEnum):
    """What became of a post: 403, 400 or 200."""

    FORBIDDEN = "forbidden"
    NO_ENVELOPE = "no_envelope"
    TAKEN = "taken"


STATUS = {200: Became.TAKEN, 400: Became.NO_ENVELOPE, 403: Became.FORBIDDEN}

_ANY = frozenset(Became)
_TAKEN = frozenset({Became.TAKEN})
_FORBIDDEN = frozenset({Became.FORBIDDEN})
_CLEAR = frozenset({Became.NO_ENVELOPE, Became.TAKEN})


@dataclass(frozen=True)
class Post:
    """`may` is what may become of it. `only` is all that may be read from it, where that is
    known: damage that nobody signed must never change what was said."""

    mode: Mode
    args: dict[str, str]
    body: bytes
    may: frozenset[Became]
    only: Said | None = None


@dataclass
class Tally:
    """What became of the posts tried so far, and the slowest of them in seconds."""

    became: Counter[Became] = field(default_factory=Counter)
    read: int = 0
    slowest_s: float = 0.0


def posts(seed: int) -> Iterator[Post]:
    """The same endless damage for the same seed."""
    chance = random.Random(seed)
    while True:
        yield chance.choice(_WAYS)(chance)


def tried(post: Post, tally: Tally) -> None:
    """Raises AssertionError, or whatever our code does, where the post is not met as it must."""
    became, said, took_s = _timed(post)
    if took_s > SLOWEST_S / 4:  # slow by itself it is slow again; what the machine did is not
        took_s = min(took_s, *(_timed(post)[2] for _ in range(2)))
    tally.slowest_s = max(tally.slowest_s, took_s)
    assert became in post.may, (became, post)
    tally.became[became] += 1
    if said is not None:
        tally.read += 1
        _check(said, post)


def _timed(post: Post) -> tuple[Became, Said | None, float]:
    began = time.thread_time()
    became, said = _met(post)
    return became, said, time.thread_time() - began


def _met(post: Post) -> tuple[Became, Said | None]:
    """Opened, and answered where there is somebody to answer."""
    callback = CALLBACKS[post.mode]
    try:
        opened = callback.open(post.args, post.body, NOW)
    except BadSignature:
        return Became.FORBIDDEN, None
    except NotAnEnvelope:
        return Became.NO_ENVELOPE, None
    assert (opened.said is None) == (opened.trouble is not None)
    if opened.said is not None:
        assert callback.reply(opened, opened.said.text, NOW)
    return Became.TAKEN, opened.said


def _check(said: Said, post: Post) -> None:
    assert post.only is None or said == post.only, post
    assert said.openid
    assert len(said.key) <= LONGEST_KEY
    assert said.text == clean(said.text)
    assert "\0" not in repr(said.carried)
    assert from_json(to_json(said)) == said


def _plain_text(chance: random.Random) -> str:
    return chance.choice(_CAPTURED if chance.random() < 0.7 else _TEXTS)


def _sealed(sealed: str, mode: Mode, beside: str = "") -> tuple[dict[str, str], bytes]:
    """Query and body with a right signature over `sealed`."""
    signed = {
        "signature": signature(TOKEN, "1793671200", "415670741"),
        "timestamp": "1793671200",
        "nonce": "415670741",
    }
    if mode is Mode.PLAIN:
        return signed, beside.encode()
    own = signature(TOKEN, "1793671200", "415670741", sealed)
    head = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
    if mode is Mode.COMPATIBLE:
        head = beside.strip().removesuffix("</xml>")
    body = f"{head}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    return signed | {"encrypt_type": "aes", "msg_signature": own}, body.encode()


def _damaged_query(chance: random.Random) -> Post:
    mode, inner = chance.choice(list(Mode)), _plain_text(chance)
    args, body = _sealed(_KEY.seal(inner.encode()), mode, inner)
    whole, given = CALLBACKS[mode].open(args, body, NOW).said, dict(args)
    for _ in range(chance.randint(1, 2)):
        name = chance.choice(sorted(args))
        args[name] = chance.choice(["", "0", args[name][::-1], "\ud800", "é" * 9, "x" * 5000])
        if chance.random() < 0.3:
            del args[name]
        if not args:
            break
    vouches = "signature" if mode is Mode.PLAIN else "msg_signature"
    right = all(args.get(name) == given[name] for name in ("timestamp", "nonce", vouches))
    return Post(mode, args, body, _TAKEN if right else _FORBIDDEN, whole)


def _damaged_envelope(chance: random.Random) -> Post:
    """Nobody signed this: it is refused, or reads as if nothing had happened."""
    mode, inner = chance.choice([Mode.SAFE, Mode.COMPATIBLE]), _plain_text(chance)
    args, body = _sealed(_KEY.seal(inner.encode()), mode, inner)
    whole = CALLBACKS[mode].open(args, body, NOW).said
    return Post(mode, args, _hurt(chance, body), _ANY, whole)


def _damaged_seal(chance: random.Random) -> Post:
    """Signed, and what was signed is nothing that opens, or opens to something else."""
    mode, inner = chance.choice([Mode.SAFE, Mode.COMPATIBLE]), _plain_text(chance)
    sealed = list(_KEY.seal(inner.encode()))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(sealed))
        sealed[at : at + chance.randint(0, 2)] = chance.choice(["A", "=", "é", "+/", " ", "水"])
    return Post(mode, *_sealed("".join(sealed).strip() or "A", mode, inner), _TAKEN)


def _damaged_frame(chance: random.Random) -> Post:
    """Random head, length, words, appid and padding, each of them perhaps wrong."""
    inner = _hurt(chance, _plain_text(chance).encode()) if chance.random() < 0.5 else b"<xml/>"
    length = chance.choice([len(inner), 0, len(inner) + 1, 2**32 - 1, chance.randrange(2**16)])
    owner = chance.choice([APPID, APPID, "", "wx0000000000000000", APPID + "x"])
    full = b"r" * 16 + struct.pack(">I", length) + inner + owner.encode()
    full = full[chance.choice([0, 0, 0, 5]) :]
    pad = BLOCK - len(full) % BLOCK
    full += bytes([chance.choice([pad, pad, pad, 0, 1, 33, 255])]) * pad
    encryptor = _CIPHER.encryptor()

    sealed = base64.b64encode(encryptor.update(full) + encryptor.finalize()).decode()
    return Post(Mode.SAFE, *_sealed(sealed, Mode.SAFE), _TAKEN)


def _damaged_words(chance: random.Random) -> Post:
    """What WeChat itself sealed and signed: always taken, whatever it is."""
    inner = _plain_text(chance).encode()
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        inner = _hurt(chance, inner)
    key = chance.choice([_KEY, _KEY, Key(OLD_KEY, APPID)])
    return Post(Mode.SAFE, *_sealed(key.seal(inner[:40_000]), Mode.SAFE), _TAKEN)


def _mixed_fields(chance: random.Random) -> Post:
    """The fields of two types in one message, in any order and number."""
    parts = [
        part
        for xml in chance.sample(_CAPTURED, 2)
        for part in xml.strip().removeprefix("<xml>").removesuffix("</xml>").splitlines()
    ]
    chance.shuffle(parts)
    inner = f"<xml>{''.join(parts[: chance.randint(1, len(parts))])}</xml>".encode()
    return Post(Mode.SAFE, *_sealed(_KEY.seal(inner), Mode.SAFE), _TAKEN)


def _strange_words(chance: random.Random) -> Post:
    inner = chance.choice(_STRANGE) if chance.random() < 0.5 else chance.randbytes(200)
    return Post(Mode.SAFE, *_sealed(_KEY.seal(inner), Mode.SAFE), _TAKEN)


def _damaged_clear(chance: random.Random) -> Post:
    """Plain mode: read, or no message."""
    args, body = _sealed("", Mode.PLAIN, _plain_text(chance))
    if chance.random() < 0.1:
        return Post(Mode.PLAIN, args, chance.choice(_STRANGE), _CLEAR)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        body = _hurt(chance, body)
    return Post(Mode.PLAIN, args, body, _CLEAR)


def _hurt(chance: random.Random, data: bytes) -> bytes:
    """A few bytes changed, dropped, repeated, inserted or cut off at one place."""
    at = chance.randrange(len(data)) if data else 0
    length = chance.randint(1, 12)
    match chance.randrange(6):
        case 0:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + length :]
        case 2:
            return data[:at] + data[at : at + length] * chance.choice([2, 2, 500]) + data[at:]
        case 3 | 4:
            return data[:at] + chance.choice(_INSERTS) + data[at:]
        case _:
            return data[:at]


_WAYS: Sequence[Callable[[random.Random], Post]] = (
    *(_damaged_query, _damaged_envelope, _damaged_seal, _damaged_frame),
    *(_damaged_words, _damaged_words, _mixed_fields, _strange_words, _damaged_clear),
)
