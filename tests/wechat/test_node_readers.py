"""What we seal is read by two npm packages, and what they seal by us.

Skipped where there is no node or npm; `.ci/run` installs them and sets NODE_READERS=required.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from bot.core.messages import Kind
from bot.wechat.callback import Callback, Mode
from bot.wechat.cipher import Key, signature

from .envelopes import APPID, KEY, NOW, OLD_KEY, TOKEN, captured, query, shown_plain, text_message

HERE = Path(__file__).parent / "node"
READERS = ("wechat-crypto", "@wecom/crypto")
TEXTS = [
    "x",
    "停水了",
    "👩‍👩‍👧 ]]> & <b>\n\t",
    "水" * 700,
    *("a" * length for length in range(1, 34)),
]
Ask = Callable[..., object]


def _installed(folder: Path) -> Path:
    """A folder with the pinned packages, filled once and kept by pytest's cache."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "@wecom" / "crypto").is_dir():
        shutil.copy(HERE / "package.json", folder)
        words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        done = subprocess.run(
            [*words, "--ignore-scripts"], cwd=folder, capture_output=True, timeout=120, check=False
        )
        if done.returncode != 0:
            _without("npm cannot install the packages here")
    shutil.copy(HERE / "readers.js", folder)
    return folder


def _without(why: str) -> None:
    if os.environ.get("NODE_READERS") == "required":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="module")
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Call it with a reader's name, an act and a text for the reader's answer."""
    if not (shutil.which("node") and shutil.which("npm")):
        _without("node and npm are not on this machine")
    pins = sha256((HERE / "package.json").read_bytes()).hexdigest()[:12]
    folder = _installed(request.config.cache.mkdir(f"node_readers_{pins}"))
    words = ["node", "--no-deprecation", "readers.js"]
    with subprocess.Popen(
        words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        questions, answers = node.stdin, node.stdout

        def put(reader: str, act: str, text: str, **more: str) -> object:
            account = {"token": TOKEN, "key": KEY, "appid": APPID}
            question = account | {"reader": reader, "act": act, "text": text} | more
            questions.write(json.dumps(question) + "\n")
            questions.flush()
            return json.loads(answers.readline())

        yield put
        questions.close()


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
@pytest.mark.parametrize("reader", READERS)
def test_what_we_seal_they_open(ask: Ask, reader: str, key: str) -> None:
    for text in TEXTS:
        sealed = Key(key, APPID).seal(text.encode())
        assert ask(reader, "open", sealed, key=key) == {"message": text, "id": APPID}


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
@pytest.mark.parametrize("reader", READERS)
def test_what_they_seal_we_open(ask: Ask, reader: str, key: str) -> None:
    for text in TEXTS:
        assert Key(key, APPID).open(str(ask(reader, "seal", text, key=key))).decode() == text


@pytest.mark.parametrize("reader", READERS)
def test_they_sign_as_we_do(ask: Ask, reader: str) -> None:
    for text in TEXTS:
        theirs = ask(reader, "sign", text, timestamp="1714112445", nonce="415670741")
        assert theirs == signature(TOKEN, "1714112445", "415670741", text)


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.COMPATIBLE])
@pytest.mark.parametrize("reader", READERS)
def test_a_post_of_theirs_is_read_and_our_reply_is_read_by_them(
    ask: Ask, reader: str, mode: Mode
) -> None:
    sealed = str(ask(reader, "seal", text_message("停水了")))
    args = query("", nonce="7") | {"encrypt_type": "aes"}
    args["msg_signature"] = str(ask(reader, "sign", sealed, timestamp=args["timestamp"], nonce="7"))
    callback = Callback(TOKEN, APPID, (KEY,), mode)
    beside = captured("image").removesuffix("</xml>\n") if mode is Mode.COMPATIBLE else "<xml>"
    opened = callback.open(args, f"{beside}<Encrypt>{sealed}</Encrypt></xml>".encode(), NOW)
    assert opened.said is not None
    assert (opened.said.kind, opened.said.text) == (Kind.TEXT, "停水了")

    outer = shown_plain(callback.reply(opened, "收到 👍 ]]>", NOW))
    parts = {"timestamp": outer["TimeStamp"], "nonce": outer["Nonce"]}
    assert ask(reader, "sign", outer["Encrypt"], **parts) == outer["MsgSignature"]
    inner = ask(reader, "open", outer["Encrypt"])
    assert isinstance(inner, dict)
    assert inner["id"] == APPID
    assert shown_plain(inner["message"].encode())["Content"] == "收到 👍 ]]>"
