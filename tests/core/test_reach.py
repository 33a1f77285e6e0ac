"""What may still be pushed: tables of cases, and WeChat's own book as the pretend one keeps it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages import Kind, Said
from bot.core.reach import (
    CHAT,
    EARLY,
    Act,
    Consented,
    Known,
    Pushed,
    Repeat,
    granted_by,
    left,
    refused,
)
from bot.simulator import quota

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def ago(*, hours: float = 0, seconds: float = 0) -> datetime:
    return NOW - timedelta(hours=hours, seconds=seconds)


def pushes(*moments: datetime) -> tuple[Pushed, ...]:
    return tuple(Pushed(at) for at in moments)


@pytest.mark.parametrize(
    ("known", "count"),
    [
        (Known(), None),
        (Known(wrote=()), 0),
        (Known(wrote=(NOW,)), 5),
        (Known(wrote=(ago(hours=47.9),)), 5),
        (Known(wrote=(ago(hours=48),)), 0),
        (Known(wrote=(ago(hours=2),), chat=pushes(ago(hours=3))), 5),
        (Known(wrote=(ago(hours=2),), chat=pushes(ago(hours=2))), 4),
        (Known(wrote=(ago(hours=2),), chat=pushes(*[ago(hours=1)] * 5)), 0),
        (Known(wrote=(ago(hours=2),), chat=pushes(*[ago(hours=1)] * 9)), 0),
        (Known(wrote=(ago(hours=2),), chat=(Pushed(ago(hours=1), 4),)), 1),
        (Known(touched=(Act.FOLLOW, ago(seconds=57))), 3),
        (Known(touched=(Act.FOLLOW, ago(seconds=58))), 0),  # over a little before its end
        (Known(touched=(Act.SCAN, ago(seconds=60))), 0),
        (Known(touched=(Act.MENU, ago(seconds=5)), chat=pushes(ago(seconds=4))), 2),
        # A tap neither takes from what words allowed nor adds to it.
        (Known(wrote=(ago(hours=1),), touched=(Act.MENU, NOW)), 5),
        (
            Known(
                wrote=(ago(hours=1),),
                touched=(Act.MENU, ago(seconds=5)),
                chat=pushes(*[ago(hours=0.5)] * 4),
            ),
            3,
        ),
        # Refused since they acted: nothing, whatever the count says.
        (Known(wrote=(ago(hours=2),), refused_by={CHAT: ago(hours=1)}), 0),
        (Known(wrote=(ago(hours=1),), refused_by={CHAT: ago(hours=2)}), 5),
        (Known(wrote=(ago(hours=1),), refused_by={CHAT: ago(hours=1) + SECOND}), 5),
        (Known(touched=(Act.SCAN, ago(seconds=9)), refused_by={CHAT: ago(hours=1)}), 3),
        (Known(refused_by={CHAT: ago(hours=1)}), 0),
        (Known(wrote=(ago(hours=2),), refused_by={"template": ago(hours=1)}), 5),
    ],
)
def test_what_is_left(known: Known, count: int | None) -> None:
    assert left(known, NOW) == count
    if known.wrote is None or len(known.wrote) < 2:
        assert left(known, NOW, Repeat.ADD) == count


@pytest.mark.parametrize(
    ("wrote", "pushed", "reset", "add"),
    [
        ((ago(hours=2), ago(hours=1)), (), 5, 10),
        ((ago(hours=1), ago(hours=2)), (), 5, 10),
        ((ago(hours=50), ago(hours=1)), (), 5, 5),
        ((ago(hours=3), ago(hours=1)), (ago(hours=2), ago(hours=2)), 5, 8),
        ((ago(hours=3), ago(hours=2)), tuple([ago(hours=1)] * 6), 0, 4),
        # What the older words allowed goes first, and ends first.
        ((ago(hours=49), ago(hours=20)), tuple([ago(hours=10)] * 6), 0, 4),
    ],
)
def test_further_words_reset_or_add(
    wrote: tuple[datetime, ...], pushed: tuple[datetime, ...], reset: int, add: int
) -> None:
    known = Known(wrote=wrote, chat=pushes(*pushed))
    assert (left(known, NOW), left(known, NOW, Repeat.ADD)) == (reset, add)


@pytest.mark.parametrize(
    ("kind", "tapped", "by_platform", "act"),
    [
        (Kind.TEXT, False, False, Act.WORDS),
        (Kind.PICTURE, False, False, Act.WORDS),
        (Kind.OTHER, False, False, Act.WORDS),
        (Kind.TEXT, True, False, Act.MENU),
        (Kind.MENU, True, False, Act.MENU),
        (Kind.EVENT, True, False, Act.MENU),
        (Kind.FOLLOW, False, False, Act.FOLLOW),
        (Kind.SCAN, False, False, Act.SCAN),
        (Kind.EVENT, False, False, None),
        (Kind.EVENT, False, True, None),
        (Kind.UNFOLLOW, False, False, None),
    ],
)
def test_what_an_act_allows(kind: Kind, tapped: bool, by_platform: bool, act: Act | None) -> None:
    said = Said("k", "o", "gh", kind, "", NOW, tapped=tapped, by_platform=by_platform)
    assert granted_by(said) == act


@pytest.mark.parametrize(
    ("known", "closed"),
    [
        (Known(), False),
        (Known(refused_by={"template": ago(hours=1)}), True),
        (Known(wrote=(ago(hours=2),), refused_by={"template": ago(hours=1)}), True),
        (Known(wrote=(ago(seconds=9),), refused_by={"template": ago(hours=1)}), False),
        (Known(touched=(Act.MENU, NOW), refused_by={"template": ago(hours=1)}), False),
        (Known(refused_by={CHAT: ago(hours=1)}), False),
    ],
)
def test_a_channel_that_refused_is_closed_until_they_act(known: Known, closed: bool) -> None:
    assert refused(known, "template") == closed


@pytest.mark.parametrize(
    ("consent", "holds"),
    [
        (Consented(1), True),
        (Consented(1, lasting=False), True),
        (Consented(0), True),  # nobody knows yet: WeChat is asked once
        (Consented(0, lasting=True), True),
        (Consented(0, lasting=False), False),
    ],
)
def test_a_consent_holds_while_one_is_left_or_may_be(consent: Consented, holds: bool) -> None:
    assert consent.holds == holds


STEPS = st.lists(
    st.sampled_from([*Act, "leave", "push", "push", "push", "push"])
    | st.sampled_from([5 * SECOND, 20 * SECOND, MINUTE, HOUR, 20 * HOUR, 47 * HOUR]),
    max_size=60,
)
ACTS = {
    Act.WORDS: quota.Act.MESSAGE,
    Act.MENU: quota.Act.MENU,
    Act.FOLLOW: quota.Act.FOLLOW,
    Act.SCAN: quota.Act.SCAN,
}


class Book:
    """Our count beside WeChat's, for one person; a push goes out where ours says it may."""

    def __init__(self, repeat: Repeat, theirs: quota.Ledger) -> None:
        self.repeat, self.theirs = repeat, theirs
        self.now, self.known = NOW, Known(wrote=())

    @property
    def ours(self) -> int:
        return left(self.known, self.now, self.repeat) or 0

    def step(self, step: Act | str | timedelta) -> None:
        match step:
            case timedelta():
                self.now += step
            case Act():
                self.theirs.acted(ACTS[step], self.now)
                self.acted(step)
            case "leave":
                self.theirs.forget()
                self.known = replace(self.known, wrote=(), touched=None)
            case _ if self.ours:
                assert self.theirs.standing(self.now) is quota.Standing.OPEN
                self.theirs.spend(self.now)
                self.known = replace(self.known, chat=(*self.known.chat, Pushed(self.now)))
        self.now += SECOND

    def acted(self, act: Act) -> None:
        if act is Act.WORDS:
            wrote = (self.now, *(self.known.wrote or ()))[:10]
            self.known = replace(self.known, wrote=wrote)
        else:
            self.known = replace(self.known, touched=(act, self.now))


@pytest.mark.parametrize("across", quota.Across)
@pytest.mark.parametrize("theirs", quota.Repeat)
@given(steps=STEPS)
def test_never_more_is_pushed_than_wechat_allows_however_it_counts(
    theirs: quota.Repeat, across: quota.Across, steps: list[Act | str | timedelta]
) -> None:
    book = Book(Repeat.RESET, quota.Ledger(theirs, across))
    for step in steps:
        book.step(step)
        assert book.ours <= book.theirs.left(book.now)


@given(steps=STEPS)
def test_where_wechat_adds_ours_may_add(steps: list[Act | str | timedelta]) -> None:
    book = Book(Repeat.ADD, quota.Ledger(quota.Repeat.ADD, quota.Across.MAX))
    for step in steps:
        book.step(step)
        assert book.ours <= book.theirs.left(book.now)


@given(steps=STEPS)
def test_nothing_that_is_allowed_is_given_away(steps: list[Act | str | timedelta]) -> None:
    book = Book(Repeat.RESET, quota.Ledger(quota.Repeat.RESET, quota.Across.MAX))
    for step in steps:
        book.step(step)
        assert book.ours == book.theirs.left(book.now + EARLY)
