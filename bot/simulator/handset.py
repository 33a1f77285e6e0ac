"""One person's phone: what it shows, and what the person can do with it.

Knows its screen and whether it follows the account. Must not know how messages travel:
an Exchange carries them. The methods read as a story:
`resident.says("停水了"); liaison.hears("停水了")`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.simulator.bubbles import HEARD, SHOWN, Bubble, Piece, words


class NotFollowing(RuntimeError):
    """The person does not follow the account, so there is no chat to type into."""


class Exchange(Protocol):
    """What a phone needs of the platform."""

    def post(self, phone: Phone, fields: Mapping[str, object], shown: Piece) -> str | None: ...
    def attach(self, kind: str, data: bytes | None, seconds: float) -> Mapping[str, object]: ...
    def join(self, phone: Phone, scene: str | None) -> str | None: ...
    def leave(self, phone: Phone) -> None: ...
    def scan(self, phone: Phone, scene: str) -> str | None: ...
    def scan_ticket(self, phone: Phone, ticket: str) -> str | None: ...
    def tap(self, phone: Phone, key: str, given: Mapping[str, object]) -> str | None: ...
    def answer_popup(
        self, phone: Phone, accepted: Sequence[str], refused: Sequence[str]
    ) -> None: ...
    def change_consents(self, phone: Phone, template_ids: Sequence[str]) -> None: ...
    def menu_of(self, phone: Phone) -> list[dict[str, object]]: ...
    def quota_of(self, openid: str) -> tuple[int, int]: ...
    def showed(self, phone: Phone, bubble: Bubble) -> None: ...


MADE_UP: dict[str, dict[str, object]] = {
    "location": {"Location_X": 39.902, "Location_Y": 116.656, "Scale": 16, "Label": "通瑞嘉苑"},
    "link": {"Title": "标题", "Description": "说明", "Url": "https://example.com/"},
}
Fits = Callable[[Bubble], bool]
MEDIA = ("image", "voice", "video", "shortvideo")


@dataclass(eq=False)
class Phone:
    """A phone with WeChat on it. Made by `Platform.phone`; every method is thread-safe."""

    exchange: Exchange
    openid: str
    name: str
    following: bool = False
    since: datetime | None = None
    scene: str | None = None  # of the code by which the person followed
    tags: list[int] = field(default_factory=list)  # the last one put on is the one that counts
    client: str = "2"  # 1 iOS, 2 Android, 3 others
    bubbles: list[Bubble] = field(default_factory=list)
    _heard: set[int] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    # What the person does. Each waits for the passive reply and gives its words, or None.

    def follows(self, scene: str | None = None) -> str | None:
        """Follows the account, by the code of this scene if one is given."""
        return self.exchange.join(self, scene)

    def scans(self, scene: str) -> str | None:
        """Scans the code of this scene: SCAN for a follower, else subscribe with qrscene_."""
        return self.exchange.scan(self, scene)

    def unfollows(self) -> None:
        """Leaves the account; nothing can be answered."""
        self.exchange.leave(self)

    def scans_code(self, ticket: str) -> str | None:
        """Scans the very code of this ticket, which may have expired: then nothing is sent."""
        return self.exchange.scan_ticket(self, ticket)

    def says(self, text: str) -> str | None:
        """Sends words."""
        return self.exchange.post(self, {"MsgType": "text", "Content": text}, words(text))

    def clicks(self, content: str, menu_id: str) -> str | None:
        """Clicks a line of a msgmenu, or a weixin://bizmsgmenu link."""
        fields = {"MsgType": "text", "Content": content, "bizmsgmenuid": menu_id}
        return self.exchange.post(self, fields, words(content))

    def sends(self, kind: str, data: bytes | None = None, /, **fields: object) -> str | None:
        """Sends a picture, voice, … or any made-up MsgType; fields override the made-up ones.

        Image, voice and video are real media in the platform's store: of `data` (JPEG, PNG or
        GIF; AMR or MP3; MP4), else a sample. Raises BadMedium where a phone could not send it.
        """
        media = kind in MEDIA and "MediaId" not in fields
        made = self.exchange.attach(kind, data, 3.0) if media else MADE_UP.get(kind, {})
        body = {"MsgType": kind, **made, **fields}
        return self.exchange.post(self, body, own_piece(kind, body, 3.0))

    def records(self, data: bytes | None = None, seconds: float = 3.0) -> str | None:
        """Speaks for so many seconds; `data` is what a browser recorded (see MediaStore.record)."""
        body = {"MsgType": "voice", **self.exchange.attach("voice", data, seconds)}
        return self.exchange.post(self, body, own_piece("voice", body, seconds))

    def taps(self, menu_key: str, **given: object) -> str | None:
        """Taps the menu's button with this key (or url).

        `given` is what the button asks for: `scanned` words for scancode buttons, `data` of a
        picture for pic buttons, `latitude`, `longitude` and `label` for location_select.
        """
        return self.exchange.tap(self, menu_key, given)

    def consents(self, *template_ids: str, refusing: Sequence[str] = ()) -> None:
        """Answers the popup that asks for subscription notices, also without following."""
        self.exchange.answer_popup(self, template_ids, refusing)

    def revokes(self, *template_ids: str) -> None:
        """Takes consents back in the account's settings."""
        self.exchange.change_consents(self, template_ids)

    # What the person sees.

    @property
    def screen(self) -> list[Bubble]:
        """Every bubble, oldest first."""
        with self._changed:
            return list(self.bubbles)

    @property
    def menu(self) -> list[dict[str, object]]:
        """The buttons this person sees: the newest conditional menu that fits, or the default."""
        return self.exchange.menu_of(self)

    @property
    def quota_left(self) -> int:
        """Customer-service messages that may still be pushed here now."""
        return self.exchange.quota_of(self.openid)[0]

    def hears(self, *parts: str, within: float = 10.0) -> str:
        """Waits for a bubble not heard before that holds all parts; gives its words.

        Raises AssertionError with the whole screen after `within` seconds.
        """
        return self._waited(
            lambda bubble: all(part in bubble.text for part in parts), parts, within
        ).text

    def sees(self, kind: str, *parts: str, within: float = 10.0) -> Bubble:
        """As `hears`, for a bubble of this kind (image, voice, news, notice …); gives it whole."""
        fits = lambda bubble: bubble.kind == kind and all(part in bubble.text for part in parts)  # noqa: E731
        return self._waited(fits, (kind, *parts), within)

    def hears_nothing_of(self, part: str, during: float = 1.0) -> None:
        """Fails if a bubble not heard before holds this part, now or within `during` seconds."""
        deadline = time.monotonic() + during
        with self._changed:
            while True:
                if self._unheard(lambda bubble: part in bubble.text) is not None:
                    raise AssertionError(f"{self.name} heard {part!r}\n{self._drawn()}")
                if (rest := deadline - time.monotonic()) <= 0:
                    return
                self._changed.wait(rest)

    def show(self, bubble: Bubble) -> None:
        """Puts a bubble on the screen."""
        with self._changed:
            self.bubbles.append(bubble)
            self._changed.notify_all()
        self.exchange.showed(self, bubble)

    def _waited(self, fits: Fits, wanted: tuple[str, ...], within: float) -> Bubble:
        deadline = time.monotonic() + within
        with self._changed:
            while (found := self._unheard(fits)) is None:
                if (rest := deadline - time.monotonic()) <= 0:
                    raise AssertionError(f"{self.name} did not hear {wanted!r}\n{self._drawn()}")
                self._changed.wait(rest)
            self._heard.add(found)
            return self.bubbles[found]

    def _unheard(self, fits: Fits) -> int | None:
        for number, bubble in enumerate(self.bubbles):
            if bubble.via in HEARD and number not in self._heard and fits(bubble):
                return number
        return None

    def _drawn(self) -> str:
        lines = [f"--- the screen of {self.name} ---"]
        for number, bubble in enumerate(self.bubbles):
            side = "    我" if bubble.mine else f"[{bubble.via}]"
            heard = " (heard)" if number in self._heard else ""
            lines.append(f"{bubble.at:%H:%M:%S} {side} {bubble.text}{heard}")
        return "\n".join(lines)


def own_piece(kind: str, body: Mapping[str, object], seconds: float) -> Piece:
    """The person's own bubble for what they sent."""
    text, more = SHOWN.get(kind, f"[{kind}]"), dict[str, object]()
    match kind:
        case "image" | "video" | "shortvideo":
            more = {"media_id": body["MediaId"]}
        case "voice":
            more = {"media_id": body["MediaId"], "seconds": max(1, round(seconds))}
        case "location":
            more = {
                "latitude": body["Location_X"],
                "longitude": body["Location_Y"],
                "label": body["Label"],
            }
        case "link":
            more = {"title": body["Title"], "description": body["Description"], "url": body["Url"]}
    return Piece(kind, text, more)
