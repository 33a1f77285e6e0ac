"""Those who come while others are being served are served together, in the next round.

Knows threads and turns; nothing of what is done in a round. Whoever comes while nobody is being
served is served at once; in a crowd a round waits a moment until as many have come as were served
lately, and one statement serves them all.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

MOST: Final = 32
_GATHER_S: Final = 0.01
"""In a crowd the next are about to come: those just served speak again, others are on their way.
A round of one costs nearly as much as a round of eight."""

Act = TypeVar("Act")
Outcome = TypeVar("Outcome")
Serve = Callable[[Sequence[Act]], Sequence[Outcome]]


class Rounds(Generic[Act, Outcome]):
    """Turns of one process: one round at a time, in each of any `who` one act. In a crowd a round
    waits up to `gather_s` seconds for more."""

    def __init__(self, gather_s: float = _GATHER_S) -> None:
        self._gather_s = gather_s
        self._lock = threading.Lock()
        self._enough = threading.Condition(self._lock)
        self._waiting: list[_Ticket[Act, Outcome]] = []
        self._led = False
        self._expected = 1

    def join(self, act: Act, who: Hashable, serve: Serve[Act, Outcome]) -> Outcome:
        """The outcome of `act`, from a round in which `serve` is given it with others.

        `serve` returns an outcome for each act, in their order; what it raises, all of the round
        raise. All callers must mean the same by `serve`: one of them calls it for the others.
        """
        ticket = _Ticket[Act, Outcome](act, who)
        if not self._is_first(ticket):
            ticket.called.acquire()
        if not ticket.served:
            self._lead(ticket, serve)
        return ticket.result()

    def _is_first(self, ticket: "_Ticket[Act, Outcome]") -> bool:
        with self._lock:
            self._waiting.append(ticket)
            if len(self._waiting) >= self._expected:
                self._enough.notify()
            first, self._led = not self._led, True
            return first

    def _lead(self, leader: "_Ticket[Act, Outcome]", serve: Serve[Act, Outcome]) -> None:
        """One round, then somebody who waits leads the next."""
        tickets = self._called_up(leader)
        try:
            outcomes = serve([ticket.act for ticket in tickets])
            for ticket, outcome in zip(tickets, outcomes, strict=True):
                ticket.outcome.append(outcome)
        except BaseException as error:
            for ticket in tickets:
                ticket.failed = error
        finally:
            self._hand_on()
            for ticket in tickets:
                ticket.served = True
                if ticket is not leader:
                    ticket.called.release()

    def _called_up(self, leader: "_Ticket[Act, Outcome]") -> "list[_Ticket[Act, Outcome]]":
        """The leader and who came since, the oldest first; a second act of one person waits."""
        with self._lock:
            self._enough.wait_for(lambda: len(self._waiting) >= self._expected, self._gather_s)
            taken = {leader.who: leader}
            for ticket in self._waiting:
                if len(taken) < MOST:
                    taken.setdefault(ticket.who, ticket)
            tickets = list(taken.values())
            self._waiting = [ticket for ticket in self._waiting if taken.get(ticket.who) != ticket]
            # A round that some missed by a moment does not make all that follow smaller.
            self._expected = max(len(tickets), self._expected - 1)
            return tickets

    def _hand_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].called.release()
            else:
                self._led = False


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(eq=False, slots=True)
class _Ticket(Generic[Act, Outcome]):
    """One who waits. `called` is let go once: when they are served, or are to lead the next round.
    A bare lock: an Event is several, and one is made for every act."""

    act: Act
    who: Hashable
    called: threading.Lock = field(default_factory=_taken)
    outcome: list[Outcome] = field(default_factory=list)
    failed: BaseException | None = None
    served: bool = False

    def result(self) -> Outcome:
        if self.failed is not None:
            raise self.failed
        return self.outcome[0]
