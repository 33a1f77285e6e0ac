"""Several conversations at once: everybody hears what is theirs, and nobody another's words."""

from tests.stories.district import District, all_heard, number, times_heard


def test_two_residents_of_one_liaison_never_hear_each_others_words(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    liaison = here.joins(here.liaison)
    room, other_room = here.rooms
    wang = here.moves_in("王秀兰", liaison, room)
    li = here.moves_in("李大爷", liaison, other_room)
    water = number(wang.says("停水了"))
    liaison.hears("停水了", f"#{water}", room)
    lift = number(li.says("电梯坏了"))
    liaison.hears("电梯坏了", f"#{lift}", other_room)

    liaison.says("马上就来")
    asked = liaison.hears("哪一件", f"#{water}", f"#{lift}", room, other_room)
    assert "没有发出去" in asked
    wang.hears_nothing_of("马上就来")
    li.hears_nothing_of("马上就来", during=0)
    liaison.says(f"#{lift}")
    li.hears(f"#{lift}", "马上就来")

    liaison.says(f"#{water} 下午两点来水")
    liaison.hears("已转给", room)
    wang.hears(f"#{water}", "下午两点来水")
    liaison.says(f"{lift}号，师傅十分钟到")
    li.hears(f"#{lift}", "师傅十分钟到")
    wang.says("好，两点我在家")
    liaison.hears(f"#{water}", room, "好，两点我在家")

    for words in ("下午两点来水", "停水了", "两点我在家", f"#{water}"):
        assert words not in all_heard(li)
    for words in ("师傅十分钟到", "马上就来", "电梯坏了", f"#{lift}"):
        assert words not in all_heard(wang)


def test_two_of_one_household_have_each_their_own_issue(district_at_ease: District) -> None:
    here = district_at_ease
    liaison = here.joins(here.liaison)
    wife = here.moves_in("王秀兰", liaison, here.rooms[0])
    husband = here.moves_in("老王", liaison, here.rooms[0])
    hers = number(wife.says("邻居太吵"))
    liaison.hears("邻居太吵")
    his = number(husband.says("想换把门锁"))
    assert hers != his
    liaison.hears("想换把门锁")
    liaison.says(f"#{hers} 我今晚去说说")
    wife.hears("我今晚去说说")
    husband.says("进度")
    husband.hears(f"#{his}", "想换把门锁")
    for words in ("邻居太吵", "我今晚去说说", f"#{hers}"):
        assert words not in all_heard(husband)


def test_words_before_binding_go_to_the_doors_grid_and_move_to_the_liaison(
    district_at_ease: District,
) -> None:
    here = district_at_ease
    chain = here.all_join()
    grid = here.people.staff[0].row.name
    newcomer = here.stranger("新来的")
    newcomer.scans(here.scene)
    no = number(newcomer.says("楼下有人堆杂物"))
    newcomer.hears(f"#{no}", grid, "绑定")
    chain.grid.hears("楼下有人堆杂物", f"#{no}")
    assert here.issue(no).entry.household is None
    assert times_heard(chain.liaison, "楼下有人堆杂物") == 0

    newcomer.says(f"绑定 {here.rooms[0]}")
    newcomer.hears(here.liaison.row.name, f"#{no}", "转过去")
    chain.liaison.hears("楼下有人堆杂物", f"#{no}", "还没认识")
    issue = here.issue(no).entry
    assert (issue.state, issue.tier, issue.holder.name) == (
        "waiting",
        "liaison",
        here.liaison.row.name,
    )
    assert issue.household == here.people.households[0].code

    chain.liaison.says(f"#{no} 我去楼下看看")
    newcomer.hears("我去楼下看看")
    assert times_heard(newcomer, "我去楼下看看") == 1
