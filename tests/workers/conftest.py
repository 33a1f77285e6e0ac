"""A scene for deliveries, and our processes that end with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stories.conftest import new_district
from tests.wechat.platform import answering

from .scene import TIERS, Process, Scene, WeChat

__all__ = ["new_district"]

Start = Callable[..., Process]


@pytest.fixture
def wechat() -> Iterator[WeChat]:
    with answering(WeChat()) as wechat:
        yield wechat


@pytest.fixture
def scene(
    wechat: WeChat, fresh_database: Callable[[], str], fresh_redis: str, tmp_path: Path
) -> Iterator[Scene]:
    tiers = tmp_path / "tiers.toml"
    tiers.write_text(TIERS, "utf-8")
    scene = Scene(fresh_database(), fresh_redis, wechat, tiers)
    yield scene
    scene.close()


@pytest.fixture
def start(scene: Scene, tmp_path: Path) -> Iterator[Start]:
    """`start("-m", "workers")`; killed at the end where it still runs."""
    started: list[Process] = []

    def begin(*arguments: str, **environment: str) -> Process:
        said = tmp_path / f"said-{len(started)}.txt"
        started.append(Process(scene, said, *arguments, **environment))
        return started[-1]

    yield begin
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.wait()
