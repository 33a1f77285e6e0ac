"""SIGKILL at every numbered point of both paths: nothing lost, nothing doubled, no promise broken.

The points are the turns that a process takes on its lines to PostgreSQL, Redis and WeChat; it dies
before each of them. What is killed is a real process; WeChat repeats, another goes on.
"""

from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from bot.desk.deliver import deliver
from bot.desk.escalate import escalate
from bot.simulator import wire
from bot.simulator.courier import Outcome
from bot.simulator.phones import Phone
from bot.store.engine import transaction
from tests.stories.conftest import NewDistrict
from tests.stories.district import District, Pace, eventually, meanwhile, number, times_heard

from .tapped import Point, Tapped, a_tapped, points

WEB = ("-m", "bot", "web")
CLOCK = ("-m", "workers.clock")
JOB = ("-m", "tests.workers.one_job")
_message_ids = count(8_000_000_000_000_000)


def rows(here: District, query: str, *values: Any) -> list[dict[str, Any]]:
    with transaction(here.bot.engine) as connection:
        return connection.execute(query, values).fetchall()


def envelope(here: District, phone: Phone, words: str) -> str:
    return wire.to_xml(
        {
            "ToUserName": here.platform.account.original_id,
            "FromUserName": phone.openid,
            "CreateTime": int(here.platform.now().timestamp()),
            "MsgType": "text",
            "Content": words,
            "MsgId": next(_message_ids),
        }
    )


def brought(here: District, phone: Phone, xml: str, port: int) -> Outcome:
    """WeChat brings it to the web process at this port, once."""
    courier = replace(here.platform.courier, deliveries=1)
    return courier.deliver(f"http://127.0.0.1:{port}/wechat", phone.openid, xml)


def all_ready(stack: ExitStack, here: District, number: int, *arguments: str) -> list[Tapped]:
    """So many processes, started side by side."""
    return [stack.enter_context(a_tapped(here, *arguments)) for _ in range(number)]


def test_a_web_process_killed_at_every_point_costs_nobody_their_words(
    new_district: NewDistrict,
) -> None:
    here = new_district()
    liaison = here.joins(here.liaison)
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])
    no = number(resident.says("停水了"))
    with ExitStack() as stack:
        (unharmed,) = all_ready(stack, here, 1, *WEB)
        counted = _turns_of_a_message(here, unharmed, resident)
        assert counted["postgres"] >= 1
        assert counted["redis"] >= 1
        every = points(counted)
        doomed = all_ready(stack, here, len(every), *WEB)
        for web, point in zip(doomed, every, strict=True):
            _killed_while_told(here, web, point, resident)
    said = rows(here, "select text, issue_no from messages where text like '记%%' order by at")
    assert [row["text"] for row in said] == [f"记{number}号" for number in range(len(every))]
    assert {row["issue_no"] for row in said} == {no}
    told = rows(here, "select text from outbox where role = 'liaison' and text like '%%记%%号%%'")
    assert len(told) == len(every)
    assert here.broken() == {}


def _turns_of_a_message(here: District, web: Tapped, resident: Phone) -> dict[str, int]:
    """At Redis as many as there are at most: an outstanding nudge saves some."""
    web.program.waits_until_served(web.port)
    counted = []
    for words in ("在吗一", "在吗二", "在吗三"):
        xml = envelope(here, resident, words)
        counted.append(web.turns(lambda xml=xml: brought(here, resident, xml, web.port)))  # type: ignore[misc]
    first_opens_lines, *later = counted
    del first_opens_lines
    return {line: max(turns[line] for turns in later) for line in ("postgres", "redis")}


_killed_so_far = count()


def _killed_while_told(here: District, web: Tapped, point: Point, resident: Phone) -> None:
    web.program.waits_until_served(web.port)
    brought(here, resident, envelope(here, resident, "热身"), web.port)
    xml = envelope(here, resident, f"记{next(_killed_so_far)}号")
    web.taps[point[0]].hold(point[1])
    telling = meanwhile(lambda: brought(here, resident, xml, web.port))
    assert web.dies_at(point, lambda: not telling.is_alive()) or point[0] == "redis", point
    telling.join()
    again = brought(here, resident, xml, here.settings.port)
    assert again.words
    assert again.words == brought(here, resident, xml, here.settings.port).words


def test_a_sender_killed_at_every_point_sends_nothing_twice_and_loses_nothing(
    new_district: NewDistrict,
) -> None:
    here = new_district()
    liaison = here.joins(here.liaison)
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])
    no = number(resident.says("停水了"))
    liaison.hears("停水了")
    _nobody_at_work(here)
    with ExitStack() as stack:
        (unharmed,) = all_ready(stack, here, 1, *JOB, "deliver")
        _relayed(here, resident, liaison, no, "一切照常")
        every = _points_of(unharmed)
        assert times_heard(resident, "一切照常") == 1
        doomed = all_ready(stack, here, len(every), *JOB, "deliver")
        became = {
            point: _killed_while_sending(here, one, point, (resident, liaison, no))
            for one, point in zip(doomed, every, strict=True)
        }
    assert became["wechat", 1] == ("unknown", 0)
    assert became["postgres", 1] == ("sent", 1)
    assert set(became.values()) <= {("sent", 1), ("unknown", 0), ("unknown", 1)}
    assert ("unknown", 1) in became.values()
    assert here.broken() == {}


