"""The page with the phones side by side, for people's eyes and fingers.

Knows its routes and the stream that keeps the page fresh. Must not know what words cause.
Every change is asked for with JSON or with plain bytes, so no other site's form can do it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request, send_file

from bot.simulator import transcript
from bot.simulator.api import api
from bot.simulator.controls import NoSuchControlError, turn
from bot.simulator.deeds import begin, deed
from bot.simulator.drawing import draw
from bot.simulator.formats import format_of
from bot.simulator.handset import Phone, own_piece
from bot.simulator.media import BadMedium
from bot.simulator.qrpicture import qr_png
from bot.simulator.stage import Stage

HEARTBEAT = 10.0  # seconds without a change until the stream says it lives
GATHER = 0.05  # seconds in which changes are put together
LARGEST = 64 << 20  # bytes of one request: a transcript with pictures
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PLAIN_BYTES = "application/octet-stream"


def page_app(stage: Stage) -> Flask:
    """WeChat's API and the page as one application."""
    app = Flask("bot.simulator")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.register_blueprint(api(stage.platform))
    app.register_blueprint(page(stage))
    app.after_request(_guarded)
    return app


def page(stage: Stage) -> Blueprint:
    """The page, its stream and what can be done on it."""
    routes, title, post = Blueprint("page", __name__), stage.platform.account.title, ["POST"]
    add = routes.add_url_rule
    add("/", "index", lambda: render_template("index.html", title=title))
    add("/events", "events", lambda: Response(_events(stage), mimetype="text/event-stream"))
    add("/poster/<path:scene>", "poster", lambda scene: _poster(stage, scene))
    add("/shown/<media_id>", "shown", lambda media_id: _shown(stage, media_id))
    add("/transcript.json", "transcript", lambda: _transcript(stage))
    add("/replay", "replay", lambda: _replay(stage, _asked()), methods=post)
    add("/ready", "ready", lambda: _ready(stage), methods=post)
    add("/console", "console", lambda: _turn(stage, _asked()), methods=post)
    add("/phones/<key>", "act", lambda key: _act(stage, key, _asked()), methods=post)
    add("/phones/<key>/media", "media", lambda key: _media(stage, key), methods=post)
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


def _turn(stage: Stage, asked: dict[str, Any]) -> Response:
    try:
        turn(stage, asked)
    except NoSuchControlError:
        abort(400)
    return Response(status=204)


def _act(stage: Stage, key: str, asked: dict[str, Any]) -> Response:
    """Begins what a person does; what comes of it shows on the phones."""
    _phone(stage, key)
    found = deed(stage, key, asked)
    if found is None:
        abort(400)
    begin(found)
    return Response(status=202)


def _media(stage: Stage, key: str) -> Response:
    """A picture, voice or film as plain bytes; `kind` and a voice's `seconds` in the query."""
    phone, kind = _phone(stage, key), request.args.get("kind", "")
    if request.mimetype != PLAIN_BYTES or kind not in ("image", "voice", "video"):
        abort(415)
    data, seconds = request.get_data(), request.args.get("seconds", 0.0, float)
    try:
        fields = phone.exchange.attach(kind, data, seconds)  # told at once when it cannot be sent
    except BadMedium as error:
        return Response(str(error.code), 422)
    medium = stage.platform.media.by_id[str(fields["MediaId"])]
    body = {"MsgType": kind, **fields}
    piece = own_piece(kind, body, seconds or medium.seconds)
    begin(lambda: phone.exchange.post(phone, body, piece))
    return Response(status=202)


def _phone(stage: Stage, key: str) -> Phone:
    return stage.phones.get(key) or abort(404)


def _shown(stage: Stage, media_id: str) -> Response:
    """What a bubble shows, also after WeChat has forgotten it; of a voice what was recorded."""
    medium = stage.platform.media.by_id.get(media_id)
    if medium is None:
        abort(404)
    data = medium.played or medium.data
    found = format_of(data)
    answer = send_file(BytesIO(data), found.mime if found else PLAIN_BYTES)
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def _poster(stage: Stage, scene: str) -> Response:
    if scene not in {poster["scene"] for poster in stage.posters()}:
        abort(404)
    with stage.platform.lock:
        code = stage.platform.codes.for_scene(scene, stage.platform.now())
    return Response(qr_png(code.url, scale=6), mimetype="image/png")


def _transcript(stage: Stage) -> Response:
    text = json.dumps(transcript.export(stage.platform), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": 'attachment; filename="transcript.json"'}
    return Response(text, headers=headers, mimetype="application/json")


def _replay(stage: Stage, asked: dict[str, Any]) -> Response:
    try:
        transcript.check(asked)
    except transcript.NotATranscript:
        abort(400)
    return Response(status=202 if stage.replay(asked) else 409)


def _events(stage: Stage) -> Iterator[str]:
    """A first event with everything, then one for each change; see drawing.draw."""
    platform, sent, seen = stage.platform, dict[str, int](), -1
    stage.watched(1)
    try:
        while True:
            changes = platform.wait_for_change(seen, HEARTBEAT)
            time.sleep(GATHER)
            seen = max(changes, seen)
            yield f"data: {json.dumps(draw(stage, sent), ensure_ascii=False)}\n\n"
    finally:
        stage.watched(-1)
