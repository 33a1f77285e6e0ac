"""`web`: the process that answers WeChat.

Knows how it is served. Must not know what it answers.
"""

import os
from tempfile import TemporaryDirectory
from typing import Final

import click
import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bot import logs
from bot.bootstrap import for_wechat
from bot.commands.trouble import TroubleError
from bot.run import CannotRunError, check_port
from config.settings import Settings

_log = structlog.get_logger()

_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - who may come in is for the proxy in front
# They mostly wait: what comes meanwhile goes through together.
THREADS: Final = 16
_GRACE_S: Final = 8
# Only trouble, and in our own form, by the root's handler.
_LOGGING: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


@click.command()
def web() -> None:
    """启动网站进程，接收微信消息。"""
    settings = for_wechat().settings  # what is wrong is told here, before any worker
    logs.set_up(settings.log_level)
    try:
        check_port("PORT", settings.port)
    except CannotRunError as error:
        raise TroubleError(str(error)) from error
    _log.info("web_starts", port=settings.port, processes=settings.web_processes)
    with TemporaryDirectory(prefix="hulianwang-metrics-") as counts:
        # Where the processes count together; read when each of them starts.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
        _serve(settings)


def _serve(settings: Settings) -> None:
    Server(
        "bot.web.app:create",
        factory=True,
        address=_EVERYWHERE,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=THREADS,
        workers_kill_timeout=_GRACE_S,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        log_access=False,
        websockets=False,
    ).serve()
