"""A web app around a real Bot: a fresh database, an empty Redis and a clock that stands."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from bot import logs
from bot.bootstrap import Bot, build
from bot.web.app import create
from config.settings import load
from tests.web.posts import SECRET_KEY, Watch
from tests.wechat.envelopes import APPID, KEY, OLD_KEY, TOKEN


@contextmanager
def built(database_url: str, redis_url: str, watch: Watch, **more: str | None) -> Iterator[Bot]:
    """A Bot with WeChat's account of the test envelopes."""
    given = {
        "wechat_token": TOKEN,
        "wechat_appid": APPID,
        "wechat_secret": "secret",
        "wechat_aes_key": KEY,
        "wechat_aes_key_previous": OLD_KEY,
        "wechat_api_url": "http://127.0.0.1:9",
        "secret_key": SECRET_KEY,
    }
    urls = {"database_url": database_url, "redis_url": redis_url}
    bot = build(load(env_file=None, **{**given, **urls, **more}), now=watch.now)
    try:
        yield bot
    finally:
        bot.engine.dispose()
        bot.redis.close()


@contextmanager
def served(bot: Bot) -> Iterator[Flask]:
    app = create(bot)
    try:
        yield app
    finally:
        app.extensions["questions"].close()


@pytest.fixture(autouse=True)
def logged_as_in_production() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    logs.set_up()
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def bot(fresh_database: Callable[[], str], fresh_redis: str, watch: Watch) -> Iterator[Bot]:
    with built(fresh_database(), fresh_redis, watch) as bot:
        yield bot


@pytest.fixture
def client(bot: Bot) -> Iterator[FlaskClient]:
    with served(bot) as app:
        yield app.test_client()
