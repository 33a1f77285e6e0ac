"""What is decided is what is written: whole or not at all, once, and never on stale facts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from bot.core.decision import (
    AnswerJoin,
    AskToJoin,
    Attach,
    ClaimInvite,
    Decision,
    Entry,
    Keep,
    LeaveHeld,
    Open,
    PassJoin,
    SetPerson,
    Tell,
    Update,
)
from bot.core.issue import Happened
from bot.core.notices import NEW, ClosedBySilence, Greeted, Notice, Opened, Thanked
from bot.core.people import Awaiting, Named, Role, Server
from bot.store import changes
from bot.store.changes import Answer, Source
from bot.store.engine import Stale, transaction
from tests.build import NOW
from tests.town import Town

Connection = psycopg.Connection[DictRow]


@pytest.fixture
def resident(town: Town) -> int:
    town.says("居民", "您好")
    return person(town, "居民")


@pytest.fixture
def connection(town: Town) -> Iterator[Connection]:
    with transaction(town.bot.engine) as made:
        yield made


def person(town: Town, who: str) -> int:
    return int(town.one("select id from people where openid = %(w)s", w=who)["id"])


def word(notice: Notice) -> str:
    return notice.kind


def opening(town: Town, resident: int, key: str = "m1") -> Decision:
    holder = Server(person(town, "张网格"), "张网格", None, Role.STAFF, "网格长", there=True)
    unit = town.one("select id from units where code = 'A-D1'")["id"]
    due = NOW + timedelta(hours=1)
    reply = Opened(NEW, Named("张网格", "网格长"), due, "网格", None, bound=False)
    return Decision(
        changes=(
            Open(NEW, resident, None, unit, "grid", 1, holder, NOW, due, "电梯坏了", "grid"),
            Keep(key, NEW, resident, "text", "电梯坏了", {"media_id": "x"}, NOW),
            Entry(NEW, Happened.OPENED, NOW, "grid", resident, key),
        ),
        tells=(Tell(holder.person_id, Role.STAFF, ClosedBySilence(NEW), NEW),),
        replies=(reply,),
    )


def write(town: Town, decision: Decision, key: str = "k") -> Decision:
    with transaction(town.bot.engine) as connection:
        numbered = changes.number(connection, decision)
        changes.write(connection, numbered, Source(key, NOW), word)
    return numbered


def an_issue(town: Town, resident: int, key: str = "m1") -> int:
    return next(c.no for c in write(town, opening(town, resident, key), key).changes
        if isinstance(c, Open))  # fmt: skip


def test_an_opened_issue_is_written_with_all_that_belongs_to_it(town: Town, resident: int) -> None:
    no = an_issue(town, resident)
    found = town.issue(no)
    assert (found["state"], found["tier"], found["place"], found["version"]) == (
        "waiting",
        "grid",
        1,
        1,
    )
    assert (found["holder"], found["holder_post"], found["first_words"]) == (
        "张网格",
        "网格长",
        "电梯坏了",
    )
    message = town.one("select * from messages")
    assert (message["issue_no"], message["carried"]) == (no, {"media_id": "x"})
    entry = town.one("select * from history")
    assert (entry["issue_no"], entry["message_id"], entry["by_id"]) == (no, "m1", resident)
    told = town.one("select issue_no, role, state, text from outbox where issue_no is not null")
    assert told == {
        "issue_no": no,
        "role": "staff",
        "state": "pending",
        "text": "closed_by_silence",
    }


def test_numbers_run_on_over_issues_and_requests(town: Town, resident: int) -> None:
    home = town.one("select id from households where number = 'A101'")["id"]
    first = an_issue(town, resident)
    asked = AskToJoin(NEW, resident, home, "王芳", "liaison", NOW, NOW + timedelta(days=1))
    (request,) = write(town, Decision((asked,)), "j").changes
    assert isinstance(request, AskToJoin)
    assert first < request.no < an_issue(town, resident, "m2")


def test_a_stale_version_writes_nothing_at_all(town: Town, resident: int) -> None:
    no = an_issue(town, resident)
    write(town, Decision((Update(no, 1, {"reminders": 1}),)), "a")
    before = town.snapshot()
    late = Decision(
        (
            Keep("m9", no, resident, "text", "话", {}, NOW),
            Update(no, 1, {"state": "in_hand"}),
            Entry(no, Happened.ANSWERED, NOW, "grid"),
        ),
        (Tell(resident, Role.RESIDENT, Thanked(no, "满意"), no),),
    )
    with pytest.raises(Stale):
        write(town, late, "b")
    assert town.snapshot() == before


def test_of_ten_who_decide_on_the_same_facts_one_is_written(town: Town, resident: int) -> None:
    no = an_issue(town, resident)
    barrier = Barrier(10)

    def move(number: int) -> bool:
        entry = Entry(no, Happened.ESCALATED, NOW, "community")
        decision = Decision((Update(no, 1, {"reminders": number}), entry))
        barrier.wait(5)
        try:
            write(town, decision, f"t{number}")
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(move, range(10))) == 1
    assert town.history(no) == ["opened grid", "escalated community"]
    assert town.issue(no)["version"] == 2


def test_a_notice_is_made_once_however_often_its_cause_is_written(
    town: Town, resident: int
) -> None:
    no = an_issue(town, resident)
    tell = Tell(resident, Role.RESIDENT, Thanked(no, "满意"), no)
    write(town, Decision(tells=(tell, tell)), "same")
    write(town, Decision(tells=(tell,)), "same")
    write(town, Decision(tells=(tell,)), "other")
    assert len(town.rows("select 1 from outbox where kind = 'thanked'")) == 2


def test_who_has_not_joined_is_sent_nothing(town: Town, resident: int) -> None:
    absent = town.one("insert into people (name) values ('未到') returning id")["id"]
    write(town, Decision(tells=(Tell(absent, Role.STAFF, Greeted()),)))
    assert town.rows("select 1 from outbox where kind = 'greeted'") == []


def test_history_is_never_changed(town: Town, resident: int) -> None:
    an_issue(town, resident)
    for statement in ("update history set tier = 'x'", "delete from history"):
        with pytest.raises(psycopg.errors.RaiseException):
            town.rows(f"{statement} returning id")


def test_kept_words_join_one_issue_only(town: Town, resident: int) -> None:
    first, second = an_issue(town, resident), an_issue(town, resident, "m2")
    write(town, Decision((Keep("m3", None, resident, "text", "话", {}, NOW),)), "c")
    write(town, Decision((Attach("m3", first), Attach("m3", second))), "d")
    assert town.one("select issue_no from messages where id = 'm3'")["issue_no"] == first


def test_a_question_left_open_is_stored_and_read_back(town: Town, resident: int) -> None:
    waiting = Awaiting("relay", NOW, no=3)
    write(town, Decision((SetPerson(resident, {"awaiting": waiting}),)))
    stored = town.one("select awaiting from people where id = %(id)s", id=resident)["awaiting"]
    assert Awaiting.from_json(stored) == waiting
    write(town, Decision((SetPerson(resident, {"awaiting": None}),)), "e")
    assert town.one("select awaiting from people where id = %(id)s", id=resident) == {
        "awaiting": None
    }


def a_request(town: Town, resident: int, number: str = "A101", key: str = "j") -> int:
    home = town.one("select id from households where number = %(n)s", n=number)["id"]
    asked = AskToJoin(NEW, resident, home, None, "liaison", NOW, NOW + timedelta(days=1))
    (request,) = write(town, Decision((asked,)), key).changes
    assert isinstance(request, AskToJoin)
    return request.no


def memberships(town: Town) -> list[tuple[str, bool]]:
    rows = town.rows("select state, until is null as open from memberships order by id")
    return [(row["state"], row["open"]) for row in rows]


def test_asking_anew_ends_what_nobody_answered(town: Town, resident: int) -> None:
    a_request(town, resident)
    a_request(town, resident, "A201", "j2")
    assert memberships(town) == [("left", False), ("pending", True)]


def test_being_known_ends_every_other_household(town: Town, resident: int) -> None:
    by = person(town, "王联络")
    write(town, Decision((AnswerJoin(a_request(town, resident), resident, True, by, NOW),)), "y")
    second = a_request(town, resident, "A201", "j2")
    write(town, Decision((AnswerJoin(second, resident, True, by, NOW),)), "z")
    assert memberships(town) == [("left", False), ("recognised", True)]


@pytest.mark.parametrize("known", [True, False])
def test_a_request_is_answered_once(town: Town, resident: int, known: bool) -> None:
    by, request = person(town, "王联络"), a_request(town, resident)
    write(town, Decision((AnswerJoin(request, resident, known, by, NOW),)), "y")
    before = memberships(town)
    with pytest.raises(Stale):
        write(town, Decision((AnswerJoin(request, resident, not known, by, NOW),)), "z")
    write(town, Decision((PassJoin(request, "grid", NOW),)), "p")
    assert memberships(town) == before


def test_a_code_is_claimed_once_and_takes_everything_along(town: Town, resident: int) -> None:
    no = an_issue(town, resident)
    write(town, Decision(tells=(Tell(resident, Role.RESIDENT, Thanked(no, "满意"), no),)), "t")
    (heir,) = town.rows(
        "insert into people (name, phone) values ('新人', '13600000000') returning id"
    )
    town.rows(
        "insert into invites (person_id, code, made_at, expires_at)"
        " values (%(id)s, 'NEWCODE9', now(), now()) returning id",
        id=heir["id"],
    )
    claim = Decision((ClaimInvite(heir["id"], resident, "居民", NOW),))
    write(town, claim, "c")
    joined = town.one("select id, name from people where openid = '居民'")
    assert joined == {"id": heir["id"], "name": "新人"}
    assert town.issue(no)["resident_id"] == heir["id"]
    owners: list[dict[str, Any]] = town.rows("select person_id from outbox where kind = 'thanked'")
    assert owners == [{"person_id": heir["id"]}]
    with pytest.raises(Stale):
        write(town, claim, "c2")


def test_who_leaves_makes_what_they_hold_due_now(town: Town, resident: int) -> None:
    no, later = an_issue(town, resident), NOW + timedelta(minutes=5)
    write(town, Decision((LeaveHeld(person(town, "张网格"), later),)), "l")
    assert (town.issue(no)["due_at"], town.issue(no)["version"]) == (later, 2)


def test_how_an_act_was_answered_is_kept_with_what_it_caused(
    town: Town, resident: int, connection: Connection
) -> None:
    no = an_issue(town, resident)
    replies = (changes.Replied(Thanked(no, "满意"), Role.RESIDENT, "谢谢"),)
    answer = Answer(resident, "居民", "谢谢", replies)
    changes.write(connection, Decision(), Source("r", NOW), word, answer)
    noted = town.rows("select role, state, channel from outbox where key like 'r:%%'")
    assert noted == [{"role": "resident", "state": "sent", "channel": "passive"}]
    assert town.one("select reply, state from inbox where key = 'r'") == {
        "reply": "谢谢",
        "state": "done",
    }
