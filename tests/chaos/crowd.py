"""People who go on speaking whatever happens: residents who report, those who serve and answer.

Each is a thread with a phone. What they say is put down in the book. Must not know what is done to
the service.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bot.simulator.courier import Delivery
from bot.simulator.phones import Phone
from tests.chaos.book import Book, Offered
from tests.stories.district import Chain, District

_NUMBER = re.compile(r"#(\d+)")


@dataclass
class Crowd:
    """Runs from `begin` to `end`; `pause_s` is how long each waits between two sentences."""

    here: District
    book: Book
    residents: Sequence[Phone]
    chain: Chain
    seed: int
    pause_s: float = 0.25

    def begin(self) -> None:
        self._over = threading.Event()
        who = [(phone, self._reports) for phone in self.residents]
        who.append((self.chain.liaison, self._answers))
        who += [
            (phone, self._looks)
            for phone in (self.chain.grid, self.chain.community, self.chain.subdistrict)
        ]
        self._threads = [
            threading.Thread(target=self._live, args=(does, phone, Random(self.seed + place)))
            for place, (phone, does) in enumerate(who)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _live(self, does, phone: Phone, chance: Random) -> None:  # type: ignore[no-untyped-def]
        while not self._over.wait(self.pause_s * (0.5 + chance.random())):
            does(phone, chance)

    def _reports(self, phone: Phone, chance: Random) -> None:
        mark = self.book.mark("记")
        words = f"新问题 {mark}" if chance.random() < 0.2 else mark
        self._says(phone, words, mark)

    def _answers(self, phone: Phone, chance: Random) -> None:
        numbers = _NUMBER.findall(phone.says("待办") or "")
        if numbers:
            mark = self.book.mark("答")
            self._says(phone, f"#{chance.choice(numbers)} {mark}", mark)

    def _looks(self, phone: Phone, chance: Random) -> None:
        del chance
        phone.says("待办")
        self._over.wait(4 * self.pause_s)

    def _says(self, phone: Phone, words: str, mark: str) -> None:
        before = len(self._brought_from(phone))
        phone.says(words)
        mine = self._brought_from(phone)
        outcomes = [one.outcome for one in mine[before:]] or [mine[-1].outcome]
        taken = any(not one.fault for one in outcomes)
        slowest = max((each.seconds for one in outcomes for each in one.attempts), default=0.0)
        self.book.offered(Offered(mark, phone.openid, taken, ordered=True, slowest_s=slowest))

    def _brought_from(self, phone: Phone) -> list[Delivery]:
        """What WeChat brought of theirs; others go on speaking meanwhile."""
        return [one for one in list(self.here.platform.deliveries) if one.openid == phone.openid]
