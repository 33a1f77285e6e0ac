"""WeChat's bad hours under real processes: silence, gateways' pages, dead tokens, lost answers.

Each notice is asked for once, or again only where WeChat surely had not taken it; whoever comes
after the trouble is told at once. What one call comes to is `tests/wechat/test_client.py`'s.
"""

from collections import Counter

import pytest

from bot.desk.nudge import DELIVER, nudge
from tests.wechat.platform import SEND, TOKEN, Page, Planned, Trouble

from .conftest import Start
from .scene import Scene, WeChat, eventually
from .test_processes import CLOCK, WORKERS, ready, served

HTML = b"<html><title>502 Bad Gateway</title></html>"
DEAD: Planned = {"errcode": 40001, "errmsg": "invalid credential rid: 1"}


def at_work(scene: Scene, start: Start) -> None:
    for line in (WORKERS, CLOCK):
        ready(start(*line))
    served(scene)


def told(scene: Scene, number: int, named: str) -> list[str]:
    """So many people, each of whom a notice waits for."""
    people = scene.people(number, named)
    for person in people:
        scene.notice(person, "水")
    nudge(scene.bot, DELIVER)
    return list(people.values())


@pytest.mark.parametrize(
    ("trouble", "shown"),
    [
        (Trouble.HANG, 1),  # taken, and never answered
        (Trouble.CLOSE, 1),
        (Trouble.RESET, 1),
        (Page(502, HTML), 0),
        (Page(200, HTML), 0),
    ],
    ids=["hanging", "answer lost", "line broken", "502", "HTML"],
)
def test_who_was_in_the_air_is_in_doubt_once_and_all_after_them_are_told(
    scene: Scene, wechat: WeChat, start: Start, trouble: Planned, shown: int
) -> None:
    at_work(scene, start)
    wechat.plan(SEND, *[trouble] * 16)
    in_doubt = told(scene, 16, "early")
    eventually(lambda: len(wechat.tried) == 16)
    after = told(scene, 40, "late")
    eventually(lambda: scene.states() == {"unknown": 16, "sent": 40})
    assert [len(wechat.heard(openid)) for openid in in_doubt] == [shown] * 16
    assert [wechat.heard(openid) for openid in after] == [["水"]] * 40
    scene.notice(scene.value("select id from people where openid = %s", in_doubt[0]), "火")
    eventually(lambda: "火" in wechat.heard(in_doubt[0]))
    assert wechat.tried == Counter([*in_doubt, *after, in_doubt[0]]), "nothing went again by itself"


def test_a_storm_of_dead_tokens_asks_for_few_and_loses_nothing(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    told(scene, 20, "before")
    at_work(scene, start)
    eventually(lambda: scene.states() == {"sent": 20})
    wechat.kill_token()
    wechat.stubborn = True  # stable_token goes on handing it out until one is forced
    told(scene, 60, "storm")
    eventually(lambda: scene.states() == {"sent": 80})
    assert sorted(text for _, text in wechat.texts) == ["水"] * 80
    assert max(Counter(openid for openid, _ in wechat.texts).values()) == 1
    assert wechat.fetches(forced=True) == 1
    assert len(wechat.calls[TOKEN]) <= 6
    assert max(wechat.tried.values()) <= 2


def test_while_every_token_is_refused_wechat_is_left_in_peace_and_all_goes_out_after(
    scene: Scene, wechat: WeChat, start: Start
) -> None:
    wechat.say(SEND, DEAD)
    at_work(scene, start)
    told(scene, 30, "storm")
    eventually(lambda: scene.value("select min(attempts) from outbox") == 1)
    eventually(lambda: scene.value("select count(*) from outbox where lease_until is null") == 30)
    assert scene.states() == {"pending": 30}
    assert sum(wechat.tried.values()) <= 2 * 30
    assert wechat.fetches(forced=True) == 1, "WeChat allows twenty a day"
    assert len(wechat.calls[TOKEN]) <= 2 * 30 + 2
    wechat.say(SEND, {"errcode": 0, "errmsg": "ok"})
    scene.rows("update outbox set next_at = now() returning id")  # half a minute, not waited for
    nudge(scene.bot, DELIVER)
    eventually(lambda: scene.states() == {"sent": 30})
