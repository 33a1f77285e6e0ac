"""WeChat's API hosts over HTTP: paths, JSON and error codes as WeChat's.

Knows requests and answers. Must not know what the numbers inside mean: Platform decides.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import time
from collections.abc import Callable

from flask import Blueprint, Response, request

from bot.simulator.answering import Answer, Call, Json, Refused
from bot.simulator.calls import CALLS, check_token
from bot.simulator.codes import message_for
from bot.simulator.faults import Fault, Trouble
from bot.simulator.mediacalls import add_pictures
from bot.simulator.platform import Platform
from bot.simulator.qrpicture import qr_png

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def api(platform: Platform) -> Blueprint:
    """The routes of api.weixin.qq.com and of mp.weixin.qq.com's showqrcode."""
    routes = Blueprint("api", __name__)
    for path, (methods, wants_token, call) in CALLS.items():
        view = _view(platform, path, wants_token, call)
        rule = path if path.startswith("/") else f"/cgi-bin/{path}"
        routes.add_url_rule(rule, path.replace("/", "_"), view, methods=methods)
    add_pictures(routes, platform)
    routes.add_url_rule("/cgi-bin/showqrcode", "showqrcode", lambda: _picture(platform))
    return routes


def _view(platform: Platform, path: str, wants_token: bool, call: Call) -> Callable[[], Response]:
    def view() -> Response:
        platform.count(path)
        body = _body()
        fault = platform.faults.take(path, _person(body))
        if fault and (early := _trouble(fault)):
            return early
        answer = _as_json(_answer(platform, path, wants_token, call, body))
        if fault and fault.trouble is Trouble.LOSE_ANSWER:
            time.sleep(fault.number)
            _hang_up()
        return answer

    return view


def _answer(
    platform: Platform, path: str, wants_token: bool, call: Call, body: Json | None
) -> Answer:
    try:
        if wants_token:
            check_token(platform)
        with platform.lock:
            if code := platform.daily.spend(path, platform.now()):
                return code
        if body is None:
            return 47001
        return call(platform, body)
    except Refused as refused:
        return _trouble_told(refused.code, refused.detail)


def _body() -> Json | None:
    """The JSON of a POST, {} for a GET, None for what is no JSON object."""
    if request.method == "GET" or request.mimetype == "multipart/form-data":
        return {}
    try:
        document = json.loads(request.get_data())
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _person(body: Json | None) -> str | None:
    """The openid that the call is about."""
    named = (body or {}).get("touser") or request.args.get("openid")
    return str(named) if named else None


def _as_json(answer: Answer) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, int):
        answer = _trouble_told(answer)
    text = json.dumps(answer, ensure_ascii=False)
    return Response(text, content_type="application/json; encoding=utf-8")


def _trouble_told(code: int, detail: str = "") -> Json:
    """WeChat's own words, behind them the detail and a request's mark as real answers have it."""
    words = " ".join(filter(None, (message_for(code), detail)))
    mark = f" rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return {"errcode": code, "errmsg": words + (mark if code else "")}


def _trouble(fault: Fault) -> Response | None:
    match fault.trouble:
        case Trouble.ERRCODE:
            return _as_json(int(fault.number))
        case Trouble.STATUS:
            return Response(HTML, int(fault.number), mimetype="text/html")
        case Trouble.SLOW:
            time.sleep(fault.number)
        case Trouble.HANG:
            time.sleep(fault.number)
            return _hang_up()
    return None


def _hang_up() -> Response:
    """Drops the connection without an answer; needs the server of `phones.serve`."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response("", 500)


def _picture(platform: Platform) -> Response:
    platform.count("showqrcode")
    code = platform.codes.by_ticket.get(request.args.get("ticket", ""))
    if code is None:
        return Response("", 404)
    return Response(qr_png(code.url), mimetype="image/png")
