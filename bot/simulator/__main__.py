"""Runs the simulator: `python -m bot.simulator`.

Knows the environment it is started with (see SETTINGS). Must not know how anything works.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from bot.simulator.account import Account, Mode
from bot.simulator.cast import CastError, read_cast
from bot.simulator.noticefields import usual_templates
from bot.simulator.page import page_app
from bot.simulator.phones import Platform, serve_app
from bot.simulator.stage import Stage
from bot.simulator.strip import Strip

SETTINGS = ("WECHAT_TOKEN", "WECHAT_APPID", "WECHAT_SECRET", "WECHAT_AES_KEY")
DEFAULT_PORT = "8010"
DEFAULT_WEBHOOK = "http://127.0.0.1:8000/wechat"
AES_KEY_LENGTH = 43


class WrongSettingError(Exception):
    """A setting that cannot be used; the message is one line that names it."""


def main() -> int:
    """Serves until SIGTERM or SIGINT; 1 with one line when it cannot start."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        port, stage = _port(), _stage()
        served = serve_app(page_app(stage), port)
    except (WrongSettingError, CastError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"SIMULATOR_PORT {port} cannot be used: {error.strerror}")
    stage.platform.url = served.url
    stage.start()
    sys.stdout.write(f"simulator: {served.url}\n")
    sys.stdout.flush()
    ended.wait()
    stage.stop()
    served.close()
    return 0


def _refuse(line: str) -> int:
    sys.stderr.write(f"simulator: {line}\n")
    return 1


def _port() -> int:
    text = os.environ.get("SIMULATOR_PORT") or DEFAULT_PORT
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise WrongSettingError(f"SIMULATOR_PORT must be a number from 0 to 65535, not {text!r}")
    return int(text)


def _stage() -> Stage:
    path = os.environ.get("SIMULATOR_PHONES")
    file = Path(path) if path else None
    webhook = os.environ.get("SIMULATOR_WEBHOOK") or DEFAULT_WEBHOOK
    strip = Strip(os.environ.get("SIMULATOR_STRIP"), os.environ.get("SIMULATOR_STRIP_KEY"))
    state = file.with_name(f"{file.stem}.state.json") if file else None
    platform = Platform(_account(), webhook)
    template_id = os.environ.get("WECHAT_TEMPLATE_NOTICE") or None
    platform.notices.templates = usual_templates(template_id)
    return Stage(platform, read_cast(file), strip, state)


def _account() -> Account:
    if missing := [name for name in SETTINGS if not os.environ.get(name)]:
        raise WrongSettingError(f"{', '.join(missing)} must be set")
    token, appid, secret, aes_key = (os.environ[name] for name in SETTINGS)
    if len(aes_key) != AES_KEY_LENGTH:
        raise WrongSettingError(f"WECHAT_AES_KEY must have {AES_KEY_LENGTH} characters")
    return Account(appid=appid, secret=secret, token=token, aes_key=aes_key, mode=_mode())


def _mode() -> Mode:
    text = os.environ.get("WECHAT_MODE") or Mode.SAFE
    if text not in list(Mode):
        raise WrongSettingError(f"WECHAT_MODE must be one of {', '.join(Mode)}, not {text!r}")
    return Mode(text)


if __name__ == "__main__":
    sys.exit(main())
