"""What every command begins and ends with: settings, servers, the Bot, and trouble in one line.

Knows where the servers come from: the settings, else those of a running `make run`, else our own
for the moment. Must not know what a command does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bot import logs
from bot.bootstrap import CANNOT_START, Bot, build
from bot.commands.trouble import TroubleError, WrongFileError
from bot.core.roster.sheets import WorkbookError
from bot.embedded import ServersError
from bot.store.reasons import DATABASE_ERRORS, Reason, reason
from bot.surroundings import lent
from config.settings import Settings, load

_DATABASE: Final = {
    Reason.AWAY: "数据库连不上：请确认 PostgreSQL 已启动，并核对 DATABASE_URL。",
    Reason.REFUSED: "数据库不让进：请核对 DATABASE_URL 里的用户名、密码和权限。",
    Reason.MISSING: "数据库服务器上没有这个库：请先建库，或核对 DATABASE_URL 里的库名。",
    Reason.UNMIGRATED: "数据库还没有准备好：请先运行 python -m bot migrate。",
    Reason.NEWER: "数据库已由更新的版本升级：请改用同一版本的程序。",
    Reason.SLOW: "数据库太忙，没有及时回答：请稍后再试。",
}


def foreseen(error: Exception) -> TroubleError | None:
    """What an operator can do about it; None of a bug."""
    if isinstance(error, WorkbookError):
        return WrongFileError(str(error))
    if isinstance(error, (*CANNOT_START, ServersError)):
        return TroubleError(str(error))
    if isinstance(error, DATABASE_ERRORS) and reason(error) is not None:
        return TroubleError(database_words(error))
    return None


def database_words(error: BaseException) -> str:
    """What is the matter with the database and what to do, for one of DATABASE_ERRORS."""
    why = reason(error)
    return _DATABASE[why] if why else "数据库出错：详情见日志。"


@contextmanager
def opened() -> Iterator[Bot]:
    """The Bot of this process's settings, with servers behind it."""
    settings = load()
    quieten(settings)
    with lent(settings) as lent_settings, built(lent_settings) as bot:
        yield bot


def quieten(settings: Settings) -> None:
    """Log trouble only, unless LOG_LEVEL is set: what a command did it prints."""
    logs.set_up(settings.log_level if "log_level" in settings.model_fields_set else "WARNING")


@contextmanager
def built(settings: Settings) -> Iterator[Bot]:
    """The Bot of these settings, its connections closed at the end."""
    bot = build(settings)
    try:
        yield bot
    finally:
        bot.engine.dispose()
        bot.redis.close()
