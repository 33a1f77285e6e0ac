"""The whole schema: every file of tables, read in for whoever migrates or compares it."""

from bot.store import calendar_tables, duty_tables
from bot.store.tables import metadata

__all__ = ["calendar_tables", "duty_tables", "metadata"]
