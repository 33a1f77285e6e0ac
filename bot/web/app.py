"""The web process: one Flask app around a Bot, its pages and what becomes of wrong requests.

Knows which pages there are. Must not know what is on them.
"""

import gc
from typing import Final

import structlog
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from bot import logs
from bot.bootstrap import Bot, for_wechat
from bot.desk.receive import rehearse
from bot.web import board, health, metrics, wechat
from bot.web.questions import questions_of
from bot.wechat import misfits
from bot.wechat.callback import Callback, Mode

log = structlog.get_logger()

_NEW_THINGS: Final = 20_000
"""So many are made before garbage is looked for; a message makes some hundreds, and most of them
go by themselves."""


def create(bot: Bot | None = None) -> Flask:
    """The app of this Bot, else of the environment's; for a WSGI server, which calls it bare.

    `app.extensions["questions"]` holds connections of its own, for who wants to close them.
    Raises what `build` raises, and ValueError where a given Bot has no WeChat account, or no
    key though its mode needs one.
    """
    if bot is None:
        bot = for_wechat()
        logs.set_up(bot.settings.log_level)
        rehearse(bot)
        _settle()
    app = Flask(__name__, static_folder=None)
    misfits.forget(bot.redis, bot.settings.wechat_appid or "")
    questions, meter = questions_of(bot), metrics.Meter()
    app.extensions["questions"] = questions
    app.register_blueprint(wechat.routes(bot, callback_of(bot), meter))
    app.register_blueprint(health.routes(bot, questions))
    app.register_blueprint(metrics.routes(meter, metrics.Stored(bot, questions)))
    app.register_blueprint(board.routes(bot, questions))
    app.add_url_rule("/", view_func=front)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)
    return app


def _settle() -> None:
    """What stands after the start is there to stay: nobody waits while it is gone through again
    for what could be thrown away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_THINGS)


def callback_of(bot: Bot) -> Callback:
    """The webhook of the account in the settings, the former key beside the present one."""
    settings = bot.settings
    keys = (settings.wechat_aes_key, settings.wechat_aes_key_previous)
    if not (settings.wechat_token and settings.wechat_appid):
        raise ValueError("there is no webhook without WECHAT_TOKEN and WECHAT_APPID")
    return Callback(
        settings.wechat_token,
        settings.wechat_appid,
        tuple(key for key in keys if key),
        Mode(settings.wechat_mode),
    )


def front() -> Response:
    return Response(render_template("front.txt") + "\n", content_type="text/plain; charset=utf-8")


def refused(error: HTTPException) -> Response:
    """404, 405 and their like in one line of text, with the headers they need."""
    answer = Response(f"{error.code} {error.name}\n", error.code)
    answer.headers.extend(
        [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    )
    answer.content_type = "text/plain; charset=utf-8"
    return answer


def failed(error: Exception) -> Response:
    """A bug: logged by its kind and place. To WeChat it says "again", with no other 5xx."""
    log.error("page_failed", page=request.endpoint, exc_info=error)
    return refused_with(503 if request.path == "/wechat" else 500)


def refused_with(status: int) -> Response:
    return Response(f"{status}\n", status, content_type="text/plain; charset=utf-8")
