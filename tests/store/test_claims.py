"""Leases: who may take what, and that a sender thought dead overwrites nothing."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.core.delivery import Try
from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown
from bot.core.reach import Known
from bot.store import claims, settling
from bot.store.claims import Bundle
from bot.store.engine import transaction
from bot.store.settling import Handed
from tests.wechat.platform import answering
from tests.workers.scene import TIERS, Scene, WeChat

LEASE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def scene(fresh_database: Callable[[], str], fresh_redis: str, tmp_path: Path) -> Iterator[Scene]:
    tiers = tmp_path / "tiers.toml"
    tiers.write_text(TIERS, "utf-8")
    with answering(WeChat()) as wechat:
        scene = Scene(fresh_database(), fresh_redis, wechat, tiers)
        yield scene
        scene.close()


def claim(scene: Scene, most: int = 50, fit: int = 99) -> list[Bundle]:
    def fitting(texts: Sequence[str], _: Known) -> int:
        return min(fit, len(texts))

    with transaction(scene.bot.engine) as connection:
        return claims.claim(
            connection, scene.bot.now(), LEASE, fitting, most, scene.bot.wording.say
        )


def settle(scene: Scene, bundle: Bundle, outcome: Outcome | None) -> settling.Settled:
    tries = () if outcome is None else (Try("chat", outcome),)
    with transaction(scene.bot.engine) as connection:
        return settling.settle(connection, [Handed(bundle, tries)], scene.bot.now())


def expire(scene: Scene) -> int:
    with transaction(scene.bot.engine) as connection:
        return claims.expire(connection, scene.bot.now())


def state(scene: Scene) -> str:
    return str(scene.value("select state from outbox"))


def test_a_claim_leases_the_person_and_the_rows_that_fit(scene: Scene) -> None:
    person = scene.person("oA")
    ids = [scene.notice(person, text) for text in "一二三"]
    (bundle,) = claim(scene, fit=2)
    assert (bundle.person_id, bundle.openid) == (person, "oA")
    assert [(row.id, row.text, row.attempts) for row in bundle.rows] == [
        (ids[0], "一", 1),
        (ids[1], "二", 1),
    ]
    assert scene.value("select sending_until from people") == bundle.lease.until
    leased = scene.rows("select lease_until, attempts from outbox order by id")
    assert [row["attempts"] for row in leased] == [1, 1, 0]
    assert [row["lease_until"] for row in leased] == [bundle.lease.until] * 2 + [None]
    assert claim(scene) == []


def test_those_who_waited_longest_come_first(scene: Scene) -> None:
    now = scene.bot.now()
    for minutes in (1, 3, 2):
        scene.notice(scene.person(f"o{minutes}"), "水", next_at=now - timedelta(minutes=minutes))
    assert {bundle.openid for bundle in claim(scene, most=2)} == {"o3", "o2"}


def test_one_person_with_thousands_waiting_keeps_nobody_else_waiting(scene: Scene) -> None:
    flooded, other = scene.person("oA"), scene.person("oB")
    scene.rows(
        "insert into outbox (key, person_id, role, kind, text, made_at, state, next_at) "
        "select n::text, %s, 'resident', 'x', '水', now(), 'pending', now() - interval '1 day' "
        "from generate_series(1, 3000) n returning id",
        flooded,
    )
    scene.notice(other, "火")
    claimed = [bundle.openid for _ in range(2) for bundle in claim(scene, most=1)]
    assert claimed == ["oA", "oB"]


def test_who_speaks_at_this_moment_is_passed_over(scene: Scene) -> None:
    person = scene.person("oA")
    scene.notice(person, "水")
    with psycopg.connect(scene.environment["DATABASE_URL"]) as speaking:
        speaking.execute("update people set last_said_at = now() where id = %s", [person])
        assert claim(scene) == []
    assert len(claim(scene)) == 1


def test_rows_for_a_person_may_be_written_while_they_are_claimed(scene: Scene) -> None:
    person = scene.person("oA")
    scene.notice(person, "水")
    with transaction(scene.bot.engine) as connection:
        say = scene.bot.wording.say
        claims.claim(connection, scene.bot.now(), LEASE, lambda texts, _: len(texts), 10, say)
        scene.notice(person, "火")


def test_what_was_said_before_joining_goes_to_who_they_turned_out_to_be(scene: Scene) -> None:
    heir = scene.person("oA")
    scene.notice(scene.person(None, merged_into=heir), "水")
    assert [bundle.openid for bundle in claim(scene)] == ["oA"]


def test_who_is_at_it_keeps_their_notices_and_who_lost_them_gets_none_back(scene: Scene) -> None:
    person = scene.person("oA")
    scene.notice(person, "水")
    (bundle,) = claim(scene)
    scene.age_leases(LEASE / 2)
    bundle.lease.until -= LEASE / 2
    with transaction(scene.bot.engine) as connection:
        renewed, lease = claims.renew(connection, [bundle], LEASE)
    assert renewed == [bundle]
    assert bundle.lease.until < lease.until == scene.value("select sending_until from people")
    bundle.lease.move(lease)
    scene.age_leases(LEASE * 0.9)
    scene.notice(person, "火")
    assert expire(scene) == 0
    assert claim(scene) == []
    scene.age_leases(LEASE)
    assert expire(scene) == 1
    (other,) = claim(scene)
    with transaction(scene.bot.engine) as connection:
        assert claims.renew(connection, [bundle], LEASE)[0] == []
    assert scene.value("select sending_until from people") == other.lease.until


@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR])
def test_a_host_whose_clock_is_wrong_neither_ends_a_lease_nor_takes_one_that_lasts(
    scene: Scene, wrong_by: timedelta
) -> None:
    person = scene.person("oA")
    scene.notice(person, "水", next_at=scene.bot.now() - 2 * HOUR)
    claim(scene)
    scene.later += wrong_by
    scene.notice(person, "火", next_at=scene.bot.now() - 2 * HOUR)
    assert (expire(scene), claim(scene)) == (0, [])
    scene.age_leases(LEASE)
    assert expire(scene) == 1
    assert len(claim(scene)) == 1
    scene.later = timedelta()
    assert expire(scene) == 0
    scene.age_leases(LEASE)
    assert expire(scene) == 1


def test_a_lease_from_before_the_databases_clock_was_set_back_is_over(scene: Scene) -> None:
    person = scene.person("oA")
    scene.notice(person, "水")
    claim(scene)
    scene.age_leases(-HOUR)
    scene.notice(person, "火")
    assert expire(scene) == 1
    (bundle,) = claim(scene)
    assert [row.text for row in bundle.rows] == ["火"]


def test_an_expired_lease_is_unknown_whatever_it_was(scene: Scene) -> None:
    scene.notice(scene.person("oA"), "水")
    claim(scene)
    assert expire(scene) == 0
    scene.age_leases(LEASE)
    assert expire(scene) == 1
    assert state(scene) == "unknown"
    assert scene.value("select lease_until from outbox") is None
    assert claim(scene) == []


@pytest.mark.parametrize(
    ("outcome", "became"),
    [
        (Sent(), "sent"),
        (Refused("gone", "person", 45015), "stuck"),
        (TryLater("busy", HOUR), "pending"),
        (Unknown("lost"), "unknown"),
    ],
)
def test_a_slow_sender_corrects_what_was_put_down_as_unknown(
    scene: Scene, outcome: Outcome, became: str
) -> None:
    scene.notice(scene.person("oA"), "水")
    (bundle,) = claim(scene)
    scene.age_leases(LEASE)
    expire(scene)
    settle(scene, bundle, outcome)
    assert state(scene) == became


def test_a_slow_sender_leaves_alone_what_went_out_with_a_reply(scene: Scene) -> None:
    scene.notice(scene.person("oA"), "水")
    (bundle,) = claim(scene)
    scene.rows("update outbox set state = 'sent', channel = 'passive' returning id")
    assert settle(scene, bundle, TryLater("busy", HOUR)).rows == 0
    assert scene.rows("select state, channel from outbox") == [
        {"state": "sent", "channel": "passive"}
    ]


def test_a_slow_sender_leaves_alone_what_another_has_in_hand(scene: Scene) -> None:
    person = scene.person("oA")
    scene.notice(person, "水")
    (slow,) = claim(scene)
    settle(scene, slow, None)
    (other,) = claim(scene)
    assert settle(scene, slow, Sent()).rows == 0
    assert state(scene) == "pending"
    assert scene.value("select sending_until from people") == other.lease.until
    assert settle(scene, other, Sent()).rows == 1


def test_what_was_handed_to_nobody_is_due_again_at_once(scene: Scene) -> None:
    scene.notice(scene.person("oA"), "水")
    (bundle,) = claim(scene)
    settle(scene, bundle, None)
    assert [one.rows[0].attempts for one in claim(scene)] == [2]
    assert scene.rows("select * from sends") == []


def test_every_attempt_is_counted_with_its_code(scene: Scene) -> None:
    scene.notice(scene.person("oA"), "水")
    (bundle,) = claim(scene)
    outcomes: tuple[Outcome, ...] = (Refused("window", "person", 45015), Sent("msg-1"))
    tries = tuple(Try(name, one) for name, one in zip(("chat", "template"), outcomes, strict=True))
    with transaction(scene.bot.engine) as connection:
        settling.settle(connection, [Handed(bundle, tries)], scene.bot.now())
    assert scene.rows("select channel, outcome, code from sends order by id") == [
        {"channel": "chat", "outcome": "refused", "code": 45015},
        {"channel": "template", "outcome": "sent", "code": None},
    ]
    assert scene.rows("select state, channel from outbox") == [
        {"state": "sent", "channel": "template"}
    ]


def test_the_tiers_that_step_up_are_named(scene: Scene) -> None:
    holder = scene.person("oA")
    scene.issue(1, holder, due=HOUR)
    scene.issue(2, holder, due=-HOUR)
    scene.notice(holder, "水", role="liaison", issue_no=1)
    (bundle,) = claim(scene)
    settled = settle(scene, bundle, Refused("gone", "person", 45015))
    assert (settled.stuck, settled.tiers) == (1, frozenset({"liaison"}))
    # What was due already keeps its due time: how late it is must not be lost.
    assert scene.rows("select no, version from issues order by no") == [
        {"no": 1, "version": 2},
        {"no": 2, "version": 1},
    ]


@pytest.mark.parametrize(
    ("said", "became"), [(timedelta(seconds=1), "pending"), (HOUR, "stuck"), (-HOUR, "stuck")]
)
def test_only_who_wrote_during_a_refusal_is_tried_again_at_once(
    scene: Scene, said: timedelta, became: str
) -> None:
    """What a clock that was an hour ahead noted of them would try again and again for an hour."""
    person = scene.person("oA", last_said_at=scene.bot.now() + said)
    scene.notice(person, "水")
    (bundle,) = claim(scene)
    scene.later += timedelta(seconds=2)
    settle(scene, bundle, Refused("gone", "person", 45015))
    assert state(scene) == became
