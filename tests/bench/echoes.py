"""What our web process is compared with: programs that answer the same posts with their words.

`plain()` opens and seals the envelope with our own wire inside Flask and keeps nothing; `werobot()`
is WeRoBot 1.13's echo with its default SQLite session. Both are served as our web process is.

    python -m tests.bench.echoes plain|werobot PORT
"""

import os
import sys
from typing import Any

from flask import Flask, Response, request
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bot.bootstrap import utc_now
from bot.commands.web import THREADS
from bot.wechat.callback import Callback
from config.settings import load


def plain() -> Flask:
    """Opened and sealed, nothing between."""
    callback = Callback(
        os.environ["WECHAT_TOKEN"], os.environ["WECHAT_APPID"], (os.environ["WECHAT_AES_KEY"],)
    )
    app = Flask(__name__, static_folder=None)

    @app.post("/wechat")
    def echo() -> Response:
        now = utc_now()
        opened = callback.open(request.args, request.get_data(), now)
        words = opened.said.text if opened.said else "?"
        return Response(callback.reply(opened, words, now), content_type="text/xml")

    @app.get("/")
    def front() -> str:
        return "echo"

    return app


def werobot() -> Any:
    """WeRoBot's echo, its session in werobot_session.sqlite3 of the current folder: DATA_DIR."""
    from werobot import WeRoBot  # type: ignore[import-untyped]

    os.chdir(os.environ["DATA_DIR"])

    robot = WeRoBot(
        token=os.environ["WECHAT_TOKEN"],
        app_id=os.environ["WECHAT_APPID"],
        encoding_aes_key=os.environ["WECHAT_AES_KEY"],
        enable_session=True,
    )

    @robot.handler  # type: ignore[untyped-decorator]
    def echo(message: Any, session: dict[str, int]) -> str:
        session["said"] = session.get("said", 0) + 1
        return str(message.content)

    return robot.wsgi


def serve(program: str, port: int) -> None:
    """As `python -m bot web` serves: as many processes and threads."""
    Server(
        f"tests.bench.echoes:{program}",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=load(env_file=None).web_processes,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        log_access=False,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
