"""`python -m bot`: the commands of contract section 1. Knows their names only."""

import sys
from io import TextIOWrapper

import click

from bot.commands.calendar import calendar
from bot.commands.dealing import assign
from bot.commands.doctor import doctor
from bot.commands.ledger import list_issues, show_issue
from bot.commands.opening import PlainGroup
from bot.commands.phones import phones, sample
from bot.commands.processes import migrate, run, web
from bot.commands.roster import invites, roster


@click.group(cls=PlainGroup, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """户联网：花名册、分户、台账和运行。"""


for command in (
    migrate,
    roster,
    invites,
    assign,
    list_issues,
    show_issue,
    doctor,
    calendar,
    sample,
    phones,
    web,
    run,
):
    commands.add_command(command)


def main() -> None:
    """Speak UTF-8 wherever we run: what is printed is Chinese, and JSON is UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    commands(prog_name="python -m bot")


if __name__ == "__main__":
    main()
