"""Settings: what a person may write, and the one line they read when it is senseless."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import MUST_BE, ROOT, Settings, SettingsError, load, require, wechat_needs

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*MUST_BE, "HONCHO_PROCESS_NAME"]:
        monkeypatch.delenv(name, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load(env_file=None)


def test_without_anything_the_defaults_of_the_contract_hold() -> None:
    settings = load(env_file=None)
    assert (settings.port, settings.simulator_port, settings.sample) == (8000, 8010, True)
    assert settings.data_dir == ROOT / ".data"
    assert settings.tiers_file == ROOT / "config" / "tiers.toml"
    assert settings.wechat_api_url == "https://api.weixin.qq.com"
    assert settings.wechat_token is None
    assert settings.database_url is None
    assert settings.log_level == "INFO"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_TOKEN", "ab"),
        ("WECHAT_TOKEN", "a" * 33),
        ("WECHAT_TOKEN", "with-dash"),
        ("WECHAT_TOKEN", "token\n"),
        ("WECHAT_APPID", "wx 1"),
        ("WECHAT_SECRET", "se cret"),
        ("WECHAT_AES_KEY", KEY[:-1]),
        ("WECHAT_AES_KEY", KEY + "a"),
        ("WECHAT_AES_KEY", KEY[:-1] + "+"),
        ("WECHAT_AES_KEY_PREVIOUS", "short"),
        ("WECHAT_MODE", "open"),
        ("WECHAT_MODE", "Safe"),
        ("WECHAT_ALLOWANCE", "more"),
        ("WECHAT_SUBSCRIPTION_NOTICE", "two words"),
        ("WECHAT_API_URL", "api.weixin.qq.com"),
        ("WECHAT_API_URL", "http://"),
        ("WECHAT_API_URL", "http://host:port"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("REDIS_URL", "http://localhost"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80a"),
        ("SIMULATOR_PORT", "-1"),
        ("WEB_PROCESSES", "0"),
        ("WEB_PROCESSES", "many"),
        ("DATA_DIR", __file__),
        ("SAMPLE", "perhaps"),
        ("PUBLIC_URL", "bot.example.cn"),
        ("TIERS_FILE", "/nowhere/tiers.toml"),
        ("TIERS_FILE", "/"),
        ("WORDING_FILE", "/nowhere/wording.toml"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_senseless_setting_is_named_in_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        given(monkeypatch, **{name: value})
    line = str(caught.value)
    assert line.startswith(f"{name} must be ")
    assert "\n" not in line
    assert MUST_BE[name] in line
    assert caught.value.__cause__ is None


def test_a_wrong_secret_appears_in_no_error_and_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        given(monkeypatch, WECHAT_AES_KEY="S3cretS3cret")
    assert "S3cret" not in str(caught.value)
    settings = load(
        env_file=None,
        wechat_aes_key=KEY,
        wechat_secret="S3cretS3cret",
        database_url="postgresql://me:S3cretS3cret@db/x",
    )
    assert KEY not in repr(settings)
    assert "S3cret" not in repr(settings)


def test_two_senseless_settings_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"PORT must be .*; LOG_LEVEL must be "):
        given(monkeypatch, PORT="x", LOG_LEVEL="x")


def test_an_aes_key_need_not_be_canonical_base64(monkeypatch: pytest.MonkeyPatch) -> None:
    # The spare bits of the 43rd character are set in many real keys.
    assert given(monkeypatch, WECHAT_AES_KEY="a" * 42 + "b").wechat_aes_key == "a" * 42 + "b"


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
def test_only_plain_mode_does_without_an_aes_key(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    needs = wechat_needs(given(monkeypatch, WECHAT_MODE=mode))
    assert ("wechat_aes_key" in needs) == (mode != "plain")
    assert {"wechat_token", "wechat_appid", "wechat_secret"} <= set(needs)


def test_an_empty_variable_is_a_variable_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, PORT="", WECHAT_TOKEN="", DATA_DIR="", WORDING_FILE="")
    assert settings == load(env_file=None)
    assert settings.port == 8000
    assert settings.wechat_token is None


def test_the_environment_wins_over_the_file_and_what_is_passed_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9001\nSIMULATOR_PORT=9002\nLOG_LEVEL=debug\nSOMETHING_ELSE=1\n", "utf-8")
    monkeypatch.setenv("PORT", "9003")
    settings = load(env_file=file, log_level="error")
    assert (settings.port, settings.simulator_port, settings.log_level) == (9003, 9002, "ERROR")


def test_addresses_are_brought_into_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(
        monkeypatch,
        DATABASE_URL="postgres://me:p%40ss@db:5433/x",
        WECHAT_API_URL="http://127.0.0.1:8010/",
        REDIS_URL="rediss://:p@cache:6380/2",
    )
    assert settings.database_url == "postgresql://me:p%40ss@db:5433/x"
    assert settings.wechat_api_url == "http://127.0.0.1:8010"
    assert settings.redis_url == "rediss://:p@cache:6380/2"


def test_paths_are_absolute_whatever_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my tiers.toml").write_text("", "utf-8")
    settings = given(monkeypatch, DATA_DIR="数据", TIERS_FILE="my tiers.toml")
    assert settings.data_dir == tmp_path / "数据"
    assert settings.tiers_file == tmp_path / "my tiers.toml"


def test_what_is_required_and_missing_is_named() -> None:
    settings = load(env_file=None, wechat_token="abc")
    require(settings, "wechat_token")
    with pytest.raises(SettingsError) as caught:
        require(settings, "wechat_token", "wechat_appid", "database_url")
    assert "WECHAT_TOKEN" not in str(caught.value)
    assert str(caught.value).startswith("WECHAT_APPID is missing: set it to ")
    assert "; DATABASE_URL is missing" in str(caught.value)


@pytest.mark.parametrize(
    ("port", "arguments", "file", "expected"),
    [
        (None, [], "", "8000"),
        ("8123", [], "", "8123"),
        ("5000", [], "", "5000"),
        (None, ["-p", "5000"], "", "5000"),
        (None, [], "PORT=5000\n", "5000"),
        (None, [], "PORT=8456\n", "8456"),
    ],
)
def test_under_honcho_the_web_listens_where_the_operator_said_or_at_8000(
    tmp_path: Path, port: str | None, arguments: list[str], file: str, expected: str
) -> None:
    show = f"from pathlib import Path; from config.settings import load; \
print('listens', load(env_file=Path({str(tmp_path / '.env')!r})).port)"
    (tmp_path / "show.py").write_text(show, "utf-8")
    (tmp_path / ".env").write_text(file, "utf-8")
    (tmp_path / "Procfile").write_text(f"web: {sys.executable} show.py\n", "utf-8")
    honcho = [sys.executable, "-m", "honcho", "start", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PORT": port or ""}
    if port is None:
        del variables["PORT"]
    said = subprocess.run(
        honcho, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=30, check=False
    )
    assert f"listens {expected}\n" in said.stdout, said.stdout + said.stderr
