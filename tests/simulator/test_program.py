"""`python -m bot.simulator` as a process: starting, refusing, stopping, starting again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.simulator.account import Account
from bot.simulator.phones import serve_app
from tests.simulator.answering import Answering

ACCOUNT = Account(appid="wx1", secret="s1", token="token", aes_key="A" * 43)
ROOT = Path(__file__).parents[2]


class Program:
    """The simulator's processes of one test."""

    def __init__(self, folder: Path) -> None:
        self.phones = folder / "phones.json"
        self.running: list[subprocess.Popen[str]] = []

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "SIMULATOR_PORT": "0",
            "SIMULATOR_PHONES": str(self.phones),
            "WECHAT_TOKEN": ACCOUNT.token,
            "WECHAT_APPID": ACCOUNT.appid,
            "WECHAT_SECRET": ACCOUNT.secret,
            "WECHAT_AES_KEY": ACCOUNT.aes_key,
            **more,
        }

    def open(self, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.simulator"],
            cwd=ROOT,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def start(self, **more: str) -> tuple[subprocess.Popen[str], str]:
        """A process that serves, and its address."""
        process = self.open(**more)
        assert process.stdout
        return process, process.stdout.readline().split()[-1]

    def close(self) -> None:
        for process in self.running:
            process.kill()
            process.communicate()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    program.phones.write_text(json.dumps([{"name": "王秀兰", "key": "resident1"}]), "utf-8")
    yield program
    program.close()


@pytest.fixture
def answering() -> Iterator[tuple[Answering, str]]:
    answering = Answering(ACCOUNT, lambda got: f"收到 {got['Content']}" if got["Content"] else None)
    served = serve_app(answering.app())
    yield answering, served.url + "/wechat"
    served.close()


def stage_of(url: str) -> dict[str, object]:
    """The first event of the page's stream."""
    with requests.get(url + "/events", stream=True, timeout=5) as answer:
        line = next(answer.iter_lines())
    document: dict[str, object] = json.loads(line.removeprefix(b"data: "))
    return document


def test_the_story_survives_a_kill(program: Program, answering: tuple[Answering, str]) -> None:
    process, url = program.start(SIMULATOR_WEBHOOK=answering[1])
    for deed in ({"do": "follow"}, {"do": "say", "text": "停水了"}):
        assert requests.post(url + "/phones/resident1", json=deed, timeout=5).status_code == 202
        time.sleep(0.3)
    before = wait_for_words(url, "收到 停水了")
    time.sleep(1.2)  # past the next saving
    process.kill()
    _, url = program.start(SIMULATOR_WEBHOOK=answering[1])
    assert stage_of(url)["phones"] == before
    assert answering[0].checks == 2


def wait_for_words(url: str, words: str) -> object:
    for _ in range(50):
        phones = stage_of(url)["phones"]
        if words in json.dumps(phones, ensure_ascii=False):
            return phones
        time.sleep(0.1)
    raise AssertionError(f"{words} did not come")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_also_while_somebody_looks(program: Program, number: int) -> None:
    process, url = program.start()
    with requests.get(url + "/events", stream=True, timeout=5) as looking:
        next(looking.iter_lines())
        process.send_signal(number)
        assert process.wait(timeout=3) == 0
    assert process.stderr
    assert process.stderr.read() == ""


def test_a_taken_port_is_one_clear_line(program: Program) -> None:
    _, url = program.start()
    port = url.rsplit(":", 1)[1]
    second = program.open(SIMULATOR_PORT=port)
    _, errors = second.communicate(timeout=10)
    assert second.returncode == 1
    assert errors.count("\n") == 1
    assert f"SIMULATOR_PORT {port}" in errors


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SIMULATOR_PORT": "http"}, "SIMULATOR_PORT"),
        ({"WECHAT_TOKEN": ""}, "WECHAT_TOKEN must be set"),
        ({"WECHAT_AES_KEY": "short"}, "WECHAT_AES_KEY"),
        ({"WECHAT_MODE": "open"}, "WECHAT_MODE must be one of safe, compatible, plain"),
        ({"SIMULATOR_PHONES": "/nowhere/phones.json"}, "phones.json cannot be read"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    program: Program, change: dict[str, str], words: str
) -> None:
    process = program.open(**change)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert words in errors
    assert errors.count("\n") == 1


def test_no_other_sites_form_can_press_buttons(program: Program) -> None:
    _, url = program.start()
    form = requests.post(url + "/phones/resident1", data={"do": "follow"}, timeout=5)
    assert form.status_code == 415
    assert (
        requests.post(url + "/phones/nobody", json={"do": "follow"}, timeout=5).status_code == 404
    )
    wrong = {"do": "say", "text": " "}
    assert requests.post(url + "/phones/resident1", json=wrong, timeout=5).status_code == 400


def test_mode_and_template_come_from_the_environment(
    program: Program, answering: tuple[Answering, str]
) -> None:
    _, url = program.start(
        SIMULATOR_WEBHOOK=answering[1], WECHAT_MODE="plain", WECHAT_TEMPLATE_NOTICE="T-1"
    )
    for deed in ({"do": "follow"}, {"do": "say", "text": "停水了"}):
        assert requests.post(url + "/phones/resident1", json=deed, timeout=5).status_code == 202
        time.sleep(0.3)
    wait_for_words(url, "收到 停水了")
    assert "msg_signature" not in answering[0].got[-1].query
    credentials = {
        "grant_type": "client_credential",
        "appid": ACCOUNT.appid,
        "secret": ACCOUNT.secret,
    }
    token = requests.post(url + "/cgi-bin/stable_token", json=credentials, timeout=5).json()
    listed = requests.get(
        url + "/cgi-bin/template/get_all_private_template", token, timeout=5
    ).json()
    assert [one["template_id"] for one in listed["template_list"]] == ["T-1"]


def test_bytes_are_taken_only_from_the_page_itself(program: Program) -> None:
    _, url = program.start()
    there = url + "/phones/resident1/media?kind=image"
    plain = {"Content-Type": "text/plain"}
    assert requests.post(there, b"GIF8", headers=plain, timeout=5).status_code == 415
    own = {"Content-Type": "application/octet-stream"}
    refused = requests.post(there, b"no picture", headers=own, timeout=5)
    assert (refused.status_code, refused.text) == (422, "40005")
    assert requests.post(url + "/console", json={"do": "explode"}, timeout=5).status_code == 400
    assert requests.post(url + "/replay", json={"version": 9}, timeout=5).status_code == 400
    assert requests.get(url + "/shown/nothing", timeout=5).status_code == 404
