"""The simulator's own crypto against other people's vectors, and its XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.simulator import wire

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors.json").read_text("utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_every_vector_opens_and_seals_to_the_same_bytes(vector: dict[str, Any]) -> None:
    key, appid = vector["aes_key"], vector["appid"]
    plain = wire.decrypt(vector["encrypt"], key, appid)
    assert plain.decode() == vector["plaintext"]
    assert wire.encrypt(plain, key, appid, vector["random"].encode()) == vector["encrypt"]


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if "msg_signature" in v], ids=lambda v: v["id"]
)
def test_every_signature_is_the_vectors(vector: dict[str, Any]) -> None:
    parts = (vector["token"], vector["timestamp"], vector["nonce"])
    assert wire.signature(*parts, vector["encrypt"]) == vector["msg_signature"]
    if "signature" in vector:
        assert wire.signature(*parts) == vector["signature"]


def test_tencents_url_check_vector() -> None:
    signed = wire.signature("AAAAA", "1714036504", "1514711492")
    assert signed == "f464b24fc39322e44b38aa78f5edd27bd1441696"


@pytest.mark.parametrize("length", range(70))
def test_what_is_sealed_opens_again_whatever_the_padding(length: int) -> None:
    key, plain = "A" * 43, b"x" * length
    assert wire.decrypt(wire.encrypt(plain, key, "wx1"), key, "wx1") == plain


def test_another_appid_or_a_changed_byte_is_refused() -> None:
    sealed = wire.encrypt(b"<xml/>", "A" * 43, "wx1")
    for wrong in (sealed[:-4] + "AAA=", "%%%", "", sealed[:24]):
        with pytest.raises(wire.BadEnvelope):
            wire.decrypt(wrong, "A" * 43, "wx1")
    with pytest.raises(wire.BadEnvelope, match="appid"):
        wire.decrypt(sealed, "A" * 43, "wx2")


@pytest.mark.parametrize("words", ["]]>", "a]]>]]>b", "<b>&amp;", "😀 停水了", " 前后 "])
def test_words_survive_xml(words: str) -> None:
    root = wire.from_xml(wire.to_xml({"Content": words, "MsgId": 7}).encode())
    assert root.get("Content") == words
    assert root.get("MsgId") == "7"


@pytest.mark.parametrize(
    "bad", [b"", b"{}", b"<xml>", b"<xml>\x01</xml>", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>']
)
def test_bad_xml_is_refused(bad: bytes) -> None:
    with pytest.raises(wire.BadEnvelope):
        wire.from_xml(bad)
