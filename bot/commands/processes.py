"""`migrate` and `run`: what comes before the service and what keeps all of it going here."""

import sys

import click

from bot.commands.opening import quieten
from bot.run import main as run_everything
from bot.store.migrations import migrate as migrate_database
from bot.surroundings import lent
from config.settings import load


@click.command()
def migrate() -> None:
    """准备或升级数据库；可以重复运行。"""
    settings = load()
    quieten(settings)
    with lent(settings) as lent_settings:
        migrate_database(lent_settings.database_url or "")
    click.echo("数据库已就绪。")


@click.command()
def run() -> None:
    """在这台机器上启动全部，和 make run 一样。"""
    sys.exit(run_everything())
