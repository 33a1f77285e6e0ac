"""What commands print: one JSON document, or short lines and tables that stand in columns.

Knows the width of Chinese characters and China's time. Must not know what is printed.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import click

CHINA: Final = timezone(timedelta(hours=8))


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="只打印一份 JSON，别的都不打印。")(
        command
    )


def document(content: Any) -> None:
    """One JSON document on stdout; moments as ISO 8601 with China's offset."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=_plain))


def moment(at: datetime) -> str:
    """For people: the minute, in China."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, two blanks between them."""
    lines = [headings, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _plain(value: object) -> Any:
    match value:
        case datetime():
            return value.astimezone(CHINA).isoformat()
        case _ if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
        case _:
            raise TypeError(f"{type(value).__name__} is not for JSON")
