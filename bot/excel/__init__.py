"""Workbooks: .xlsx ↔ rows of the roster, and the sentences about them.

`read` and `write` are the whole of it for the rest of the program; what is told to people of a file
or a plan is in `wording`.
"""

from bot.core.roster.sheets import WorkbookError
from bot.excel.reading import read
from bot.excel.writing import write

__all__ = ["WorkbookError", "read", "write"]
