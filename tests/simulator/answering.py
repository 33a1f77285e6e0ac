"""A small account's program to try the platform against: it answers as each test bids.

Knows the envelope from the other side. Must not know the platform's insides.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, request

from bot.simulator import wire
from bot.simulator.account import Account

Answer = str | bytes | Response | None


@dataclass
class Got:
    """One delivery as it came in."""

    query: dict[str, str]
    fields: wire.Element

    def __getitem__(self, tag: str) -> str | None:
        return self.fields.get(tag)


@dataclass
class Answering:
    """`answer` gives words (sealed as a text reply), raw bytes, a Response, or None (success)."""

    account: Account
    answer: Callable[[Got], Answer] = lambda got: f"收到 {got['Content'] or got['Event']}"
    got: list[Got] = field(default_factory=list)
    checks: int = 0
    refuse_checks: int = 0

    def app(self) -> Flask:
        """The webhook at /wechat."""
        app = Flask("answering")
        app.add_url_rule("/wechat", "check", self._check, methods=["GET"])
        app.add_url_rule("/wechat", "take", self._take, methods=["POST"])
        return app

    def sealed_text(self, openid: str, words: str, **changes: object) -> bytes:
        """A right reply envelope; `changes` overwrite the inner fields."""
        return self.sealed(self.plain_text(openid, words, **changes))

    def plain_text(self, openid: str, words: str, **changes: object) -> bytes:
        """The same, not sealed."""
        inner = {
            "ToUserName": openid,
            "FromUserName": self.account.original_id,
            "CreateTime": int(time.time()),
            "MsgType": "text",
            "Content": words,
        }
        return wire.to_xml({**inner, **changes}).encode()

    def sealed(self, inner: bytes, **changes: object) -> bytes:
        """An envelope round any bytes; `changes` overwrite its fields."""
        sealed = wire.encrypt(inner, self.account.aes_key, self.account.appid)
        stamp, nonce = int(time.time()), secrets.token_hex(5)
        outer = {
            "Encrypt": sealed,
            "MsgSignature": wire.signature(self.account.token, str(stamp), nonce, sealed),
            "TimeStamp": stamp,
            "Nonce": nonce,
        }
        return wire.to_xml({**outer, **changes}).encode()

    def _check(self) -> Response:
        self.checks += 1
        query = request.args
        right = wire.signature(self.account.token, query["timestamp"], query["nonce"])
        if query["signature"] != right or self.checks <= self.refuse_checks:
            return Response("no", 403)
        return Response(query["echostr"])

    def _take(self) -> Response:
        query = request.args.to_dict()
        got = Got(query, wire.from_xml(self._opened(query, request.get_data())))
        self.got.append(got)
        answer = self.answer(got)
        match answer:
            case None:
                return Response("success")
            case str() if "encrypt_type" not in query:
                return Response(self.plain_text(got["FromUserName"] or "", answer))
            case str():
                return Response(self.sealed_text(got["FromUserName"] or "", answer))
            case bytes():
                return Response(answer)
        return answer

    def _opened(self, query: dict[str, str], body: bytes) -> bytes:
        """The message in it, its signatures checked; in plain mode the body itself."""
        signed = (self.account.token, query["timestamp"], query["nonce"])
        assert query["signature"] == wire.signature(*signed)
        sealed = wire.from_xml(body).get("Encrypt")
        if sealed is None:
            assert "msg_signature" not in query
            return body
        assert query["encrypt_type"] == "aes"
        assert query["msg_signature"] == wire.signature(*signed, sealed)
        return wire.decrypt(sealed, self.account.aes_key, self.account.appid)
