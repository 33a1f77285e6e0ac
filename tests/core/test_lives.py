"""Lives of issues: people speak and act, time passes, sweeps run twice, people go and come back.

After every step the promises of contract section 6 hold; `life` has them.
"""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.build import COMMUNITY, GRID, LIAISON, PROPERTY, RESIDENT, SUBDISTRICT

from .life import COLLEAGUE, RESIDENTS, SERVERS, Life, texts

_SPANS = (1, 14, 61, 121, 300, 24 * 60, 3 * 24 * 60)
_LIVES, _STEPS = 2000, 20


class LivesOfIssues(RuleBasedStateMachine):
    """Finds the shortest life that breaks a promise."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()

    @rule(who=st.sampled_from(RESIDENTS), pick=st.integers(0, 10_000))
    def a_resident_speaks(self, who: int, pick: int) -> None:
        self._speaks(who, pick)

    @rule(who=st.sampled_from(SERVERS), pick=st.integers(0, 10_000))
    def somebody_who_serves_acts(self, who: int, pick: int) -> None:
        self._speaks(who, pick)

    @rule(minutes=st.sampled_from(_SPANS))
    def time_passes(self, minutes: int) -> None:
        self.life.passes(timedelta(minutes=minutes))

    @rule(who=st.sampled_from(SERVERS))
    def somebody_goes_or_comes_back(self, who: int) -> None:
        self.life.goes_or_comes(who)

    @rule(who=st.sampled_from(SERVERS))
    def somebody_takes_or_ends_duty(self, who: int) -> None:
        self.life.takes_or_ends_duty(who)

    @invariant()
    def numbers_are_given_once(self) -> None:
        assert len(self.life.issues) == self.life.numbers

    def _speaks(self, who: int, pick: int) -> None:
        choice = texts(list(self.life.issues)[-3:])
        self.life.says(who, choice[pick % len(choice)])


TestLivesOfIssues = LivesOfIssues.TestCase
TestLivesOfIssues.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_lives_keep_the_promises(seed: int) -> None:
    chance = Random(seed)
    steps = climbed = passed = asked = 0
    for _ in range(_LIVES // 4):
        life = Life()
        for _ in range(_STEPS):
            _one_step(life, chance)
        steps += sum(len(entries) for entries in life.history.values())
        climbed += sum(one.tier_place > 1 for one in life.issues.values())
        passed += sum(one.handed_over > 0 for one in life.issues.values())
        asked += sum(life.asked.values())
    assert climbed > 100
    assert min(passed, asked) > 2
    assert steps > _LIVES // 2


def test_an_answer_by_another_leaves_nothing_with_somebody_who_is_gone() -> None:
    life = Life()
    life.says(RESIDENT, "电梯坏了")
    life.goes_or_comes(LIAISON)
    life.says(PROPERTY, "#1 马上到")
    assert life.issues[1].due_at == life.now
    life.passes(timedelta(seconds=1))
    assert life.issues[1].holder_id == GRID


def test_what_nobody_could_hold_goes_to_who_comes_back_first() -> None:
    """The subdistrict's officer reports something of their own: nobody is above the community."""
    life = Life()
    life.says(SUBDISTRICT, "我要反映 门坏了")
    for gone in (COLLEAGUE, COMMUNITY):
        life.goes_or_comes(gone)
        life.passes(timedelta(seconds=1))
    assert life.issues[1].holder_id == COMMUNITY
    assert life.issues[1].due > life.now
    life.goes_or_comes(COLLEAGUE)
    life.passes(timedelta(seconds=1))
    assert life.issues[1].holder_id == COLLEAGUE


def _one_step(life: Life, chance: Random) -> None:
    what = chance.random()
    if what < 0.25:
        life.passes(timedelta(minutes=chance.choice(_SPANS)))
    elif what < 0.32:
        life.goes_or_comes(chance.choice(SERVERS))
    elif what < 0.36:
        life.takes_or_ends_duty(chance.choice(SERVERS))
    else:
        who = chance.choice(RESIDENTS if what < 0.65 else SERVERS)
        life.says(who, chance.choice(texts(list(life.issues)[-3:])))
