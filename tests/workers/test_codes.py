"""Every error code of WeChat's list, through the real client and the outbox: what it does to a
notice, to whom it was for, to the issue it is about, and what the operator is told.

The rows are those of the shared platform notes, section 2.6.
"""

from datetime import timedelta

import pytest

from bot.commands.findings import Level
from bot.commands.push_words import checks
from bot.core.delivery import MENDING_TAKES
from bot.desk.deliver import deliver
from bot.store.push_faults import push_faults
from bot.wechat.answers import ANSWERS
from tests.wechat.platform import SEND, TOKEN

from .scene import Scene, WeChat

REFRESH = (40001, 40014, 42001)
BACK_OFF = (-1, 45011, 43108)
TOMORROW = (45009, 48006)
OTHER_CHANNEL = (45015, 45047, 43004, 50005, 48002, 43101)
# Also a refusal of the person: whoever holds the issue is not reached, whatever the words.
NOT_THERE = (40003, 43019, 46004)
DROPPED = (
    *(40007, 40008, 40033, 40035, 41006, 41009, 44004, *range(45001, 45009)),
    *(45072, 45166, 45168, 47001, 70000),
)
NO_RIGHT = (40037, 47003, 40200, 48001, 48003, 48004, 50001, 50002, 43107, 65320)
NOT_LET_IN = (40002, 40013, 40125, 40164, 40243, 41001, 41002, 41003, 41004, 50007, 61004)
IGNORED = (45080, 45081, 45065)

SOON = timedelta(hours=1, seconds=5)


def told(scene: Scene) -> int:
    """A holder was told of their issue; the issue's number."""
    holder = scene.person("oA")
    scene.issue(1, holder, due=timedelta(days=9))
    scene.notice(holder, "电梯坏了", role="liaison", issue_no=1, kind="assigned")
    deliver(scene.bot)
    return 1


def became(scene: Scene) -> tuple[str, bool, bool]:
    """The notice's state, whether its person counts as out of reach, whether its issue goes on."""
    ((state, _),) = scene.states().items()
    gone = scene.value("select unreachable_since from people") is not None
    return state, gone, scene.value("select version from issues") == 2


def faults(scene: Scene) -> list[tuple[str, int | None, Level]]:
    with scene.bot.engine.connect() as connection:
        found = push_faults(connection)
    levels = [check.level for check in checks(found)]
    return [(one.channel, one.code, level) for one, level in zip(found, levels, strict=False)]


def refused(scene: Scene, wechat: WeChat, code: int, later: timedelta) -> tuple[str, bool, bool]:
    """What became of a notice that WeChat answers with `code`, so much later: asked once."""
    wechat.refuses["oA"] = code
    told(scene)
    scene.later += later
    deliver(scene.bot)
    assert wechat.tried["oA"] == 1
    return became(scene)


def test_no_code_is_left_out() -> None:
    rows = (REFRESH, BACK_OFF, TOMORROW, OTHER_CHANNEL, NOT_THERE, DROPPED)
    listed = [code for row in (*rows, NO_RIGHT, NOT_LET_IN, IGNORED) for code in row]
    assert sorted(listed) == sorted(code for code in ANSWERS if code)


@pytest.mark.parametrize("code", REFRESH)
def test_a_dead_token_is_renewed_once_and_the_call_repeated_once(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    wechat.plan(SEND, {"errcode": code, "errmsg": "rid: 1"})
    told(scene)
    assert became(scene) == ("sent", False, False)
    assert len(wechat.calls[SEND]) == 2
    assert wechat.heard("oA") == ["电梯坏了"]


@pytest.mark.parametrize("code", REFRESH)
def test_a_token_that_stays_dead_is_no_reason_to_storm(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    wechat.refuses["oA"] = code
    told(scene)
    assert became(scene) == ("pending", False, False)
    assert wechat.tried["oA"] == 2
    assert len(wechat.calls[TOKEN]) <= 3


@pytest.mark.parametrize("code", BACK_OFF)
def test_a_busy_platform_is_asked_again_later(scene: Scene, wechat: WeChat, code: int) -> None:
    wechat.plan(SEND, {"errcode": code, "errmsg": "rid: 1"})
    told(scene)
    assert became(scene) == ("pending", False, False)
    assert len(wechat.calls[SEND]) == 1
    scene.later += timedelta(minutes=2)
    deliver(scene.bot)
    assert became(scene) == ("sent", False, False)
    assert wechat.heard("oA") == ["电梯坏了"]


@pytest.mark.parametrize("code", TOMORROW)
def test_a_used_up_quota_waits_for_tomorrow(scene: Scene, wechat: WeChat, code: int) -> None:
    assert refused(scene, wechat, code, timedelta(seconds=30)) == ("pending", False, False)


@pytest.mark.parametrize("code", [*OTHER_CHANNEL, *NOT_THERE])
def test_a_person_whom_no_channel_reaches_is_left_and_what_they_hold_goes_on(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    assert refused(scene, wechat, code, SOON) == ("stuck", True, True)
    assert faults(scene) == []


@pytest.mark.parametrize("code", DROPPED)
def test_refused_words_are_stuck_and_their_issue_goes_on(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    assert refused(scene, wechat, code, SOON) == ("stuck", False, True)
    assert faults(scene) == []


@pytest.mark.parametrize("code", NO_RIGHT)
def test_a_right_that_is_lacking_is_stuck_not_retried_and_the_operators_to_mend(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    assert refused(scene, wechat, code, SOON) == ("stuck", False, True)
    assert faults(scene) == [("chat", code, Level.FAIL)]


@pytest.mark.parametrize("code", NOT_LET_IN)
def test_an_account_that_is_not_let_in_keeps_everything_until_that_is_mended(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    assert refused(scene, wechat, code, MENDING_TAKES / 2) == ("pending", False, False)
    assert faults(scene) == [("chat", code, Level.FAIL)]
    wechat.refuses.clear()
    scene.later += MENDING_TAKES
    deliver(scene.bot)
    assert became(scene) == ("sent", False, False)
    assert faults(scene) == []


@pytest.mark.parametrize("code", IGNORED)
def test_what_is_already_done_counts_as_done(scene: Scene, wechat: WeChat, code: int) -> None:
    wechat.refuses["oA"] = code
    told(scene)
    assert became(scene) == ("sent", False, False)
    assert wechat.tried["oA"] == 1


@pytest.mark.parametrize("code", [40013, 40125, 40164, 40243])
def test_who_gets_no_token_sends_nothing_and_loses_nothing(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    wechat.plan(TOKEN, {"errcode": code, "errmsg": "invalid ip 1.2.3.4, not in whitelist"})
    told(scene)
    assert became(scene) == ("pending", False, False)
    assert wechat.tried["oA"] == 0
    assert faults(scene) == [("chat", code, Level.FAIL)]
    scene.later += MENDING_TAKES + timedelta(seconds=1)
    deliver(scene.bot)
    assert became(scene) == ("sent", False, False)
