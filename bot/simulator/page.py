"""The page with the phones side by side, for people's eyes and fingers.

Knows its routes and the stream that keeps the page fresh. Must not know what words cause.
Every change is asked for with JSON, so no other site's form can do it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request

from bot.simulator.api import api
from bot.simulator.handset import NotFollowing
from bot.simulator.menus import find_button
from bot.simulator.qrpicture import qr_png
from bot.simulator.stage import Stage

HEARTBEAT = 10.0  # seconds without a change until the stream says it lives
GATHER = 0.05  # seconds in which changes are put together
WORDS = 4000  # characters that can be typed at once
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

Deed = Callable[[], object]


def page_app(stage: Stage) -> Flask:
    """WeChat's API and the page as one application."""
    app = Flask("bot.simulator")
    app.register_blueprint(api(stage.platform))
    app.register_blueprint(page(stage))
    app.after_request(_guarded)
    return app


def page(stage: Stage) -> Blueprint:
    """The page, its stream and what can be done on it."""
    routes = Blueprint("page", __name__)
    title = stage.platform.account.title
    routes.add_url_rule("/", "index", lambda: render_template("index.html", title=title))
    routes.add_url_rule("/events", "events", lambda: _stream(stage))
    routes.add_url_rule("/poster/<path:scene>", "poster", lambda scene: _poster(stage, scene))
    routes.add_url_rule("/ready", "ready", lambda: _ready(stage), methods=["POST"])
    routes.add_url_rule(
        "/phones/<key>", "act", lambda key: _act(stage, key, _asked()), methods=["POST"]
    )
    return routes


def _guarded(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Cache-Control", "no-cache")
    return answer


def _asked() -> dict[str, Any]:
    document = request.get_json()
    return document if isinstance(document, dict) else abort(400)


def _ready(stage: Stage) -> Response:
    _asked()
    return Response(status=202 if stage.get_ready() else 409)


def _act(stage: Stage, key: str, asked: dict[str, Any]) -> Response:
    """Begins what a person does; what comes of it shows on the phones."""
    if key not in stage.phones:
        abort(404)
    deed = _deed(stage, key, str(asked.get("do")), str(asked.get("text", "")), asked)
    if deed is None:
        abort(400)
    threading.Thread(target=_done, args=(deed,), daemon=True).start()
    return Response(status=202)


def _done(deed: Deed) -> None:
    try:
        deed()
    except NotFollowing:
        return  # two fingers at once: the phone has just left


def _deed(stage: Stage, key: str, do: str, text: str, asked: dict[str, Any]) -> Deed | None:
    phone, words = stage.phones[key], text.strip()[:WORDS]
    match do:
        case "say" if words:
            return lambda: stage.says(key, words)
        case "click" if words and asked.get("id"):
            return lambda: phone.clicks(words, str(asked["id"]))
        case "tap" if find_button(phone.menu, text):
            return lambda: phone.taps(text)
        case "send" if text in ("image", "voice", "video", "location"):
            return lambda: phone.sends(text)
        case "scan" if text:
            return lambda: phone.scans(text)
        case "follow":
            return phone.follows
        case "unfollow":
            return phone.unfollows
        case "note":
            return lambda: _hide_note(stage, key)
    return None


def _hide_note(stage: Stage, key: str) -> None:
    stage.marks[key].note_used = True
    stage.platform.stirred()


def _poster(stage: Stage, scene: str) -> Response:
    if scene not in {poster["scene"] for poster in stage.posters()}:
        abort(404)
    with stage.platform.lock:
        code = stage.platform.codes.for_scene(scene, stage.platform.now())
    return Response(qr_png(code.url, scale=6), mimetype="image/png")


def _stream(stage: Stage) -> Response:
    return Response(_events(stage), mimetype="text/event-stream")


def _events(stage: Stage) -> Iterator[str]:
    """A first event with everything, then one for each change; see Stage.drawn."""
    platform, sent, seen = stage.platform, dict[str, int](), -1
    stage.watched(1)
    try:
        while True:
            changes = platform.wait_for_change(seen, HEARTBEAT)
            time.sleep(GATHER)
            seen = max(changes, seen)
            yield f"data: {json.dumps(stage.drawn(sent), ensure_ascii=False)}\n\n"
    finally:
        stage.watched(-1)
