"""A liaison goes on leave, a neighbour covers and answers, the liaison comes back."""

from bot.desk.rosters import make_invites
from bot.desk.sample import Player
from bot.simulator.phones import Phone
from bot.store import rosters
from tests.stories.district import District, all_heard, number, times_heard


def neighbours(here: District) -> dict[str, Phone]:
    """The other liaisons of the community, joined; by name."""
    with here.bot.engine.begin() as connection:
        present = rosters.present(connection)
    codes = {invite.phone: invite.code for invite in make_invites(here.bot)}
    own = here.liaison.row
    others = [
        row
        for row in present.liaisons
        if row.phone in codes and row.phone != own.phone and row.unit[:4] == own.unit[:4]
    ]
    return {row.name: here.joins(Player(row, codes[row.phone])) for row in others}


def test_a_neighbour_covers_while_the_liaison_is_away(district_at_ease: District) -> None:
    here = district_at_ease
    liaison = here.joins(here.liaison)
    others = neighbours(here)
    wang = here.moves_in("王秀兰", liaison, here.rooms[0])
    name = here.liaison.row.name

    liaison.says("请假 1天")
    liaison.hears("请假到", "替您照看")
    told = wang.hears(name, "请假到", "照看")
    covers = [who for who in others if f"联络员{who}照看" in told]
    assert len(covers) == 1
    cover = others[covers[0]]
    cover.hears("替班", name, here.rooms[0])

    no = number(wang.says("停水了"))
    cover.hears("停水了", f"#{no}")
    cover.says(f"#{no} 水厂在修，六点来水")
    wang.hears(covers[0], "水厂在修，六点来水")
    assert times_heard(liaison, "停水了") == 0
    cover.says(f"办结 #{no} 来水了")
    wang.hears("已办结")
    wang.says(f"满意 #{no}")

    liaison.says("销假")
    liaison.hears("欢迎回来")
    cover.hears("替班结束", name)
    wang.hears(f"联络员{name}回来了")
    lift = number(wang.says("电梯坏了"))
    liaison.hears("电梯坏了", f"#{lift}")
    liaison.says(f"#{lift} 师傅十分钟到")
    wang.hears("师傅十分钟到")
    assert "电梯坏了" not in all_heard(cover)
    for who, phone in others.items():
        if who != covers[0]:
            assert "停水了" not in all_heard(phone)
