"""Every environment variable the service reads: its type, its default and what is senseless.

Knows the names and forms of contract section 2, and `.env`. Does not know what any of them is
used for, opens no connection, and never puts a secret's value into an error or a repr.
"""

import base64
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fsspec.registry import get_filesystem_class, known_implementations
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.honcho_port import operators_port

ROOT = Path(__file__).resolve().parent.parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# What each setting must be, as the end of the sentence "NAME must be ...".
MUST_BE = {
    "WECHAT_TOKEN": "3 to 32 letters and digits, as entered in WeChat's server settings",
    "WECHAT_APPID": "the account's AppID, without spaces",
    "WECHAT_SECRET": "the account's AppSecret, without spaces",
    "WECHAT_AES_KEY": "the EncodingAESKey, exactly 43 letters and digits",
    "WECHAT_AES_KEY_PREVIOUS": "the former EncodingAESKey, exactly 43 letters and digits, or unset",
    "WECHAT_MODE": "safe, compatible or plain, as chosen in WeChat's server settings",
    "WECHAT_API_URL": "an address like https://api.weixin.qq.com",
    "WECHAT_TEMPLATE_NOTICE": "a template id, or unset",
    "WECHAT_SUBSCRIPTION_NOTICE": "a template id, or unset",
    "WECHAT_ALLOWANCE": "reset or add",
    "DATABASE_URL": "an address like postgresql://user:password@host:5432/name",
    "REDIS_URL": "an address like redis://:password@host:6379/0",
    "PORT": "a number from 1 to 65535",
    "WEB_PROCESSES": "a number from 1 to 64, or unset for one a core",
    "SIMULATOR_PORT": "a number from 1 to 65535",
    "DATA_DIR": "a folder, not a file",
    "MEDIA_URL": "a store of files, like file:///srv/media or s3://bucket/folder, or unset"
    " (for s3 run: pip install s3fs)",
    "SAMPLE": "1 or 0",
    "PUBLIC_URL": "an address like https://bot.example.cn",
    "SECRET_KEY": "a long random text",
    "TIERS_FILE": "an existing, readable TOML file",
    "WORDING_FILE": "an existing, readable TOML file, or unset",
    "LOG_LEVEL": "one of " + ", ".join(LOG_LEVELS),
}


class SettingsError(Exception):
    """A missing or senseless setting; the text is one line that names it and says what to do."""


def _token(value: str) -> str:
    # werobot/utils.py check_token and WeChat's own form: 3 to 32 of [A-Za-z0-9].
    return _matching(r"[A-Za-z0-9]{3,32}", value)


def _aes_key(value: str) -> str:
    # Only the length decides: real keys are often non-canonical base64 (platform.md 1.2).
    _matching(r"[A-Za-z0-9]{43}", value)
    if len(base64.b64decode(value + "=")) != 32:
        raise ValueError("not 32 bytes")
    return value


def _no_spaces(value: str) -> str:
    return _matching(r"\S+", value)


