"""The book that is kept outside of what is tested: what was offered, taken, recorded, shown.

Compares what people and their phones know with what the database says. Must not know what was done
to the service meanwhile.
"""

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import DictRow

from bot.simulator.phones import Phone, Via

MARK: Final = re.compile(r"[记答][0-9]+号")
_REPEATED: Final = "可能已经收到过"
_SAID = """
select m.text, m.issue_no, p.openid, coalesce(min(h.id), 0) as took_effect
from messages m join people p on p.id = m.author_id left join history h on h.message_id = m.id
where m.text ~ '[记答][0-9]+号' group by m.id, p.openid order by took_effect, m.at
"""
_TOLD = """
select o.id, o.text, o.state, o.channel, o.unread, p.openid
from outbox o join people p on p.id = o.person_id
where o.text ~ '[记答][0-9]+号' and o.kind <> 'rest'
"""
_COUNTS = """
select (select count(*) from history where kind in ('escalated', 'reminded')) as steps,
    (select count(*) from issues) as issues,
    (select count(*) from outbox where state = 'sent') as sent,
    (select count(*) from outbox where state = 'unknown') as unknown,
    (select count(*) from outbox where state = 'stuck') as stuck,
    (select count(*) from outbox where state = 'pending') as pending
"""


@dataclass
class Offered:
    """One thing somebody said, by its mark; `taken`: WeChat had an answer."""

    mark: str
    openid: str
    taken: bool
    ordered: bool
    slowest_s: float


@dataclass
class Book:
    """Thread-safe. `page` writes down, `balance` compares."""

    page: list[Offered] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _marks: int = 0

    def mark(self, sign: str) -> str:
        """A mark that nobody used before."""
        with self._lock:
            self._marks += 1
            return f"{sign}{self._marks}号"

    def offered(self, one: Offered) -> None:
        with self._lock:
            self.page.append(one)


@dataclass(frozen=True)
class Balance:
    """What the comparison came to; `wrong` is empty where nothing was lost and nothing doubled."""

    offered: int
    taken: int
    recorded: int
    figures: dict[str, int]
    slowest_s: float
    wrong: Sequence[str]


def balance(book: Book, phones: Sequence[Phone], connection: Connection[DictRow]) -> Balance:
    said = connection.execute(_SAID).fetchall()
    told = connection.execute(_TOLD).fetchall()
    (figures,) = connection.execute(_COUNTS).fetchall()
    wrong = [*_of_words(book, said), *_of_notices(phones, told)]
    return Balance(
        offered=len(book.page),
        taken=sum(one.taken for one in book.page),
        recorded=len(said),
        figures={name: int(value) for name, value in figures.items()},
        slowest_s=max((one.slowest_s for one in book.page), default=0.0),
        wrong=wrong,
    )


def _of_words(book: Book, said: Sequence[dict[str, Any]]) -> Iterator[str]:
    times: Counter[str] = Counter()
    order: dict[str, list[str]] = defaultdict(list)
    for row in said:
        for mark in MARK.findall(row["text"]):
            times[mark] += 1
            order[row["openid"]].append(mark)
    for one in book.page:
        if one.taken and not times[one.mark]:
            yield f"lost: {one.mark}"
        if times[one.mark] > 1:
            yield f"recorded {times[one.mark]} times: {one.mark}"
    for openid, found in order.items():
        # Who was told that it failed has no claim on its place.
        spoken = [one for one in book.page if one.openid == openid and one.taken and one.ordered]
        kept = {one.mark for one in spoken}
        took_effect = [mark for mark in found if mark in kept]
        expected = [one.mark for one in spoken if one.mark in set(took_effect)]
        if took_effect != expected:
            at = next(
                i for i, (a, b) in enumerate(zip(took_effect, expected, strict=True)) if a != b
            )
            yield f"out of order: {took_effect[at : at + 3]} for {expected[at : at + 3]}"


def _of_notices(phones: Sequence[Phone], told: Sequence[dict[str, Any]]) -> Iterator[str]:
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in told:
        if len(set(MARK.findall(row["text"]))) == 1:  # lists may be said again and again
            rows[row["openid"], row["text"]].append(row)
    screens = {phone.openid: _shown(phone) for phone in phones}
    for (openid, text), same in rows.items():
        seen = sum(shown.count(text) for shown in screens.get(openid, ()))
        may = sum(row["state"] in ("sent", "unknown") for row in same)
        must = sum(
            row["state"] == "sent" and row["channel"] in ("chat", "passive") and not row["unread"]
            for row in same
        )
        if seen > max(may, len(same)):
            yield f"shown {seen} times, made {len(same)} times: {MARK.findall(text)}"
        if seen < must and "passive" not in {row["channel"] for row in same}:
            yield f"sent {must} times, shown {seen} times: {MARK.findall(text)}"


def _shown(phone: Phone) -> list[str]:
    """What the service said here; without what it said itself may be a repeat."""
    heard = [one.text for one in phone.screen if one.via in (Via.PASSIVE, Via.CHAT)]
    return [part for text in heard for part in text.split("\n\n") if _REPEATED not in part]
