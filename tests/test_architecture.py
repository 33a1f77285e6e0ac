"""Imports point one way, files stay small and say what they are, and the registries agree."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core import commands, conversation
from bot.core.commands import COMMANDS, Command, Who
from bot.core.facts import Words
from bot.core.issue import MOVES, Act, State
from bot.core.messages import WORDS, Kind, Said
from bot.wechat.kinds import KINDS
from config.tiers import read_ladder
from tests.build import NOW

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "workers", "config")
LINES = 500
BANNED = re.compile(r"(^|_)(utils?|helpers?|common|manager|base|misc|impl|service)(_|$)")


def sources() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_file_opens_with_what_it_knows_is_not_too_long_and_has_a_name(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= LINES
    assert not BANNED.search(path.stem)


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_address_of_a_package_registry_and_no_path_of_a_machine_is_in_the_code(
    path: Path,
) -> None:
    assert not re.search(r"pypi\.|/simple/|/home/|/root/|/work/", path.read_text("utf-8"))


def test_every_command_is_listed_once_and_has_its_deed() -> None:
    defined = {value for value in vars(commands).values() if isinstance(value, Command)}
    assert defined == set(COMMANDS)
    assert len({command.word for command in COMMANDS}) == len(COMMANDS)
    assert set(conversation._DEEDS) == set(COMMANDS)


def test_the_readme_lists_the_commands_by_who_may_use_them() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| ") and "`" in line]
    for command in COMMANDS:
        assert any(f"`{command.word}`" in row for row in rows), command.word
    (anyone,) = (row for row in rows if row.startswith("| anyone"))
    for command in COMMANDS:
        assert (f"`{command.word}`" in anyone) == (command.who is Who.ANYONE), command.word


def test_every_state_and_act_has_its_place_in_the_table() -> None:
    assert set(MOVES) == set(State)
    assert {act for moves in MOVES.values() for act in moves} == set(Act)
    reached = {to for moves in MOVES.values() for to in moves.values()} | {State.WAITING}
    assert reached == set(State) - {State.WITHDRAWN}


def test_every_kind_of_message_is_read_from_some_type_of_wechats() -> None:
    read = {reading.kind for reading in KINDS.values()}
    assert set(Kind) - read <= {Kind.OTHER, Kind.EVENT}


def test_nothing_without_words_is_taken_for_a_courtesy() -> None:
    for kind in WORDS - {Kind.TEXT}:
        for text in ("[图片]", "[位置]", "[链接]", "[暂不支持的消息]", "[某某]", ""):
            said = Said("k", "o", "gh", kind, text, NOW)
            assert not Words("k", text, said).is_courtesy


@pytest.mark.parametrize("name", ["tiers.toml", "tiers-fast.toml"])
def test_both_files_of_tiers_hold_the_same_ladder(name: str) -> None:
    ladder = read_ladder(ROOT / "config" / name)
    assert [(tier.key, tier.name, tier.level) for tier in ladder.tiers] == [
        ("liaison", "联络员", None),
        ("grid", "网格", "网格"),
        ("community", "社区", "社区"),
        ("subdistrict", "街道", "街道"),
    ]


@pytest.mark.parametrize("name", ["ladder", "standing", "opening", "escalation", "issue"])
def test_the_rules_of_the_ladder_know_no_tier_by_its_key(name: str) -> None:
    tree = ast.parse((ROOT / "bot" / "core" / f"{name}.py").read_text("utf-8"))
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert not constants & {"liaison", "grid", "community", "subdistrict"}
