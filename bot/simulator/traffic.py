"""The way from a phone to the account's program and back: numbers, mishaps, what is shown.

Knows which answers are shown and which are faults. Must not know what people may do.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.simulator import wire
from bot.simulator.bubbles import Bubble, Via
from bot.simulator.chance import Chance
from bot.simulator.courier import Courier, Delivery, Outcome
from bot.simulator.handset import Phone
from bot.simulator.replies import Violation
from bot.simulator.transit import MenuIds, Mishap, Transit, Waiting

FAULT_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
KEPT_DELIVERIES = 20_000
OVERTAKEN = 0.2  # seconds after the next message until one that was held goes
UNANSWERED = ("unsubscribe", "TEMPLATESENDJOBFINISH", "subscribe_msg_sent_event")

Fields = Mapping[str, object]


class Traffic:
    """Carries one message after the other, for any number of phones at once."""

    def __init__(self, courier: Courier, now: Callable[[], datetime], chance: Chance) -> None:
        self.courier, self.now, self.chance = courier, now, chance
        self.webhook: str | None = None
        self.transit = Transit()
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)
        self.violations: list[Violation] = []
        self._held: dict[str, threading.Event] = {}

    def carry(self, phone: Phone, fields: Fields) -> str | None:
        """Takes a message or event to the program; gives the words of what is shown."""
        xml, kind, msg_id = self._written(phone, fields)

        def go(shown: bool = True) -> str | None:
            return self._deliver(phone, xml, kind, msg_id, shown)

        waiting = self.transit.take(phone.openid)
        before = self._held.pop(phone.openid, None)
        try:
            return go() if waiting is None else self._meet(waiting, phone, go)
        finally:
            if before:
                threading.Timer(OVERTAKEN, before.set).start()

    def _meet(self, waiting: Waiting, phone: Phone, go: Callable[..., str | None]) -> str | None:
        match waiting.mishap:
            case Mishap.DROP:
                return None
            case Mishap.DELAY:
                threading.Event().wait(waiting.seconds)
            case Mishap.DUPLICATE:
                threading.Thread(target=go, args=(False,), daemon=True).start()
            case Mishap.REORDER:
                let_go = self._held[phone.openid] = threading.Event()
                _in_background(lambda: let_go.wait(waiting.seconds), go)
                return None
        return go()

    def _written(self, phone: Phone, fields: Fields) -> tuple[str, str, int]:
        kind, msg_id = str(fields["MsgType"]), 0
        head: dict[str, object] = {
            "ToUserName": self.courier.account.original_id,
            "FromUserName": phone.openid,
            "CreateTime": int(self.now().timestamp()),
        }
        fields = self._with_menu_id(fields)
        if kind != "event":
            same = self.transit.one_msg_id
            msg_id = self.chance.same_number() if same else self.chance.number()
            fields = {**fields, "MsgId": msg_id}
        return wire.to_xml({**head, **fields}), str(fields.get("Event", "")) or kind, msg_id

    def _with_menu_id(self, fields: Fields) -> Fields:
        if "bizmsgmenuid" not in fields or self.transit.menu_ids is MenuIds.GIVEN:
            return fields
        rest = {name: value for name, value in fields.items() if name != "bizmsgmenuid"}
        return rest if self.transit.menu_ids is MenuIds.MISSING else {**rest, "bizmsgmenuid": "0"}

    def _deliver(self, phone: Phone, xml: str, kind: str, msg_id: int, shown: bool) -> str | None:
        outcome = self.courier.deliver(self.webhook, phone.openid, xml)
        self.deliveries.append(Delivery(phone.openid, kind, msg_id, outcome))
        if outcome.broken:
            self.violations.append(Violation(phone.openid, kind, outcome.broken))
        if not shown or kind in UNANSWERED:
            return None
        return self._show(phone, outcome)

    def _show(self, phone: Phone, outcome: Outcome) -> str | None:
        if outcome.fault:
            phone.show(Bubble(self.now(), False, FAULT_NOTICE, Via.FAULT))
        elif outcome.piece:
            phone.show(Bubble.of(outcome.piece, self.now(), Via.PASSIVE))
        return outcome.words


def _in_background(wait: Callable[[], object], then: Callable[[], object]) -> None:
    def both() -> None:
        wait()
        then()

    threading.Thread(target=both, daemon=True).start()
