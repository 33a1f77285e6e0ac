"""Those who come together are served together: each gets their own, nobody is left waiting."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.rounds import MOST, Rounds

_PATIENCE_S = 20.0


class _Counter:
    """Serves rounds and remembers them; the first waits until it is let go."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.begun, self.let_go = threading.Event(), threading.Event()

    def serve(self, acts: Sequence[str]) -> list[str]:
        self.rounds.append(list(acts))
        if len(self.rounds) == 1:
            self.begun.set()
            assert self.let_go.wait(_PATIENCE_S)
        return [f"served {act}" for act in acts]


def _waiting(rounds: Rounds[str, str], number: int) -> None:
    """Until so many wait for the next round."""
    deadline = threading.Event()
    for _ in range(int(_PATIENCE_S * 100)):
        if len(rounds._waiting) >= number:
            return
        deadline.wait(0.01)
    pytest.fail("they did not come")


def _come(
    rounds: Rounds[str, str], counter: _Counter, acts: list[tuple[str, str]]
) -> dict[str, str]:
    """The first act is in work while the others come; what each was answered."""
    with ThreadPoolExecutor(len(acts)) as people:
        first = people.submit(rounds.join, *acts[0], counter.serve)
        assert counter.begun.wait(_PATIENCE_S)
        others = []
        for act in acts[1:]:
            others.append(people.submit(rounds.join, *act, counter.serve))
            _waiting(rounds, len(others))
        counter.let_go.set()
        outcomes = [one.result(_PATIENCE_S) for one in (first, *others)]
    return dict(zip((act for act, _ in acts), outcomes, strict=True))


def test_who_comes_alone_is_served_at_once() -> None:
    rounds, counter = Rounds[str, str](), _Counter()
    counter.let_go.set()
    assert [rounds.join(act, "one", counter.serve) for act in "ab"] == ["served a", "served b"]
    assert counter.rounds == [["a"], ["b"]]


def test_those_who_come_meanwhile_are_served_in_one_round() -> None:
    rounds, counter = Rounds[str, str](), _Counter()
    acts = [(f"act {n}", f"person {n}") for n in range(6)]
    assert _come(rounds, counter, acts) == {act: f"served {act}" for act, _ in acts}
    assert counter.rounds == [["act 0"], [f"act {n}" for n in range(1, 6)]]


def test_what_one_person_says_goes_in_its_order_one_a_round() -> None:
    rounds, counter = Rounds[str, str](), _Counter()
    acts = [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")]
    _come(rounds, counter, acts)
    assert counter.rounds == [["a1"], ["a2", "b1"], ["a3", "b2"]]


def test_a_round_has_its_limit() -> None:
    rounds, counter = Rounds[str, str](), _Counter()
    _come(rounds, counter, [(f"act {n}", f"person {n}") for n in range(MOST + 6)])
    assert [len(acts) for acts in counter.rounds] == [1, MOST, 5]


def test_in_a_crowd_a_round_waits_for_as_many_as_were_served_last() -> None:
    rounds, counter = Rounds[str, str](gather_s=_PATIENCE_S), _Counter()
    _come(rounds, counter, [(f"act {n}", f"person {n}") for n in range(4)])
    with ThreadPoolExecutor(3) as people:
        again = [people.submit(rounds.join, "again 0", "person 0", counter.serve)]
        _waiting(rounds, 1)
        again += [
            people.submit(rounds.join, f"again {n}", f"person {n}", counter.serve) for n in (1, 2)
        ]
        assert [one.result(_PATIENCE_S) for one in again] == [f"served again {n}" for n in range(3)]
    assert [len(acts) for acts in counter.rounds] == [1, 3, 3]


def test_a_round_that_some_missed_does_not_make_the_next_as_small() -> None:
    rounds, counter = Rounds[str, str](gather_s=1.0), _Counter()
    _come(rounds, counter, [(f"act {n}", f"person {n}") for n in range(4)])
    assert rounds.join("alone", "person 0", counter.serve) == "served alone"
    with ThreadPoolExecutor(2) as people:
        first = people.submit(rounds.join, "first", "person 0", counter.serve)
        _waiting(rounds, 1)
        second = people.submit(rounds.join, "second", "person 1", counter.serve)
        assert first.result(_PATIENCE_S) == "served first"
        assert second.result(_PATIENCE_S) == "served second"
    assert counter.rounds[1:] == [["act 1", "act 2", "act 3"], ["alone"], ["first", "second"]]


def test_the_last_of_a_crowd_waits_for_nobody_for_long() -> None:
    rounds, counter = Rounds[str, str](gather_s=0.01), _Counter()
    _come(rounds, counter, [(f"act {n}", f"person {n}") for n in range(4)])
    assert [rounds.join(act, "one", counter.serve) for act in "ab"] == ["served a", "served b"]
    assert counter.rounds[2:] == [["a"], ["b"]]


def test_a_round_that_fails_fails_for_all_of_it_and_the_next_goes_on() -> None:
    rounds, counter = Rounds[str, str](), _Counter()

    def fail(acts: Sequence[str]) -> list[str]:
        raise LookupError(str(acts))

    with pytest.raises(LookupError):
        rounds.join("a", "one", fail)
    counter.let_go.set()
    assert rounds.join("b", "two", counter.serve) == "served b"


def test_under_a_crowd_everybody_gets_their_own() -> None:
    rounds = Rounds[int, int]()

    def serve(acts: Sequence[int]) -> list[int]:
        return [act * 2 for act in acts]

    def person(who: int) -> list[int]:
        return [rounds.join(act, who, serve) for act in range(who * 1000, who * 1000 + 200)]

    with ThreadPoolExecutor(12) as people:
        outcomes = list(people.map(person, range(12)))
    assert outcomes == [
        [act * 2 for act in range(who * 1000, who * 1000 + 200)] for who in range(12)
    ]
