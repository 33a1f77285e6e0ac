"""A resident shows what is broken, her liaison tells her by voice what is done about it."""

from tests.stories.district import District, number


def test_pictures_and_voice_go_both_ways(district_at_ease: District) -> None:
    here = district_at_ease
    liaison = here.all_join().liaison
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])

    no = number(resident.sends("image"))
    liaison.hears(f"#{no}", "[图片]", here.rooms[0])
    picture = liaison.sees("image")
    assert picture.media_id in here.platform.media.by_id

    resident.records(seconds=4)
    liaison.hears("[语音]", f"全文 #{no}")
    liaison.says(f"全文 #{no}")
    liaison.sees("voice")

    liaison.says(f"#{no}")
    liaison.hears("接着发的一条会转到", f"#{no}")
    liaison.sends("voice")
    resident.hears(f"#{no}", here.liaison.row.name, "[语音]")
    resident.sees("voice")
    liaison.sends("image")
    resident.hears("[图片]", f"全文 #{no}")  # what is left of the quota is for words
    assert "[图片]" in (resident.says("全文") or "")
    resident.sees("image")

    liaison.says(f"办结 {no} 换好了")
    resident.hears("已办结", f"满意 #{no}")
    assert here.issue(no).entry.state == "resolved"
    kept = sorted((here.folder / "media").rglob("*.*"))
    assert [path.suffix for path in kept].count(".jpg") == 2
    assert [path.suffix for path in kept].count(".amr") == 2


def test_long_words_are_told_by_their_opening_and_read_whole(district_at_ease: District) -> None:
    here = district_at_ease
    liaison = here.all_join().liaison
    resident = here.moves_in("王秀兰", liaison, here.rooms[0])
    words = "".join(f"第{n}天，楼上一直在漏水，找过物业三次。" for n in range(100))
    no = number(resident.says(words))
    liaison.hears("第0天", f"全文 #{no}")
    liaison.says(f"全文 #{no}")
    read = ""
    while "第99天" not in read:
        read += liaison.hears("天，楼上")
    assert words in read