def _matching(pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError("wrong form")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http address")
    _ = parts.port  # raises ValueError when it is no number
    return value.rstrip("/")


def _database_address(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError("no PostgreSQL address")
    _ = urlsplit(value).port
    return "postgresql://" + rest


def _redis_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("no Redis address")
    _ = parts.port
    return value


def _existing_file(value: Path) -> Path:
    try:
        value.open("rb").close()
    except OSError as error:
        raise ValueError("cannot be read") from error
    return value.resolve()


def _folder(value: Path) -> Path:
    if value.exists() and not value.is_dir():
        raise ValueError("not a folder")
    return value.absolute()


def _file_store(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or not rest or scheme not in known_implementations:
        raise ValueError("no store")
    if scheme in ("http", "https", "data"):
        raise ValueError("cannot be written to")
    try:
        get_filesystem_class(scheme)
    except ImportError as error:
        raise ValueError("its package is not installed") from error
    return value.rstrip("/")


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError("unknown level")
    return value.upper()


Token = Annotated[str, AfterValidator(_token)]
AesKey = Annotated[str, AfterValidator(_aes_key)]
Word = Annotated[str, AfterValidator(_no_spaces)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
RedisAddress = Annotated[str, AfterValidator(_redis_address)]
FileStore = Annotated[str, AfterValidator(_file_store)]
Port = Annotated[int, Field(ge=1, le=65535)]
Processes = Annotated[int, Field(ge=1, le=64)]
ExistingFile = Annotated[Path, AfterValidator(_existing_file)]
Folder = Annotated[Path, AfterValidator(_folder)]
Mode = Literal["safe", "compatible", "plain"]
LogLevel = Annotated[str, AfterValidator(_log_level)]


def cores() -> int:
    """The machine's cores, four at most: who has more has use for them beside the web."""
    return min(4, os.cpu_count() or 1)


class Settings(BaseSettings):
    """The settings of one process; what is not given is None or the contract's default.

    Paths are absolute: a default one hangs on the project's root, a given one on the current
    folder. `database_url` always starts with `postgresql://`. Addresses end without a slash.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, validate_default=False
    )

    wechat_token: Token | None = Field(default=None, repr=False)
    wechat_appid: Word | None = None
    wechat_secret: Word | None = Field(default=None, repr=False)
    wechat_aes_key: AesKey | None = Field(default=None, repr=False)
    wechat_aes_key_previous: AesKey | None = Field(default=None, repr=False)
    wechat_mode: Mode = "safe"
    wechat_api_url: WebAddress = "https://api.weixin.qq.com"
    wechat_template_notice: Word | None = None
    wechat_subscription_notice: Word | None = None
    wechat_allowance: Literal["reset", "add"] = "reset"
    database_url: DatabaseAddress | None = Field(default=None, repr=False)
    redis_url: RedisAddress | None = Field(default=None, repr=False)
    port: Port = 8000
    web_processes: Processes = Field(default_factory=cores)
    simulator_port: Port = 8010
    data_dir: Folder = ROOT / ".data"
    media_url: FileStore | None = Field(default=None, repr=False)
    sample: bool = True
    public_url: WebAddress | None = None
    secret_key: str | None = Field(default=None, repr=False)
    tiers_file: ExistingFile = ROOT / "config" / "tiers.toml"
    wording_file: ExistingFile | None = None
    log_level: LogLevel = "INFO"


def load(*, env_file: Path | None = ROOT / ".env", **overrides: Any) -> Settings:
    """Read the environment, then `env_file`, then defaults; `overrides` (field names) win.

    Raises SettingsError naming every senseless setting in one line.
    """
    port = operators_port(env_file)
    if port is not None:
        overrides.setdefault("port", port)
    try:
        return Settings(**{"_env_file": env_file, **overrides})
    except ValidationError as error:
        raise SettingsError(_in_one_line(error)) from None


def require(settings: Settings, *names: str) -> None:
    """Raise SettingsError unless every named field (`"wechat_token"`) has a value."""
    missing = [name.upper() for name in names if getattr(settings, name) is None]
    if missing:
        wanted = "; ".join(f"{name} is missing: set it to {MUST_BE[name]}" for name in missing)
        raise SettingsError(wanted)


def wechat_needs(settings: Settings) -> tuple[str, ...]:
    """The settings without which an account cannot be spoken with in its mode."""
    keys = ("wechat_token", "wechat_appid", "wechat_secret")
    return keys if settings.wechat_mode == "plain" else (*keys, "wechat_aes_key")


def _in_one_line(error: ValidationError) -> str:
    # Values stay out: the wrong one may be a secret put into the wrong place.
    names = dict.fromkeys(str(detail["loc"][0]).upper() for detail in error.errors())
    return "; ".join(f"{name} must be {MUST_BE[name]}" for name in names)
