"""What `make run` settles by itself where nothing was set: keys, addresses, and who may know them.

Knows which setting may be made up and what a made-up one looks like. Does not start anything;
the servers come from bot.embedded. Commands find through it what the running `make run` uses.
"""

import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bot.embedded import Addresses, Running, announced_in, borrow
from bot.embedded.kept import all_kept, kept
from config.settings import Settings, require, wechat_needs

WECHAT = (
    "wechat_token",
    "wechat_appid",
    "wechat_secret",
    "wechat_aes_key",
    "wechat_template_notice",
)
LETTERS = string.ascii_letters + string.digits

# The forms are WeChat's own (platform.md 1.1, 1.2); the account exists in the simulator only.
MADE_UP: Mapping[str, Callable[[], str]] = {
    "wechat_token": lambda: letters(24),
    "wechat_appid": lambda: f"wx{secrets.token_hex(8)}",
    "wechat_secret": lambda: secrets.token_hex(16),
    "wechat_aes_key": lambda: letters(43),
    "wechat_template_notice": lambda: letters(43),
    "secret_key": lambda: secrets.token_hex(32),
}


def letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def simulated(settings: Settings) -> bool:
    """Whether WeChat is pretended: nobody named the address of another."""
    return "wechat_api_url" not in settings.model_fields_set


def check_wechat(settings: Settings) -> None:
    """Raise SettingsError where an account's WeChat is named but one of its keys is missing."""
    if not simulated(settings):
        require(settings, *wechat_needs(settings))


def settled(settings: Settings, running: Running) -> Settings:
    """The settings with the servers' addresses, and keys made once and kept where none are given.

    Needs DATA_DIR's claim: call it while `running` runs.
    """
    names = [*(WECHAT if simulated(settings) else ()), "secret_key"]
    missing = [name for name in names if getattr(settings, name) is None]
    made = {name: kept(settings.data_dir, name, MADE_UP[name]) for name in missing}
    return with_addresses(completed(settings, made), running.addresses)


@contextmanager
def lent(settings: Settings) -> Iterator[Settings]:
    """The settings for one command: what was not set is what the `make run` on DATA_DIR uses.

    Where PostgreSQL or Redis is not set and no `make run` is there, they are started for the
    moment. Raises ServersError, its text one line.
    """
    postgres, redis = settings.database_url is None, settings.redis_url is None
    if not postgres and not redis:
        addresses = announced_in(settings.data_dir) or Addresses(None, None)
        yield known(settings, addresses)
        return
    with borrow(settings.data_dir, postgres=postgres, redis=redis) as running:
        if postgres:
            _ = running.database_url  # says what to set, where the run has another
        if redis:
            _ = running.redis_url
        yield known(settings, running.addresses)


def known(settings: Settings, addresses: Addresses) -> Settings:
    names = [*(WECHAT if simulated(settings) else ()), "secret_key"]
    kept_before = all_kept(settings.data_dir)
    missing = [name for name in names if getattr(settings, name) is None]
    found = {name: kept_before[name] for name in missing if name in kept_before}
    return with_addresses(completed(settings, found), addresses)


def with_addresses(settings: Settings, addresses: Addresses) -> Settings:
    """What is set stays; what is not is taken from `addresses`."""
    found: dict[str, str] = {}
    if settings.database_url is None and addresses.database_url:
        found["database_url"] = addresses.database_url
    if settings.redis_url is None and addresses.redis_url:
        found["redis_url"] = addresses.redis_url
    if simulated(settings) and addresses.wechat_api_url:
        found["wechat_api_url"] = addresses.wechat_api_url
    return completed(settings, found)


def completed(settings: Settings, found: Mapping[str, str]) -> Settings:
    """With what was found filled in, though `simulated` still knows that nobody set it."""
    copy = settings.model_copy(update=found)
    copy.model_fields_set.difference_update(found.keys() - settings.model_fields_set)
    return copy


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process's environment, for one that reads them with `load`."""
    values = {name.upper(): getattr(settings, name) for name in type(settings).model_fields}
    texts = {name: as_text(value) for name, value in values.items() if value is not None}
    unset = [name for name, value in values.items() if value is None]
    return {**texts, **dict.fromkeys(unset, "")}


def as_text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
