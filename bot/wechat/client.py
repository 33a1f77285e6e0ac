"""WeChat's API: what we ask of it about people and messages, and what became of it.

Knows which calls there are; the way there is `access`'s, codes are `answers`'. Nothing is
repeated but one call after a dead token, and a template message that WeChat itself tells apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from redis import Redis

from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown
from bot.wechat import console, inspection, media
from bot.wechat.access import Access, NoToken, text_of
from bot.wechat.answers import Verdict, in_words, outcome, verdict
from bot.wechat.console import Quota, Template
from bot.wechat.errors import Declined, NotTaken, WeChatError
from bot.wechat.inspection import Finding
from bot.wechat.media import Medium, Stored
from bot.wechat.template_fields import fitted

CHAT = "message/custom/send"
TEMPLATE = "message/template/send"
SUBSCRIPTION = "message/subscribe/bizsend"

_NOT_TAKEN_AFTER = timedelta(seconds=5)
_LONGEST_CODE = timedelta(days=30)


@dataclass(frozen=True)
class Checked:
    """Whether WeChat lets us in; `text` says it in words, with what to do."""

    ok: bool
    text: str


@dataclass(frozen=True)
class QrCode:
    """A code to be scanned: `url` is what the picture holds; `lives` None for a permanent one."""

    ticket: str
    url: str
    lives: timedelta | None


class WeChat:
    """One account at WeChat, safe for threads and forks. Every call waits so long and no longer.

    `api_url` is scheme and host in place of https://api.weixin.qq.com; `timeout` the seconds
    to wait for an answer.
    """

    def __init__(
        self, api_url: str, appid: str, secret: str, redis: Redis, timeout: float = 5.0
    ) -> None:
        self._access = Access(api_url, appid, secret, redis, timeout)

    def send_text(self, openid: str, text: str) -> Outcome:
        """One customer-service text of at most 2048 bytes; never an exception."""
        return self._chat(openid, "text", {"content": text})

    def send_picture(self, openid: str, media_id: str) -> Outcome:
        """One customer-service picture, by a media id that lives; never an exception."""
        return self._chat(openid, "image", {"media_id": media_id})

    def send_voice(self, openid: str, media_id: str) -> Outcome:
        """One customer-service voice message; never an exception."""
        return self._chat(openid, "voice", {"media_id": media_id})

    def send_video(
        self, openid: str, media_id: str, thumb_media_id: str = "", title: str = ""
    ) -> Outcome:
        """One customer-service video with the picture shown before it; never an exception."""
        parts = {"media_id": media_id, "thumb_media_id": thumb_media_id, "title": title}
        return self._chat(openid, "video", {name: text for name, text in parts.items() if text})

    def send_template(
        self, openid: str, template_id: str, fields: Mapping[str, str], once: str, url: str = ""
    ) -> Outcome:
        """One template message; its end comes later as a Report with the same reference.

        `fields` ({"thing1": ...}) are cut to their limits. `once` names this message: WeChat
        sends one of its name to a person within ten minutes, so a lost answer is asked for
        again, once. `url` is opened by a tap. Never an exception.
        """
        order: dict[str, Any] = {"touser": openid, "template_id": template_id}
        order |= {"url": url} if url else {}
        order |= {"data": fitted(fields), "client_msg_id": once}
        became = self._send(TEMPLATE, order)
        if not isinstance(became, Unknown):
            return became
        again = self._send(TEMPLATE, order)
        # Who could not ask again does not know more than before.
        return became if isinstance(again, TryLater) else again

    def send_subscription(
        self, openid: str, template_id: str, fields: Mapping[str, str], page: str = ""
    ) -> Outcome:
        """One subscription notice, for a consent of this person; fields as for a template.

        WeChat does not tell two of them apart, so nothing is repeated. Never an exception.
        """
        order: dict[str, Any] = {"touser": openid, "template_id": template_id}
        order |= {"page": page} if page else {}
        return self._send(SUBSCRIPTION, order | {"data": fitted(fields)})

    def upload(self, medium: Medium, content: bytes) -> str:
        """The media id of a file, good for three days and any number of messages.

        Raises TooLarge above WeChat's limits (`media.LARGEST`), and WeChatError.
        """
        return media.upload(self._access, medium, content)

    def download(self, media_id: str, into: BinaryIO, most: int = media.LARGEST_TAKEN) -> Stored:
        """Writes what a person sent, within three days of it, as it comes.

        Raises TooLarge above `most` bytes, Declined with 40007 where the id has died, and
        WeChatError; what was written before is worth nothing then.
        """
        return media.download(self._access, media_id, into, most)

    def create_qrcode(self, scene: str, lives: timedelta | None = None) -> QrCode:
        """A code whose scan tells us `scene` (1 to 64 characters).

        Without `lives` permanent, of which an account has 100,000 in all; else up to 30 days.
        Raises WeChatError, ValueError.
        """
        if not 1 <= len(scene) <= 64 or (lives and lives > _LONGEST_CODE):
            raise ValueError("a scene has 1 to 64 characters, a temporary code 30 days at most")
        order: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
        if lives is None:
            order |= {"action_name": "QR_LIMIT_STR_SCENE"}
        else:
            seconds = int(lives.total_seconds())
            order |= {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
        answer = self._access.post("qrcode/create", order)
        return QrCode(text_of(answer, "ticket"), text_of(answer, "url"), lives)

    def check(self) -> Checked:
        """Asks WeChat for a token, past what is kept, so that wrong settings show at once."""
        try:
            token = self._access.ask_token(False)
        except WeChatError as error:
            return Checked(False, _trouble(error))
        return Checked(True, f"WeChat gave a token for {int(token.lives.total_seconds())} s")

    def inspect(
        self, template_id: str | None = None, subscription_id: str | None = None
    ) -> tuple[Finding, ...]:
        """What the account lets us do, asked of WeChat now; never an exception."""
        return inspection.inspect(self._access, template_id, subscription_id)

    def stopped(self) -> Mapping[str, datetime]:
        """The APIs whose day's quota is used up, each with the end of its rest."""
        return self._access.stops.all()

    def menu(self) -> Mapping[str, Any] | None:
        """The menu as published, None where there is none. Raises WeChatError."""
        return console.menu(self._access)

    def publish_menu(self, menu: Mapping[str, Any]) -> None:
        """Puts this menu ({"button": [...]}) in place of the present one. Raises WeChatError."""
        console.publish_menu(self._access, menu)

    def quota(self, api: str) -> Quota:
        """What is left today of an API ("message/custom/send"). Raises WeChatError."""
        return console.quota(self._access, api)

    def callback_addresses(self) -> tuple[str, ...]:
        """The addresses WeChat posts from, for a firewall. Raises WeChatError."""
        return console.callback_addresses(self._access)

    def templates(self) -> tuple[Template, ...]:
        """The account's templates of template messages. Raises WeChatError."""
        return console.templates(self._access)

    def subscription_templates(self) -> tuple[Template, ...]:
        """The account's templates of subscription notices. Raises WeChatError."""
        return console.subscription_templates(self._access)

    def _chat(self, openid: str, kind: str, content: Mapping[str, str]) -> Outcome:
        return self._send(CHAT, {"touser": openid, "msgtype": kind, kind: dict(content)})

    def _send(self, api: str, order: Mapping[str, Any]) -> Outcome:
        try:
            answer = self._access.post(api, order)
        except WeChatError as error:
            return outcome_of(error)
        if "errcode" not in answer:
            return Unknown("an answer without errcode")
        reference = answer.get("msgid")
        return Sent(str(reference) if reference else None)


def outcome_of(error: WeChatError) -> Outcome:
    """What an error of a call means for a message that depends on it."""
    match error:
        case NotTaken():
            return TryLater(error.why, _NOT_TAKEN_AFTER)
        case NoToken() if verdict(error.code) not in (Verdict.LATER, Verdict.TOMORROW):
            return Refused(in_words(error.code, error.why), "account", error.code)
        case Declined():
            return outcome(error.code, error.why, datetime.now(UTC))
        case _:
            return Unknown(error.why)


def _trouble(error: WeChatError) -> str:
    if isinstance(error, Declined) and error.code is not None:
        return f"WeChat gives no token: {in_words(error.code, error.why)}"
    return f"WeChat cannot be asked: {error.why}; is WECHAT_API_URL right and reachable?"
