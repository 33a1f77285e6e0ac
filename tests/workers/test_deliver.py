"""Delivery against a real database and a WeChat that speaks HTTP: once, in order, one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
from structlog.testing import capture_logs

from bot.bootstrap import Bot
from bot.channels import Push
from bot.channels.chat import parts
from bot.core.delivery import LONGEST_GAP, Try
from bot.core.texts import weight
from bot.desk.deliver import LEASE, deliver
from bot.desk.pushing import fitting
from bot.store import claims
from bot.store.engine import transaction
from bot.wechat.words import SAFE_BYTES
from tests.wechat.platform import SEND, Page, Trouble

from .conftest import Start
from .scene import Scene, WeChat, by_state, eventually


def test_what_waits_for_a_person_goes_out_as_one_message(scene: Scene, wechat: WeChat) -> None:
    person = scene.person("oA")
    for text in ("电梯坏了", "还没好", "多久"):
        scene.notice(person, text)
    assert deliver(scene.bot) == 3
    assert wechat.heard("oA") == ["电梯坏了\n\n还没好\n\n多久"]
    assert {(row["state"], row["channel"]) for row in scene.notices()} == {("sent", "chat")}
    assert all(row["settled_at"] and not row["lease_until"] for row in scene.notices())
    assert scene.value("select sending_until from people") is None
    assert scene.rows("select outcome, channel, code from sends") == [
        {"outcome": "sent", "channel": "chat", "code": None}
    ]
    assert deliver(scene.bot) == 0
    assert len(wechat.texts) == 1


def test_bundles_are_as_full_as_a_message_allows_and_lose_nothing(
    scene: Scene, wechat: WeChat
) -> None:
    person = scene.person("oA")
    texts = [f"{number}:" + "水" * 150 for number in range(20)] + ["长" * 1500, "尾"]
    for text in texts:
        scene.notice(person, text)
    deliver(scene.bot)
    heard = wechat.heard("oA")
    assert all(weight(text) <= SAFE_BYTES for text in heard)
    whole, *rest = ["\n\n".join(texts[:20]), *parts(texts[20]), texts[21]]
    assert "\n\n".join(heard[:-4]) == whole
    assert heard[-4:] == rest
    assert scene.states() == {"sent": 22}


def test_fitting_counts_the_blank_lines_between() -> None:
    assert fitting(["a" * 999, "b" * 999]) == 2
    assert fitting(["a" * 999, "b" * 1000]) == 1
    assert fitting(["a" * 3000, "b"]) == 1
    assert fitting(["\x00" * 3000, "b"]) == 2


def test_many_deliverers_send_each_notice_once_in_order_one_at_a_time(
    scene: Scene, wechat: WeChat
) -> None:
    wechat.send_seconds = 0.01
    people = scene.people(12)
    words = {openid: [f"{n}" + "水" * 300 for n in range(8)] for openid in people.values()}
    for number in range(8):
        for person, openid in people.items():
            scene.notice(person, words[openid][number])
    bots = [scene.another_bot() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        settled = sum(pool.map(deliver, bots))
    for bot in bots:
        bot.engine.dispose()
        bot.redis.close()
    assert settled == 96
    assert wechat.collisions == []
    assert wechat.most_at_once > 4
    for openid in people.values():
        assert "\n\n".join(wechat.heard(openid)) == "\n\n".join(words[openid])


def test_processes_share_the_work_as_well(scene: Scene, wechat: WeChat, start: Start) -> None:
    wechat.send_seconds = 0.01
    people = scene.people(12)
    words = [f"{n}" + "水" * 300 for n in range(8)]
    for text in words:
        for person in people:
            scene.notice(person, text)
    code = "from workers import jobs; from bot.desk.deliver import deliver; deliver(jobs.bot())"
    processes = [start("-c", code) for _ in range(4)]
    for process in processes:
        assert process.ends(60) == 0, process.text
    assert wechat.collisions == []
    assert all("\n\n".join(wechat.heard(o)) == "\n\n".join(words) for o in people.values())


def test_what_comes_while_a_push_is_in_the_air_follows_it(scene: Scene, wechat: WeChat) -> None:
    wechat.send_seconds = 0.3
    person = scene.person("oA")
    scene.notice(person, "一")
    first = threading.Thread(target=deliver, args=(scene.bot,))
    first.start()
    eventually(lambda: wechat.most_at_once)
    scene.notice(person, "二")
    assert deliver(scene.bot) == 0
    first.join()
    assert wechat.heard("oA") == ["一", "二"]
    assert wechat.collisions == []


def test_the_slowest_makes_nobody_wait(scene: Scene, wechat: WeChat) -> None:
    wechat.plan(SEND, Trouble.HANG)
    slow = scene.person("oSlow")
    scene.notice(slow, "慢")
    thread = threading.Thread(target=deliver, args=(scene.bot,))
    thread.start()
    eventually(lambda: wechat.most_at_once)
    for person in scene.people(40):
        scene.notice(person, "快")
    deliver(scene.bot)
    assert by_state(scene.notices()) == {"sent": ["快"] * 40, "pending": ["慢"]}
    thread.join()
    assert by_state(scene.notices()) == {"sent": ["快"] * 40, "unknown": ["慢"]}


def test_try_later_waits_longer_each_time_and_goes_out_in_the_end(
    scene: Scene, wechat: WeChat
) -> None:
    person = scene.person("oA")
    scene.notice(person, "水")
    gaps = []
    for _ in range(16):
        wechat.plan(SEND, Page(503))
        before = scene.bot.now()
        deliver(scene.bot)
        (row,) = scene.notices()
        assert (row["state"], row["lease_until"]) == ("pending", None)
        gaps.append(row["next_at"] - before)
        scene.later += gaps[-1] + timedelta(seconds=1)
    assert gaps[0] >= timedelta(seconds=5)
    assert gaps[-1] > 0.9 * LONGEST_GAP
    assert all(now > 0.9 * before for before, now in pairwise(gaps))
    assert max(gaps) < LONGEST_GAP + timedelta(minutes=1)
    deliver(scene.bot)
    assert scene.states() == {"sent": 1}
    assert wechat.heard("oA") == ["水"]


def test_a_lost_answer_is_unknown_and_never_repeated(scene: Scene, wechat: WeChat) -> None:
    wechat.plan(SEND, Trouble.RESET)
    scene.notice(scene.person("oA"), "水")
    deliver(scene.bot)
    scene.later += timedelta(days=1)
    deliver(scene.bot)
    (row,) = scene.notices()
    assert (row["state"], row["channel"]) == ("unknown", "chat")
    assert row["why"]
    assert wechat.heard("oA") == ["水"]


@pytest.mark.parametrize("code", [45015, 45047, 43004, 46004])
def test_a_holder_out_of_reach_is_stuck_and_what_they_hold_steps_up(
    scene: Scene, wechat: WeChat, code: int
) -> None:
    wechat.refuses["oA"] = code
    holder, other = scene.person("oA"), scene.person("oB")
    hour = timedelta(hours=1)
    for no, by, state in (
        (1, holder, "waiting"),
        (2, holder, "in_hand"),
        (3, holder, "resolved"),
        (4, other, "waiting"),
    ):
        scene.issue(no, by, state=state, due=hour)
    scene.notice(holder, "电梯坏了", role="liaison", issue_no=1, kind="assigned")
    deliver(scene.bot)
    (row,) = scene.notices()
    assert (row["state"], row["channel"]) == ("stuck", None)
    assert str(code) in row["why"]
    assert scene.value("select unreachable_since from people where id = %s", holder)
    late = scene.rows("select no, version from issues where due_at <= %s", scene.bot.now())
    assert late == [{"no": 1, "version": 2}, {"no": 2, "version": 2}]
    assert scene.rows("select outcome, code from sends") == [{"outcome": "refused", "code": code}]


def test_a_resident_out_of_reach_moves_nobody_elses_issue(scene: Scene, wechat: WeChat) -> None:
    wechat.refuses["oA"] = 45015
    resident, holder = scene.person("oA"), scene.person("oH")
    scene.issue(1, holder, due=timedelta(hours=1))
    scene.notice(resident, "已转网格", issue_no=1)
    deliver(scene.bot)
    assert scene.states() == {"stuck": 1}
    assert scene.value("select unreachable_since from people where id = %s", resident)
    assert scene.value("select version from issues") == 1


@pytest.mark.parametrize(("role", "about"), [("staff", None), ("resident", 1), ("resident", None)])
def test_whom_nothing_reaches_keeps_nothing_whatever_was_refused(
    scene: Scene, wechat: WeChat, role: str, about: int | None
) -> None:
    wechat.refuses["oA"] = 45015
    holder, told = scene.person("oH"), scene.person("oA")
    scene.issue(1, holder, due=timedelta(hours=1))
    scene.issue(2, told, due=timedelta(hours=1))
    scene.notice(told, "电梯坏了", role=role, issue_no=about)
    deliver(scene.bot)
    moved = scene.rows("select no, version from issues order by no")
    assert moved == [{"no": 1, "version": 1}, {"no": 2, "version": 2}]


def test_what_stayed_with_somebody_out_of_reach_is_not_moved_by_every_refusal(
    scene: Scene, wechat: WeChat
) -> None:
    wechat.refuses["oA"] = 45015
    told = scene.person("oA", unreachable_since="2026-01-01T00:00:00Z")
    scene.issue(1, told, due=timedelta(hours=1))
    scene.notice(told, "今天的待办", role="staff")
    deliver(scene.bot)
    assert scene.states() == {"stuck": 1}
    assert scene.value("select version from issues") == 1


def test_refused_words_are_stuck_alone_and_their_issue_steps_up(
    scene: Scene, wechat: WeChat
) -> None:
    wechat.refused_words = "敏感"
    holder = scene.person("oA")
    for no in (1, 2):
        scene.issue(no, holder, due=timedelta(hours=1))
    for no, text in ((1, "一"), (1, "敏感"), (2, "三")):
        scene.notice(holder, text, role="liaison", issue_no=no)
    deliver(scene.bot)
    assert by_state(scene.notices()) == {"sent": ["一", "三"], "stuck": ["敏感"]}
    assert scene.value("select unreachable_since from people") is None
    assert scene.rows("select no, version from issues order by no") == [
        {"no": 1, "version": 2},
        {"no": 2, "version": 1},
    ]


def test_refused_words_at_the_top_do_not_turn_for_ever(scene: Scene, wechat: WeChat) -> None:
    wechat.refused_words = "敏感"
    holder = scene.person("oA")
    scene.issue(1, holder, due=timedelta(hours=1))
    scene.notice(holder, "敏感", role="staff", issue_no=1, kind="told_again")
    deliver(scene.bot)
    assert scene.states() == {"stuck": 1}
    assert scene.value("select version from issues") == 1


@pytest.mark.parametrize(
    "held", [{"openid": None}, {"openid": "oA", "unfollowed_at": "2026-01-01T00:00:00Z"}]
)
def test_who_unfollowed_is_stuck_without_an_attempt(
    scene: Scene, wechat: WeChat, held: dict[str, str | None]
) -> None:
    person = scene.person(**held)
    scene.issue(1, person, due=timedelta(hours=1))
    scene.notice(person, "水", role="liaison", issue_no=1)
    deliver(scene.bot)
    (row,) = scene.notices()
    assert (row["state"], row["why"]) == ("stuck", "unfollowed")
    assert scene.value("select unreachable_since from people")
    assert scene.value("select version from issues") == 2
    assert not wechat.calls[SEND]
    assert scene.rows("select * from sends") == []


def test_who_wrote_while_being_refused_is_tried_again(scene: Scene, wechat: WeChat) -> None:
    wechat.refuses["oA"] = 45015
    wechat.send_seconds = 0.3
    person = scene.person("oA")
    scene.notice(person, "水")
    thread = threading.Thread(target=deliver, args=(scene.bot,))
    thread.start()
    eventually(lambda: wechat.most_at_once)
    now = scene.bot.now()
    scene.rows("update people set last_said_at = %s, wrote_at = %s returning id", now, [now])
    del wechat.refuses["oA"]
    wechat.plan(SEND, {"errcode": 45015, "errmsg": ""})
    thread.join()
    assert scene.states() == {"sent": 1}
    assert scene.value("select unreachable_since from people") is None


def test_a_wrong_setting_is_told_to_the_operator(scene: Scene, wechat: WeChat) -> None:
    wechat.refuses["oA"] = 48001
    scene.notice(scene.person("oA"), "水")
    with capture_logs() as said:
        deliver(scene.bot)
    assert [(event["event"], event["log_level"]) for event in said] == [
        ("settings_refused", "error"),
        ("notices_stuck", "warning"),
    ]
    assert scene.states() == {"stuck": 1}


def test_newer_words_never_overtake_older_ones(scene: Scene, wechat: WeChat) -> None:
    person = scene.person("oA")
    scene.notice(person, "一", next_at=scene.bot.now() + timedelta(minutes=10), attempts=3)
    assert deliver(scene.bot) == 0
    scene.notice(person, "二")
    deliver(scene.bot)
    assert wechat.heard("oA") == ["一\n\n二"]


def test_a_long_text_cut_short_is_not_begun_again(scene: Scene, wechat: WeChat) -> None:
    person = scene.person("oA")
    text = "水" * 1500
    wechat.plan(SEND, {"errcode": 0}, {"errcode": 61004, "errmsg": ""})
    scene.notice(person, text)
    deliver(scene.bot)
    (row,) = scene.notices()
    assert row["state"] == "unknown"
    assert row["why"].startswith("1 of 3 parts sent")


def test_a_part_that_must_wait_a_moment_waits(scene: Scene, wechat: WeChat) -> None:
    text = "水" * 1500
    wechat.plan(SEND, {"errcode": 0}, {"errcode": 43108, "errmsg": ""})
    scene.notice(scene.person("oA"), text)
    deliver(scene.bot)
    assert scene.states() == {"sent": 1}
    assert wechat.heard("oA") == parts(text)[1:]


def test_nothing_but_space_is_stuck_not_sent(scene: Scene, wechat: WeChat) -> None:
    scene.notice(scene.person("oA"), " \n ")
    deliver(scene.bot)
    assert scene.states() == {"stuck": 1}
    assert not wechat.calls[SEND]


class Broken:
    """A channel with a bug that strikes after the message left."""

    name = "chat"

    def send(self, push: Push, now: datetime) -> Try:
        raise KeyError(push.openid, push.text, now)


def with_channels(bot: Bot, *channels: Broken) -> Bot:
    values = {name: getattr(bot, name) for name in bot.__dataclass_fields__}
    return Bot(**{**values, "channels": channels})


def test_a_bug_in_a_channel_is_in_doubt_and_told_without_words(scene: Scene) -> None:
    for person in scene.people(3):
        scene.notice(person, "秘密")
    with capture_logs() as said:
        deliver(with_channels(scene.bot, Broken()))
    assert scene.states() == {"unknown": 3}
    assert [event["event"] for event in said] == ["channel_failed"] * 3
    assert "秘密" not in repr(said)


def test_without_an_account_nothing_is_sent_nor_touched(scene: Scene) -> None:
    scene.notice(scene.person("oA"), "水")
    assert deliver(with_channels(scene.bot)) == 0
    (row,) = scene.notices()
    assert (row["state"], row["attempts"]) == ("pending", 0)


def test_enough_is_enough_but_what_is_in_the_air_is_put_down(scene: Scene, wechat: WeChat) -> None:
    wechat.send_seconds = 0.2
    for person in scene.people(200):
        scene.notice(person, "水")
    deliver(scene.bot, until=lambda: bool(wechat.texts))
    states = scene.states()
    assert 0 < states["sent"] < 200
    assert states["pending"] == 200 - states["sent"]
    assert states["sent"] == len(wechat.texts) <= 32, "what no sender had begun with is called back"
    assert scene.rows("select id from outbox where lease_until is not null") == []
    assert scene.rows("select id from people where sending_until is not null") == []
    assert deliver(scene.bot) == 200 - states["sent"]
    assert set(wechat.tried.values()) == {1}


def test_no_sender_waits_for_the_database(scene: Scene, wechat: WeChat) -> None:
    """While what came back is put down, those who send have the next in hand already."""
    wechat.send_seconds = 0.2
    people = scene.people(64)
    for person in people:
        scene.notice(person, "水")
    with psycopg.connect(scene.environment["DATABASE_URL"]) as busy:
        thread = threading.Thread(target=deliver, args=(scene.bot,))
        thread.start()
        eventually(lambda: wechat.texts)
        busy.execute("lock table people in exclusive mode")
        eventually(lambda: len(wechat.texts) == 48, within=3)
        assert len(wechat.texts) - scene.states().get("sent", 0) >= 32
    thread.join()
    assert scene.states() == {"sent": 64}


def test_a_sender_that_died_leaves_its_notices_in_doubt(scene: Scene, wechat: WeChat) -> None:
    person = scene.person("oA")
    scene.notice(person, "一")
    with transaction(scene.bot.engine) as connection:
        say = scene.bot.wording.say
        claims.claim(connection, scene.bot.now(), LEASE, lambda texts, _: len(texts), 10, say)
    scene.notice(person, "二")
    assert deliver(scene.bot) == 0
    scene.age_leases(LEASE)
    deliver(scene.bot)
    assert by_state(scene.notices()) == {"unknown": ["一"], "sent": ["二"]}
    assert wechat.heard("oA") == ["二"]
