"""Uploading media and getting them back, and the addresses where pictures and films lie.

Knows the HTTP of platform facts 2.5 (temporary media). Must not know what is allowed: MediaStore.
"""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, request, send_file
from werkzeug.datastructures import FileStorage

from bot.simulator.answering import GET, POST, Answer, Json, Routes
from bot.simulator.media import ABSENT, BadMedium, Medium
from bot.simulator.platform import Platform

NO_MEDIA_ID, BAD_MEDIA_ID = 41006, 40007


def add_pictures(routes: Blueprint, platform: Platform) -> None:
    """WeChat's picture and film hosts; their addresses need no token."""
    routes.add_url_rule(
        "/mmbiz_jpg/<media_id>/0", "picture", lambda media_id: _file(platform, media_id)
    )
    routes.add_url_rule("/film/<media_id>", "film", lambda media_id: _file(platform, media_id))


def _upload(platform: Platform, _body: Json) -> Answer:
    """Multipart, the file as `media`, its kind in the query."""
    given = request.files.get("media")
    if not isinstance(given, FileStorage):
        return ABSENT
    try:
        with platform.lock:
            data, kind = given.stream.read(), request.args.get("type", "")
            medium = platform.media.upload(kind, data, platform.now())
    except BadMedium as error:
        return error.code
    name = "thumb_media_id" if medium.kind == "thumb" else "media_id"
    made_at = int(medium.made_at.timestamp())
    return {"type": medium.kind, name: medium.media_id, "created_at": made_at}


def _get(platform: Platform, _body: Json) -> Answer:
    """The bytes; for a film JSON with its address; trouble as JSON with HTTP 200."""
    media_id = request.args.get("media_id")
    if not media_id:
        return NO_MEDIA_ID
    with platform.lock:
        medium = platform.media.find(media_id, platform.now())
    if medium is None:
        return BAD_MEDIA_ID
    if medium.kind == "video":
        return {"video_url": f"{request.host_url}film/{medium.media_id}"}
    return _attached(medium)


def _attached(medium: Medium) -> Response:
    name = f"{medium.media_id}.{medium.format.suffix}"
    headers = {"Content-disposition": f'attachment; filename="{name}"'}
    return Response(medium.data, headers=headers, mimetype=medium.format.mime)


def _file(platform: Platform, media_id: str) -> Response:
    with platform.lock:
        medium = platform.media.find(media_id, platform.now())
    if medium is None:
        return Response("", 404)
    return send_file(BytesIO(medium.data), medium.format.mime)


MEDIA_CALLS: Routes = {
    "media/upload": (POST, True, _upload),
    "media/get": ([*GET, *POST], True, _get),
}