def _nobody_at_work(here: District) -> None:
    _settle(here)
    here.worker.kill()
    here.clock.kill()
    _healed(here)


def _settle(here: District) -> None:
    eventually(lambda: not rows(here, "select id from outbox where state = 'pending'"))


def _relayed(here: District, resident: Phone, liaison: Phone, no: int, words: str) -> None:
    """The resident writes, so that they can be reached, and is answered."""
    resident.says("好的，等您")
    liaison.says(f"#{no} {words}")
    rows(
        here,
        "update outbox set state = 'sent', settled_at = now() where state = 'pending'"
        " and role = 'liaison' returning id",
    )


def _points_of(job: Tapped) -> list[Point]:
    """Of a job that nothing happens to."""
    job.program.waits_until("one_job_ready")

    def done() -> None:
        job.program.wake()
        job.program.waits_until("one_job_done")

    return points(job.turns(done))


def _killed_while_sending(
    here: District, job: Tapped, point: Point, talk: tuple[Phone, Phone, int]
) -> tuple[str, int]:
    """What became of the notice, and how often the phone shows it."""
    resident, liaison, no = talk
    words = f"记{next(_killed_so_far)}号"
    _relayed(here, resident, liaison, no, words)
    job.program.waits_until("one_job_ready")
    job.taps[point[0]].hold(point[1])
    job.program.wake()
    job.dies_at(point)
    _healed(here)
    (row,) = rows(here, "select state from outbox where text like %s", f"%{words}%")
    return row["state"], times_heard(resident, words)


def _healed(here: District) -> None:
    """Leases end, which is not waited for, and another sender looks."""
    rows(here, "update people set sending_until = null where sending_until > now() returning id")
    rows(
        here,
        "update outbox set lease_until = now() - interval '1 s'"
        " where state = 'pending' and lease_until is not null returning id",
    )
    # The database may still be ending the killed one's transaction, whose rows are passed by.
    eventually(lambda: _delivered(here))


def _delivered(here: District) -> bool:
    deliver(here.bot)
    return not rows(here, "select id from outbox where state = 'pending' and next_at <= now()")


def test_an_escalation_killed_at_every_point_steps_once(new_district: NewDistrict) -> None:
    here = new_district()
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    _nobody_at_work(here)
    with ExitStack() as stack:
        (unharmed,) = all_ready(stack, here, 1, *JOB, "escalate", "liaison")
        first = _overdue(here, resident)
        every = _points_of(unharmed)
        doomed = all_ready(stack, here, len(every), *JOB, "escalate", "liaison")
        numbers, reached = [first], 0
        for job, point in zip(doomed, every, strict=True):
            numbers.append(_overdue(here, resident))
            job.program.waits_until("one_job_ready")
            job.taps[point[0]].hold(point[1])
            job.program.wake()
            reached += job.dies_at(point)
            escalate(here.bot)
    assert reached >= len(every) - 2, "how many turns a job takes depends on what it finds"
    for no in numbers:
        assert here.steps(no) == ["opened liaison", "escalated grid"]
        told = rows(here, "select id from outbox where issue_no = %s and kind = 'moved_up'", no)
        assert len(told) == 1
    assert here.broken() == {}


def _overdue(here: District, resident: Phone) -> int:
    no = number(resident.says("新问题 路灯不亮"))
    rows(here, "update issues set due_at = now() where no = %s returning no", no)
    return no


def test_clocks_killed_at_every_point_hold_up_and_double_no_step(
    new_district: NewDistrict,
) -> None:
    tick = 0.5
    here = new_district(Pace(answer="2s", answer_above="10m"))
    chain = here.all_join()
    resident = here.moves_in("王秀兰", chain.liaison, here.rooms[0])
    with ExitStack() as stack:
        every: list[Point] = [("postgres", turn) for turn in (1, 2, 3)]
        every += [("redis", turn) for turn in (1, 2, 3)]
        doomed = all_ready(stack, here, len(every), *CLOCK)
        for clock in doomed:
            clock.program.waits_until("clock_ready")
        numbers = []
        for clock, point in zip(doomed, every, strict=True):
            chain.liaison.says("待办")  # or WeChat would let them be told no more
            numbers.append(number(resident.says("新问题 路灯不亮")))
            clock.taps[point[0]].hold(point[1])
            assert clock.dies_at(point), point

        def climbed() -> bool:
            chain.grid.says("待办")  # nor would they be, and whom nothing reaches keeps nothing
            resident.says("进度")
            return all(len(here.steps(no)) == 2 for no in numbers)

        eventually(climbed)
    for no in numbers:
        assert here.steps(no) == ["opened liaison", "escalated grid"]
        opened, stepped = here.issue(no).history
        late = (stepped.at - opened.at).total_seconds() - 2.0
        assert 0 <= late < 2 * tick + 1, "a second more for a machine that is busy"
    assert here.broken() == {}


@pytest.fixture(autouse=True)
def nothing_so_far() -> None:
    global _killed_so_far  # noqa: PLW0603 — each test counts from nought
    _killed_so_far = count()
