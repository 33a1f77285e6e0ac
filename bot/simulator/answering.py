"""What a call of WeChat's API is: a function of the platform and a JSON body.

Knows the shapes of answers. Must not know any call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from bot.simulator.platform import Platform

Json = dict[str, Any]
Answer = Json | int | Response
"""A JSON document, an error code (0: ok), or a whole response."""
Call = Callable[[Platform, Json], Answer]
Routes = dict[str, tuple[list[str], bool, Call]]
"""By the path below /cgi-bin/: methods, whether it wants an access_token, the call."""

GET, POST = ["GET"], ["POST"]


class Refused(Exception):
    """The call ends here with this error code; `detail` goes behind WeChat's words for it."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail
