"""WeChat itself, small: the account's people, what they may be sent, what the owner set up.

Knows who follows, the quotas, tokens, menus, codes, media. Must not know what the account's
program is or does; only its URL.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.simulator.account import Account, Mode
from bot.simulator.bubbles import Bubble, Piece, Via
from bot.simulator.bubbles import words as text_of
from bot.simulator.chance import Chance
from bot.simulator.clock import Clock
from bot.simulator.courier import Courier, Delivery
from bot.simulator.dailyquota import DailyQuota
from bot.simulator.faults import Faults
from bot.simulator.handset import Phone
from bot.simulator.media import MediaStore
from bot.simulator.menuboard import MenuBoard
from bot.simulator.menus import Button
from bot.simulator.notices import Notices
from bot.simulator.people import People
from bot.simulator.qrcodes import QrCodes
from bot.simulator.quota import Across, Ledger, Repeat, Standing
from bot.simulator.replies import Violation
from bot.simulator.tags import Tags
from bot.simulator.tokens import Tokens
from bot.simulator.traffic import Traffic
from bot.simulator.transcript import Transcript
from bot.simulator.transit import Transit

UNKNOWN_PERSON, OUT_OF_WINDOW, USED_UP = 40003, 45015, 45047


class Platform:
    """One WeChat with one service account. Thread-safe.

    `webhook` (the program's URL) may be set later; `url` is this platform's own, set when it is
    served. `now` gives aware datetimes; without one, `clock` does and may be moved on. Waiting
    (`cut_after`, `pause`, in seconds) is always real time. With a `seed` the names and numbers
    given out are the same each time.
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
        seed: int | None = None,
    ) -> None:
        self.clock = Clock()
        self.now = now or self.clock
        self.chance = Chance(seed)
        courier = Courier(
            account or Account.made_up(),
            clock=lambda: self.now().timestamp(),
            cut=cut_after,
            pause=pause,
            repeat_on_status=repeat_on_status,
            known=self.has_medium,
        )
        self.traffic = Traffic(courier, self.now, self.chance)
        self.traffic.webhook = webhook
        self.url: str | None = None
        self.repeat, self.across = repeat, across
        self.phones: dict[str, Phone] = {}
        self.ledgers: dict[str, Ledger] = {}
        self.transcript = Transcript(self.now)
        self.people = People(self)
        self.tokens = Tokens()
        self.codes = QrCodes()
        self.tags = Tags()
        self.menus = MenuBoard()
        self.media = MediaStore(self.chance.media_id)
        self.notices = Notices()
        self.daily = DailyQuota()
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.whitelist: set[str] | None = None  # addresses that may ask for tokens; None: any
        self.url_checked = False
        self.changes = 0
        self.lock = threading.RLock()
        self.stir = threading.Condition()

    # What the account's owner sees and sets.

    @property
    def account(self) -> Account:
        """The account; setting another (a new key, another mode) counts from the next message."""
        return self.courier.account

    @account.setter
    def account(self, account: Account) -> None:
        self.courier.account = account

    @property
    def mode(self) -> Mode:
        """How messages are pushed."""
        return self.account.mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self.account = replace(self.account, mode=mode)

    @property
    def webhook(self) -> str | None:
        """The program's URL."""
        return self.traffic.webhook

    @webhook.setter
    def webhook(self, url: str | None) -> None:
        self.traffic.webhook = url

    @property
    def menu(self) -> list[Button]:
        """The default menu's buttons."""
        return self.menus.default

    @menu.setter
    def menu(self, buttons: list[Button]) -> None:
        self.menus.default = buttons
        self.stirred()

    def settings(self, api_url: str) -> dict[str, str]:
        """The environment with which the account's program reaches this platform."""
        return {
            "WECHAT_TOKEN": self.account.token,
            "WECHAT_APPID": self.account.appid,
            "WECHAT_SECRET": self.account.secret,
            "WECHAT_AES_KEY": self.account.aes_key,
            "WECHAT_MODE": self.account.mode,
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

    # What travelled.

    @property
    def courier(self) -> Courier:
        """Who brings single messages to the program."""
        return self.traffic.courier

    @property
    def transit(self) -> Transit:
        """Bad days on the way in; `faults` are those on the way out."""
        return self.traffic.transit

    @property
    def deliveries(self) -> deque[Delivery]:
        """The latest messages with what came of them."""
        return self.traffic.deliveries

    @property
    def violations(self) -> list[Violation]:
        """Every reply that broke a rule."""
        return self.traffic.violations

    # Phones.

    def phone(self, name: str, openid: str | None = None) -> Phone:
        """A new phone, or the one that already has this openid."""
        with self.lock:
            if openid in self.phones:
                return self.phones[openid]
            phone = Phone(self.people, openid or self.chance.openid(), name)
            self.phones[phone.openid] = phone
            self.ledgers[phone.openid] = Ledger(self.repeat, self.across)
        self.stirred()
        return phone

    def quota_of(self, openid: str) -> tuple[int, int]:
        """Pushes left now, and what the running allowances held at first."""
        with self.lock:
            ledger, now = self.ledgers[openid], self.now()
            return ledger.left(now), ledger.total(now)

    def count_quota(self, repeat: Repeat, across: Across) -> None:
        """Switches how allowances count, for everybody at once."""
        with self.lock:
            self.repeat, self.across = repeat, across
            for ledger in self.ledgers.values():
                ledger.repeat, ledger.across = repeat, across
        self.stirred()

    def has_medium(self, kind: str, media_id: str) -> bool:
        """Whether this id names a living medium of this kind."""
        with self.lock:
            found = self.media.find(media_id, self.now())
        return found is not None and found.kind == kind

    def push(self, openid: str, message: str | Piece) -> int:
        """A customer-service message: 0 when it was delivered, else WeChat's error code."""
        piece = text_of(message) if isinstance(message, str) else message
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
        phone.show(Bubble.of(piece, now, Via.CHAT))
        return 0

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

    def close(self) -> None:
        """Lets go of the connections."""
        self.courier.session.close()
