"""WeChat itself, small: the account's people, what they send, what may be sent to them.

Knows who follows, the quotas, tokens, menu and codes, and drives the account's program.
Must not know what that program is or does; only its URL.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.simulator import wire
from bot.simulator.account import Account, made_up_openid
from bot.simulator.courier import Courier, Delivery
from bot.simulator.faults import Faults
from bot.simulator.handset import Bubble, NotFollowing, Phone, Via
from bot.simulator.menus import Button, find_button
from bot.simulator.qrcodes import QrCodes
from bot.simulator.quota import Across, Act, Ledger, Repeat, Standing
from bot.simulator.replies import Violation
from bot.simulator.tokens import Tokens

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
UNKNOWN_PERSON, OUT_OF_WINDOW, USED_UP = 40003, 45015, 45047
MENU_ACTS = ("CLICK", "scancode_push", "scancode_waitmsg")
KEPT_DELIVERIES = 20_000


class Platform:
    """One WeChat with one service account. Thread-safe.

    `webhook` (the program's URL) may be set later. `now` gives aware datetimes and may be
    wound by tests; waiting (`cut_after`, `pause`, in seconds) is always real time.
    """

    def __init__(
        self,
        account: Account | None = None,
        webhook: str | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        cut_after: float = 5.0,
        pause: float = 1.0,
        repeat_on_status: bool = True,
        repeat: Repeat = Repeat.RESET,
        across: Across = Across.MAX,
    ) -> None:
        self.account = account or Account.made_up()
        self.webhook = webhook
        self.now = now or (lambda: datetime.now(UTC))
        self.courier = Courier(
            self.account,
            clock=lambda: self.now().timestamp(),
            cut=cut_after,
            pause=pause,
            repeat_on_status=repeat_on_status,
        )
        self.repeat, self.across = repeat, across
        self.phones: dict[str, Phone] = {}
        self.ledgers: dict[str, Ledger] = {}
        self.tokens = Tokens()
        self.codes = QrCodes()
        self.menu: list[Button] = []
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.violations: list[Violation] = []
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)
        self.url_checked = False
        self.changes = 0
        self.lock = threading.RLock()
        self.stir = threading.Condition()
        self._msg_id = time.time_ns() // 1000 * 4

    # The account's owner.

    def settings(self, api_url: str) -> dict[str, str]:
        """The environment with which the account's program reaches this platform."""
        return {
            "WECHAT_TOKEN": self.account.token,
            "WECHAT_APPID": self.account.appid,
            "WECHAT_SECRET": self.account.secret,
            "WECHAT_AES_KEY": self.account.aes_key,
            "WECHAT_API_URL": api_url,
        }

    def check_url(self) -> bool:
        """Runs the console's URL check once; remembers that it was answered right."""
        if self.webhook and self.courier.check_url(self.webhook):
            self.url_checked = True
            self.stirred()
        return self.url_checked

    def count(self, call: str) -> None:
        """Notes one API call by its path below /cgi-bin/."""
        with self.lock:
            self.counts[call] += 1

    # Phones.

    def phone(self, name: str, openid: str | None = None) -> Phone:
        """A new phone, or the one that already has this openid."""
        with self.lock:
            if openid in self.phones:
                return self.phones[openid]
            phone = Phone(self, openid or made_up_openid(), name)
            self.phones[phone.openid] = phone
            self.ledgers[phone.openid] = Ledger(self.repeat, self.across)
        self.stirred()
        return phone

    def quota_of(self, openid: str) -> tuple[int, int]:
        """Pushes left now, and what the running allowances held at first."""
        with self.lock:
            ledger, now = self.ledgers[openid], self.now()
            return ledger.left(now), ledger.total(now)

    def stirred(self) -> None:
        """Wakes whoever watches for changes."""
        with self.stir:
            self.changes += 1
            self.stir.notify_all()

    def wait_for_change(self, seen: int, timeout: float) -> int:
        """Waits until something changed after `seen`; gives the new count."""
        with self.stir:
            self.stir.wait_for(lambda: self.changes != seen, timeout)
            return self.changes

    # What people do.

    def join(self, phone: Phone, scene: str | None) -> str | None:
        """Subscribe, with `qrscene_` and ticket where a code was scanned."""
        if phone.following:
            return self.scan(phone, scene) if scene else None
        with self.lock:
            phone.following, phone.since, phone.scene = True, self.now(), scene
            self.ledgers[phone.openid].acted(Act.FOLLOW, self.now())
            fields: dict[str, object] = {"MsgType": "event", "Event": "subscribe", "EventKey": ""}
            if scene:
                self.ledgers[phone.openid].acted(Act.SCAN, self.now())
                fields["EventKey"] = f"qrscene_{scene}"
                fields["Ticket"] = self.codes.for_scene(scene, self.now()).ticket
        self._note(phone, "你已关注该公众号" if not scene else "扫码关注")
        return self._carry(phone, fields)

    def leave(self, phone: Phone) -> None:
        """Unsubscribe: WeChat shows no answer, whatever it is."""
        if not phone.following:
            return
        with self.lock:
            phone.following = False
            self.ledgers[phone.openid].forget()
        self._note(phone, "已取消关注")
        self._carry(phone, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""})

    def scan(self, phone: Phone, scene: str) -> str | None:
        """SCAN for a follower (no prefix), else a subscribe."""
        if not phone.following:
            return self.join(phone, scene)
        with self.lock:
            ticket = self.codes.for_scene(scene, self.now()).ticket
            self.ledgers[phone.openid].acted(Act.SCAN, self.now())
        self._note(phone, "扫了门牌码")
        fields = {"MsgType": "event", "Event": "SCAN", "EventKey": scene, "Ticket": ticket}
        return self._carry(phone, fields)

    def tap(self, phone: Phone, key: str) -> str | None:
        """CLICK, VIEW or another menu event, by the published button; CLICK without a menu."""
        self._must_follow(phone)
        button = find_button(self.menu, key) or {}
        kind = str(button.get("type", "click"))
        event = kind.upper() if kind in ("click", "view") else kind
        if event in MENU_ACTS:
            with self.lock:
                self.ledgers[phone.openid].acted(Act.MENU, self.now())
        return self._carry(phone, {"MsgType": "event", "Event": event, "EventKey": key})

    def post(self, phone: Phone, fields: Mapping[str, object], shown: str | None) -> str | None:
        """A message of any kind; a msgmenu click counts as a menu click (facts 0.2)."""
        self._must_follow(phone)
        with self.lock:
            act = Act.MENU if "bizmsgmenuid" in fields else Act.MESSAGE
            self.ledgers[phone.openid].acted(act, self.now())
        if shown is not None:
            phone.show(Bubble(self.now(), True, shown, Via.OWN))
        return self._carry(phone, fields)

    # What the account does.

    def push(self, openid: str, text: str) -> int:
        """A customer-service message: 0 when it was delivered, else WeChat's error code."""
        with self.lock:
            phone = self.phones.get(openid)
            if phone is None:
                return UNKNOWN_PERSON
            ledger, now = self.ledgers[openid], self.now()
            if not phone.following or ledger.standing(now) is Standing.CLOSED:
                return OUT_OF_WINDOW
            if ledger.standing(now) is Standing.USED_UP:
                return USED_UP
            ledger.spend(now)
        phone.show(Bubble(now, False, text, Via.CHAT))
        return 0

    def _must_follow(self, phone: Phone) -> None:
        if not phone.following:
            raise NotFollowing(f"{phone.name} does not follow the account")

    def _note(self, phone: Phone, words: str) -> None:
        phone.show(Bubble(self.now(), False, words, Via.NOTE))

    def _carry(self, phone: Phone, fields: Mapping[str, object]) -> str | None:
        kind, msg_id = str(fields["MsgType"]), 0
        head: dict[str, object] = {
            "ToUserName": self.account.original_id,
            "FromUserName": phone.openid,
            "CreateTime": int(self.now().timestamp()),
        }
        if kind != "event":
            msg_id = self._next_msg_id()
            fields = {**fields, "MsgId": msg_id}
        xml = wire.to_xml({**head, **fields})
        outcome = self.courier.deliver(self.webhook, phone.openid, xml)
        event = str(fields.get("Event", ""))
        return self._arrived(phone, Delivery(phone.openid, event or kind, msg_id, outcome))

    def _arrived(self, phone: Phone, delivery: Delivery) -> str | None:
        outcome = delivery.outcome
        self.deliveries.append(delivery)
        if outcome.broken:
            with self.lock:
                self.violations.append(Violation(delivery.openid, delivery.kind, outcome.broken))
        if delivery.kind == "unsubscribe":
            return None
        if outcome.fault:
            phone.show(Bubble(self.now(), False, FAULT_NOTICE, Via.FAULT))
        elif outcome.words is not None:
            phone.show(Bubble(self.now(), False, outcome.words, Via.PASSIVE))
        return outcome.words

    def _next_msg_id(self) -> int:
        with self.lock:
            self._msg_id += 1
            return self._msg_id

    def close(self) -> None:
        """Lets go of the connections."""
        self.courier.session.close()
