"""What people do with their phones, and what of it reaches the account's program.

Knows who may do what and what it does to quotas. Must not know how messages travel or who
answers them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.simulator import samples
from bot.simulator.bubbles import Bubble, Piece, Via
from bot.simulator.handset import NotFollowing, Phone, own_piece
from bot.simulator.media import BAD_FILE, BadMedium, Medium
from bot.simulator.menus import Button, find_button
from bot.simulator.menutaps import PUSHES, follows_tap, tapped
from bot.simulator.quota import Act

if TYPE_CHECKING:
    from bot.simulator.platform import Platform

EVENT = {"MsgType": "event"}
UNSERVED = "http://mmbiz.qpic.cn"


class People:
    """The Exchange of every phone."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def join(self, phone: Phone, scene: str | None) -> str | None:
        """Subscribe, with `qrscene_` and ticket where a code was scanned."""
        if phone.following:
            return self.scan(phone, scene) if scene else None
        self._did(phone, "follows", scene=scene)
        with self.platform.lock:
            now = self.platform.now()
            phone.following, phone.since, phone.scene = True, now, scene
            self._acted(phone, Act.FOLLOW)
            fields: dict[str, object] = {**EVENT, "Event": "subscribe", "EventKey": ""}
            if scene:
                self._acted(phone, Act.SCAN)
                fields["EventKey"] = f"qrscene_{scene}"
                fields["Ticket"] = self.platform.codes.for_scene(scene, now).ticket
        self._note(phone, "你已关注该公众号" if not scene else "扫码关注")
        return self._carry(phone, fields)

    def leave(self, phone: Phone) -> None:
        """Unsubscribe: WeChat shows no answer, whatever it is."""
        if not phone.following:
            return
        self._did(phone, "unfollows")
        with self.platform.lock:
            phone.following = False
            self.platform.ledgers[phone.openid].forget()
        self._note(phone, "已取消关注")
        self._carry(phone, {**EVENT, "Event": "unsubscribe", "EventKey": ""})

    def scan(self, phone: Phone, scene: str) -> str | None:
        """SCAN for a follower (no prefix), else a subscribe."""
        if not phone.following:
            return self.join(phone, scene)
        self._did(phone, "scans", scene=scene)
        with self.platform.lock:
            ticket = self.platform.codes.for_scene(scene, self.platform.now()).ticket
            self._acted(phone, Act.SCAN)
        self._note(phone, "扫了门牌码")
        return self._carry(phone, {**EVENT, "Event": "SCAN", "EventKey": scene, "Ticket": ticket})

    def scan_ticket(self, phone: Phone, ticket: str) -> str | None:
        """As `scan`, unless the code has expired or never was."""
        with self.platform.lock:
            code = self.platform.codes.by_ticket.get(ticket)
        if code is None or (code.ends_at and code.ends_at <= self.platform.now()):
            self._note(phone, "该二维码已过期")
            return None
        return self.scan(phone, code.scene)

    def tap(self, phone: Phone, key: str, given: Mapping[str, object]) -> str | None:
        """A menu event by the button the person sees; CLICK where there is no such button."""
        self._must_follow(phone)
        plain = {name: value for name, value in given.items() if name != "data"}
        self._did(phone, "taps", key=key, given=plain)
        menus = self.platform.menus
        menu_id, buttons = menus.seen_by(phone)
        button = find_button(buttons, key) or {}
        fields = tapped(button, key, menu_id, given)
        if fields["Event"] in PUSHES:
            with self.platform.lock:
                self._acted(phone, Act.MENU)
        answer = self._carry(phone, fields)
        return self._after_tap(phone, button, given, answer)

    def _after_tap(
        self, phone: Phone, button: Button, given: Mapping[str, object], answer: str | None
    ) -> str | None:
        more = follows_tap(button, given)
        if more is None:
            return answer
        if more:
            fields = {"MsgType": "location", **more}
        else:
            data = given.get("data")
            made = self.attach("image", data if isinstance(data, bytes) else None, 0)
            fields = {"MsgType": "image", **made}
        piece = own_piece(str(fields["MsgType"]), fields, 0)
        return self._sent(phone, fields, piece) or answer

    def post(self, phone: Phone, fields: Mapping[str, object], shown: Piece) -> str | None:
        """A message of any kind; a msgmenu click counts as a menu click (facts 0.2)."""
        self._must_follow(phone)
        record = {"fields": dict(fields), "kind": shown.kind, "text": shown.text}
        self._did(phone, "posts", **record, more=dict(shown.more))
        return self._sent(phone, fields, shown)

    def _sent(self, phone: Phone, fields: Mapping[str, object], shown: Piece) -> str | None:
        with self.platform.lock:
            self._acted(phone, Act.MENU if "bizmsgmenuid" in fields else Act.MESSAGE)
        phone.show(Bubble.of(shown, self.platform.now(), Via.OWN))
        return self._carry(phone, fields)

    def answer_popup(self, phone: Phone, accepted: Sequence[str], refused: Sequence[str]) -> None:
        """Notes consents; WeChat tells of a person's first popup, unless told to always."""
        notices = self.platform.notices
        self._did(phone, "consents", accepted=list(accepted), refused=list(refused))
        with self.platform.lock:
            for template_id in accepted:
                notices.consent(phone, notices.templates[template_id])
            told = notices.every_popup_told or phone.openid not in notices.popped_up
            notices.popped_up.add(phone.openid)
        answers = [*((one, "accept") for one in accepted), *((one, "reject") for one in refused)]
        items = [
            {"TemplateId": one, "SubscribeStatusString": answer, "PopupScene": 2}
            for one, answer in answers
        ]
        self._note(phone, "已同意接收服务通知" if accepted else "已拒绝接收服务通知")
        if told:
            inside = {"List": list[object](items)}
            event = {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": inside}
            self._carry(phone, {**EVENT, **event})

    def change_consents(self, phone: Phone, template_ids: Sequence[str]) -> None:
        """Takes consents back."""
        notices = self.platform.notices
        self._did(phone, "revokes", templates=list(template_ids))
        with self.platform.lock:
            for template_id in template_ids:
                notices.revoke(phone, notices.templates[template_id])
        items = [{"TemplateId": one, "SubscribeStatusString": "reject"} for one in template_ids]
        inside = {"List": list[object](items)}
        event = {"Event": "subscribe_msg_change_event", "SubscribeMsgChangeEvent": inside}
        self._note(phone, "已关闭服务通知")
        self._carry(phone, {**EVENT, **event})

    def attach(self, kind: str, data: bytes | None, seconds: float) -> Mapping[str, object]:
        """Puts what a phone sends into the store; gives the message's fields."""
        with self.platform.lock:
            match kind:
                case "image":
                    medium = self._kept("image", data)
                    return {"PicUrl": self._picture_url(medium), "MediaId": medium.media_id}
                case "voice":
                    medium = self._voice(data, seconds)
                    again = self.platform.media.again(medium)
                    ids = {"MediaId": medium.media_id, "MediaId16K": again.media_id}
                    return {**ids, "Format": medium.format.suffix}
            thumb = self._kept("thumb", None)
            medium = self._kept("video", data)
            return {"MediaId": medium.media_id, "ThumbMediaId": thumb.media_id}

    def _kept(self, kind: str, data: bytes | None) -> Medium:
        plain = samples.sample(kind) if data is None else data
        return self.platform.media.upload(kind, plain, self.platform.now())

    def _voice(self, data: bytes | None, seconds: float) -> Medium:
        media, now = self.platform.media, self.platform.now()
        mark = self.platform.chance.letters(12).encode()
        plain = samples.quiet_voice(seconds, mark) if data is None else data
        try:
            return media.upload("voice", plain, now)
        except BadMedium as error:
            if error.code != BAD_FILE:
                raise
            return media.record(plain, seconds, now)

    def _picture_url(self, medium: Medium) -> str:
        return f"{self.platform.url or UNSERVED}/mmbiz_jpg/{medium.media_id}/0"

    def quota_of(self, openid: str) -> tuple[int, int]:
        """Pushes left now, and what the running allowances held at first."""
        return self.platform.quota_of(openid)

    def menu_of(self, phone: Phone) -> list[Button]:
        """The buttons this person sees."""
        with self.platform.lock:
            return self.platform.menus.seen_by(phone)[1]

    def showed(self, phone: Phone, bubble: Bubble) -> None:
        """Notes what appeared, and wakes whoever watches for changes."""
        self.platform.transcript.saw(phone, bubble)
        self.platform.stirred()

    def _did(self, phone: Phone, what: str, **more: object) -> None:
        self.platform.transcript.did(phone, what, **more)

    def _acted(self, phone: Phone, act: Act) -> None:
        self.platform.ledgers[phone.openid].acted(act, self.platform.now())

    def _must_follow(self, phone: Phone) -> None:
        if not phone.following:
            raise NotFollowing(f"{phone.name} does not follow the account")

    def _note(self, phone: Phone, words: str) -> None:
        phone.show(Bubble(self.platform.now(), False, words, Via.NOTE))

    def _carry(self, phone: Phone, fields: Mapping[str, object]) -> str | None:
        return self.platform.traffic.carry(phone, fields)
