"""`GET /board.json`: the ledger for a wall display, without anybody's words.

Knows the document's form: contract section 7's entries, the ladder and the moment. Who brings the
key may look; without SECRET_KEY there is no such page.
"""

import json
from dataclasses import asdict
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import WWWAuthenticate

from bot.bootstrap import Bot
from bot.core.ladder import Ladder
from bot.core.workdays import CHINA
from bot.web import access
from bot.web.asked import NoAnswer
from bot.web.questions import Board, Questions

log = structlog.get_logger()


def routes(bot: Bot, questions: Questions) -> Blueprint:
    page = Blueprint("board", __name__)
    secret = bot.settings.secret_key

    @page.get("/board.json")
    def board() -> Response:
        if not secret:
            abort(404)
        if not access.holds(request.headers.get("Authorization"), access.board_key(secret)):
            abort(401, www_authenticate=WWWAuthenticate("bearer"))
        try:
            return _answer(document(questions.board.answer(), bot.ladder))
        except NoAnswer as error:
            log.warning("board_not_read", exc_info=error)
            abort(503)

    return page


def document(board: Board, ladder: Ladder) -> str:
    """JSON: `now`, `ladder` from the bottom up, `issues` with open ones first."""
    tiers = [{"key": tier.key, "name": tier.name} for tier in ladder.tiers]
    issues = [asdict(entry) for entry in board.entries]
    whole = {"now": board.at, "ladder": tiers, "issues": issues}
    return json.dumps(whole, ensure_ascii=False, default=_moment)


def _moment(value: datetime) -> str:
    return value.astimezone(CHINA).isoformat()


def _answer(body: str) -> Response:
    answer = Response(body, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
