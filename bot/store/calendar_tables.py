"""The working calendar's part of the schema. Knows no rules.

The State Council's notices by the year they are for: days off, and weekend days worked. A notice
may speak of the last days of the year before; where two speak of a day, the later one holds.
"""

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Integer, Table, Text

from bot.store.tables import metadata

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
)

calendar_days = Table(
    "calendar_days",
    metadata,
    Column("year", Integer, ForeignKey("calendar_years.year"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("off", Boolean, nullable=False),
    Column("name", Text, nullable=False),
)
