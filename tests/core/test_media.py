"""Files: how long one is tried for, when a piece may go out, what becomes of it."""

from datetime import timedelta

import pytest

from bot.core import media
from bot.core.media import AMPLE, Became, Keeping, Lack, Piece, Shown
from bot.core.messages import Kind
from bot.core.outcome import Outcome, Refused, Sent, TryLater, Unknown
from tests.build import NOW

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
FRESH = Piece("m", Kind.PICTURE, "id", NOW + 3 * DAY, Keeping.WAITING)


@pytest.mark.parametrize("lack", [Lack.EXPIRED, Lack.TOO_LARGE, Lack.NO_SUCH_KIND])
def test_what_cannot_be_had_is_not_tried_again(lack: Lack) -> None:
    missing = media.missed(lack, "40007", 1, NOW, NOW + DAY)
    assert (missing.state, missing.next_at) == (Keeping.FAILED, None)
    assert missing.why == f"{lack}; 40007"


def test_wechat_away_is_tried_later_and_later_until_the_file_is_gone() -> None:
    now, attempts, expires_at = NOW, 0, NOW + 3 * DAY
    waits = []
    while True:
        attempts += 1
        missing = media.missed(Lack.AWAY, "no answer", attempts, now, expires_at)
        if missing.next_at is None:
            break
        waits.append(missing.next_at - now)
        now = missing.next_at
    assert waits == sorted(waits)
    assert 50 < attempts < 100
    assert expires_at - now <= timedelta(hours=1)
    assert missing.state is Keeping.FAILED
    assert "expired" in missing.why


@pytest.mark.parametrize(
    ("asked", "left", "goes"),
    [
        (False, AMPLE, True),
        (False, AMPLE - 1, False),
        (False, None, False),
        (True, 2, True),
        (True, 1, False),
        (True, 0, False),
        (True, None, True),
    ],
)
def test_a_piece_leaves_pushes_for_words(asked: bool, left: int | None, goes: bool) -> None:
    assert media.may_go(asked, left) is goes


def test_the_id_it_came_with_is_used_while_it_lives() -> None:
    assert media.living_id(FRESH, NOW) == "id"
    assert media.living_id(FRESH, FRESH.expires_at - SECOND) is None


def test_a_videos_own_id_is_not_used() -> None:
    film = Piece("m", Kind.VIDEO, "id", NOW + 3 * DAY, Keeping.WAITING)
    assert media.living_id(film, NOW) is None


def test_what_was_sent_up_is_used_for_three_days() -> None:
    kept = Piece(
        "m", Kind.VIDEO, "id", NOW, Keeping.KEPT, stored="n", sent_id="up", sent_until=NOW + 3 * DAY
    )
    assert media.living_id(kept, NOW) == "up"
    assert media.living_id(kept, NOW + 3 * DAY) is None


def test_without_a_file_it_waits_for_one_or_gives_up() -> None:
    assert media.without_file(FRESH, NOW).state is Shown.WAITING
    lost = Piece("m", Kind.PICTURE, "id", NOW, Keeping.FAILED)
    assert media.without_file(lost, NOW).state is Shown.FAILED


@pytest.mark.parametrize(
    ("outcome", "became"),
    [
        (Sent(), Became(Shown.SHOWN)),
        (Unknown("lost"), Became(Shown.UNKNOWN, None, "lost")),
        (Refused("45015", "person"), Became(Shown.WAITING, None, "45015")),
        (Refused("40007", "message"), Became(Shown.FAILED, None, "40007")),
        (Refused("48001", "service"), Became(Shown.WAITING, NOW + 300 * SECOND, "48001")),
        (TryLater("busy", 60 * SECOND), Became(Shown.WAITING, NOW + 60 * SECOND, "busy")),
    ],
)
def test_each_outcome_has_its_end(outcome: Outcome, became: Became) -> None:
    assert media.after(outcome, 1, NOW) == became
