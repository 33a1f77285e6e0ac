"""`python -m bot`: the commands of contract section 1. Knows their names and where they are."""

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final, cast

import click

# A command is loaded when it is named: a process that answers WeChat has no use for workbooks.
COMMANDS: Final = {
    "migrate": "bot.commands.processes.migrate",
    "roster": "bot.commands.roster.roster",
    "invites": "bot.commands.roster.invites",
    "assign": "bot.commands.dealing.assign",
    "issues": "bot.commands.ledger.list_issues",
    "issue": "bot.commands.ledger.show_issue",
    "doctor": "bot.commands.doctor.doctor",
    "calendar": "bot.commands.calendar.calendar",
    "sample": "bot.commands.phones.sample",
    "phones": "bot.commands.phones.phones",
    "web": "bot.commands.web.web",
    "run": "bot.commands.processes.run",
}


class Commands(click.Group):
    """The commands of COMMANDS; what of theirs was foreseen ends in one line, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].rpartition(".")
        return cast("click.Command", getattr(import_module(module), name))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from bot.commands.opening import foreseen

            trouble = foreseen(error)
            if trouble is None:
                raise
            raise trouble from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """户联网：花名册、分户、台账和运行。"""


def main() -> None:
    """Speak UTF-8 wherever we run: what is printed is Chinese, and JSON is UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    commands(prog_name="python -m bot")


if __name__ == "__main__":
    main()
