"""Everything people did and saw, as one JSON document, and doing it all again.

Knows the document's form. Must not know what any of it means.

{"version": 1, "seed", "began_at", "people": [{"name", "openid"}], "media": {id: {"kind", "data",
"played", "seconds"}}, "entries": […]}; an entry is an act {"after": seconds, "who", "did", "with"}
or something seen {"after", "who", "saw", "via", "kind"}. Bytes are base64.
"""

from __future__ import annotations

import base64
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.simulator.bubbles import Bubble, Piece
from bot.simulator.handset import NotFollowing, Phone
from bot.simulator.media import Medium

if TYPE_CHECKING:
    from bot.simulator.platform import Platform

VERSION = 1
KEPT = 50_000
MEDIA_FIELDS = ("MediaId", "MediaId16K", "ThumbMediaId")

Document = dict[str, Any]


class NotATranscript(ValueError):
    """The document cannot be replayed; the message says why."""


class Transcript:
    """What has happened so far; thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now, self.began_at = now, now()
        self._entries: deque[Document] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def did(self, phone: Phone, what: str, **more: object) -> None:
        """A person acted; `more` must be JSON values."""
        self._add(phone, {"did": what, "with": more})

    def saw(self, phone: Phone, bubble: Bubble) -> None:
        """A bubble appeared on a person's screen."""
        self._add(phone, {"saw": bubble.text, "via": str(bubble.via), "kind": bubble.kind})

    def _add(self, phone: Phone, entry: Document) -> None:
        after = round((self.now() - self.began_at).total_seconds(), 3)
        with self._lock:
            self._entries.append({"after": after, "who": phone.openid, **entry})

    def entries(self) -> list[Document]:
        """Oldest first."""
        with self._lock:
            return list(self._entries)


def export(platform: Platform) -> Document:
    """The document; media are in it as far as acts name them."""
    entries = platform.transcript.entries()
    named = {str(one) for entry in entries for one in _media_ids(entry)}
    with platform.lock:
        return {
            "version": VERSION,
            "seed": platform.chance.seed,
            "began_at": platform.transcript.began_at.isoformat(),
            "people": [
                {"name": one.name, "openid": one.openid} for one in platform.phones.values()
            ],
            "media": {
                media_id: _packed(medium)
                for media_id, medium in platform.media.by_id.items()
                if media_id in named
            },
            "entries": entries,
        }


def seen(document: Document) -> list[tuple[str, str, str]]:
    """Who saw what by which way: what a replay is compared by."""
    names = {one["openid"]: one["name"] for one in document["people"]}
    return [
        (names[one["who"]], one["via"], one["saw"]) for one in document["entries"] if "saw" in one
    ]


def replay(platform: Platform, document: Document, pace: float = 0.0) -> int:
    """Does every act again, in order; gives how many.

    `pace` 1 takes as long as it took, 0 no time: then the platform's clock is moved on instead.
    People are found by name, or get a phone with the openid they had.
    """
    acts = check(document)
    people = _people(platform, document)
    ids, began, before = _restored(platform, document), platform.now(), 0.0
    for act in acts:
        if pace:
            time.sleep(max(0.0, act["after"] - before) * pace)
        else:
            platform.clock.reach(began + timedelta(seconds=act["after"]))
        before = act["after"]
        _do(people[act["who"]], act["did"], act["with"], ids)
    return len(acts)


def check(document: object) -> list[Document]:
    """The acts of a document; raises NotATranscript."""
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise NotATranscript(f"only version {VERSION} can be replayed")
    try:
        who = {one["openid"] for one in document["people"]}
        acts = [entry for entry in document["entries"] if "did" in entry]
        whole = all(
            entry["who"] in who
            and entry["did"] in ACTS
            and isinstance(entry["with"], dict)
            and isinstance(entry["after"], int | float)
            for entry in acts
        )
    except (KeyError, TypeError) as error:
        raise NotATranscript(f"people or entries are not as they should be: {error}") from error
    if not whole:
        raise NotATranscript("an entry names nobody, or an act that is unknown")
    return acts


def _do(phone: Phone, did: str, given: Mapping[str, Any], ids: Mapping[str, str]) -> None:
    try:
        ACTS[did](phone, given, ids)
    except NotFollowing:
        return  # the person had not followed yet when the record begins


def _posts(phone: Phone, given: Mapping[str, Any], ids: Mapping[str, str]) -> None:
    fields = {
        name: ids.get(str(value), value) if name in MEDIA_FIELDS else value
        for name, value in given["fields"].items()
    }
    more = dict(given["more"])
    if "media_id" in more:
        more["media_id"] = ids.get(more["media_id"], more["media_id"])
    phone.exchange.post(phone, fields, Piece(given["kind"], given["text"], more))


ACTS: dict[str, Callable[[Phone, Mapping[str, Any], Mapping[str, str]], object]] = {
    "follows": lambda phone, given, _ids: phone.follows(given["scene"]),
    "unfollows": lambda phone, _given, _ids: phone.unfollows(),
    "scans": lambda phone, given, _ids: phone.scans(given["scene"]),
    "taps": lambda phone, given, _ids: phone.taps(given["key"], **given["given"]),
    "posts": _posts,
    "consents": lambda phone, given, _ids: phone.consents(
        *given["accepted"], refusing=given["refused"]
    ),
    "revokes": lambda phone, given, _ids: phone.revokes(*given["templates"]),
}


def _people(platform: Platform, document: Document) -> dict[str, Phone]:
    by_name = {phone.name: phone for phone in platform.phones.values()}
    return {
        one["openid"]: by_name.get(one["name"]) or platform.phone(one["name"], one["openid"])
        for one in document["people"]
    }


def _media_ids(entry: Document) -> list[object]:
    fields = entry.get("with", {}).get("fields", {})
    return [fields[name] for name in MEDIA_FIELDS if name in fields]


def _packed(medium: Medium) -> Document:
    return {
        "kind": medium.kind,
        "seconds": medium.seconds,
        "data": base64.b64encode(medium.data).decode(),
        "played": base64.b64encode(medium.played).decode(),
    }


def _restored(platform: Platform, document: Document) -> dict[str, str]:
    """Every medium under a new id; gives the new one by the old."""
    ids: dict[str, str] = {}
    for old, one in document.get("media", {}).items():
        ids[old] = platform.chance.media_id()
        data, played = base64.b64decode(one["data"]), base64.b64decode(one["played"])
        medium = Medium(ids[old], one["kind"], data, platform.now(), one["seconds"], played)
        with platform.lock:
            platform.media.keep(medium)
    return ids
